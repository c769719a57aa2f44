// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_format.h"

#include <algorithm>

#include "sinterscope/io/bmp_frames.h"
#include "sinterscope/io/hdf5_frames.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/jpeg_frames.h"
#include "sinterscope/io/png_frames.h"
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
  return FileFormat::unknown;
}

}  // namespace sinterscope
