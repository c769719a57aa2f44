// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_format.h"

#include <algorithm>
#include <array>

#include "sinterscope/io/bmp_frames.h"
#include "sinterscope/io/dm_tags.h"
#include "sinterscope/io/emi_file.h"
#include "sinterscope/io/hdf5_file.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/jpeg_frames.h"
#include "sinterscope/io/mrc_frames.h"
#include "sinterscope/io/png_frames.h"
#include "sinterscope/io/ser_frames.h"
#include "sinterscope/io/tiff_directory.h"

namespace sinterscope {

FileFormat file_format(const std::filesystem::path& path) {
  constexpr std::uint64_t head_bytes = 4096;
  const InputFile file(path);
  if (file.size() == 0) throw file.error("is empty (0 bytes): copy it again");
  const std::string head = file.text(0, std::min(head_bytes, file.size()), "first bytes");
  if (is_tiff(head)) return FileFormat::tiff;
  if (is_png(head)) return FileFormat::png;
  if (is_jpeg(head)) return FileFormat::jpeg;
  if (is_bmp(head)) return FileFormat::bmp;
  if (is_hdf5(head)) return FileFormat::hdf5;
  if (is_dm(head)) return FileFormat::dm;
  if (is_ser(head)) return FileFormat::ser;
  if (is_emi(head)) return FileFormat::emi;
  if (is_mrc(head)) return FileFormat::mrc;
  return FileFormat::unknown;
}

std::string unsupported_format(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  if (fs::is_directory(path)) {
    const bool zarr =
        fs::exists(path / ".zgroup") || fs::exists(path / ".zarray") || fs::exists(path / "zarr.json");
    return zarr ? "zarr (a .zspy of HyperSpy): save it as .hspy" : "";
  }
  struct Mark {
    std::size_t at;
    std::string_view bytes;
    const char* name;
  };
  using namespace std::string_view_literals;
  constexpr std::array marks{
      Mark{0, "GIF8"sv, "GIF: save it as TIFF or PNG"},
      Mark{8, "AVI "sv, "an AVI film: lossy and without scale, export the frames as TIFF"},
      Mark{8, "WEBP"sv, "WebP: save it as TIFF or PNG"},
      Mark{4, "ftyp"sv, "an MP4 or MOV film: lossy and without scale, export the frames as TIFF"},
      Mark{0, "\x1A\x45\xDF\xA3"sv, "a Matroska film: lossy and without scale, export the frames as TIFF"},
      Mark{0, "PK\x03\x04"sv,
           "a ZIP archive (a .zspy of HyperSpy, or packed images): unpack it, or save it as .hspy"},
      Mark{0, "\x1F\x8B"sv, "gzip: unpack it first"},
      Mark{0,
           "\xFD"
           "7zXZ"sv,
           "xz: unpack it first"},
      Mark{0, "ZISRAWFILE"sv, "Zeiss CZI: export it as OME-TIFF"},
      Mark{0, "\xDA\xCE\xBE\x0A"sv, "Nikon ND2: export it as OME-TIFF"},
      Mark{0, "%PDF"sv, "a PDF document, not an image"},
      Mark{0, "\x00\x00\x00\x0CjP  "sv, "JPEG 2000: save it as TIFF"}};
  const InputFile file(path);
  const std::string head = file.text(0, std::min<std::uint64_t>(32, file.size()), "first bytes");
  for (const Mark& mark : marks)
    if (head.size() >= mark.at && std::string_view(head).substr(mark.at, mark.bytes.size()) == mark.bytes)
      return mark.name;
  return "";
}

}  // namespace sinterscope
