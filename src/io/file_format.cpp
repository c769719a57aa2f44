// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_format.h"

#include <algorithm>

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

}  // namespace sinterscope
