// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/open_frames.h"

#include <fmt/format.h>

#include <map>
#include <string>

#include "sinterscope/core/error.h"
#include "sinterscope/io/bmp_frames.h"
#include "sinterscope/io/dm_frames.h"
#include "sinterscope/io/file_format.h"
#include "sinterscope/io/hdf5_frames.h"
#include "sinterscope/io/image_sequence.h"
#include "sinterscope/io/jpeg_frames.h"
#include "sinterscope/io/mrc_frames.h"
#include "sinterscope/io/png_frames.h"
#include "sinterscope/io/ser_frames.h"
#include "sinterscope/io/text_values.h"
#include "sinterscope/io/tiff_frames.h"

namespace sinterscope {
namespace {

using Opener = std::unique_ptr<FrameSource> (*)(const std::filesystem::path&, const OpenOptions&);

// The reader that a name promises, for files whose content is of no known kind: it says what is wrong with
// them.
Opener opener_by_name(const std::filesystem::path& path) {
  static const std::map<std::string, Opener> by_extension{
      {".tif", &open_tiff}, {".tiff", &open_tiff}, {".dm3", &open_dm},   {".dm4", &open_dm},
      {".ser", &open_ser},  {".mrc", &open_mrc},   {".mrcs", &open_mrc}, {".map", &open_mrc},
      {".png", &open_png},  {".jpg", &open_jpeg},  {".emd", &open_hdf5}, {".hspy", &open_hdf5},
      {".h5", &open_hdf5},  {".hdf5", &open_hdf5}};
  const auto found = by_extension.find(lower(path.extension().string()));
  return found == by_extension.end() ? nullptr : found->second;
}

}  // namespace

std::unique_ptr<FrameSource> open_frames(const std::filesystem::path& path, const OpenOptions& options) {
  validate(options);
  if (std::filesystem::is_directory(path))
    if (const std::string name = unsupported_format(path); !name.empty())
      throw Error(fmt::format("{}: is {}", path.string(), name));
  if (is_glob_pattern(path) || std::filesystem::is_directory(path)) return open_image_sequence(path, options);
  if (!std::filesystem::exists(path)) throw Error(fmt::format("{}: there is no such file", path.string()));
  switch (file_format(path)) {
    case FileFormat::tiff:
      return open_tiff(path, options);
    case FileFormat::png:
      return open_png(path, options);
    case FileFormat::jpeg:
      return open_jpeg(path, options);
    case FileFormat::bmp:
      return open_bmp(path, options);
    case FileFormat::hdf5:
      return open_hdf5(path, options);
    case FileFormat::dm:
      return open_dm(path, options);
    case FileFormat::ser:
      return open_ser(path, options);
    case FileFormat::emi:
      return open_emi(path, options);
    case FileFormat::mrc:
      return open_mrc(path, options);
    case FileFormat::unknown:
      break;
  }
  if (const std::string name = unsupported_format(path); !name.empty())
    throw Error(fmt::format("{}: is {}", path.string(), name));
  if (const Opener opener = opener_by_name(path)) return opener(path, options);
  throw Error(fmt::format("{}: its first bytes are those of no known image format: export it as TIFF",
                          path.string()));
}

}  // namespace sinterscope
