// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/open_frames.h"

#include <fmt/format.h>

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
#include "sinterscope/io/tiff_frames.h"

namespace sinterscope {

std::unique_ptr<FrameSource> open_frames(const std::filesystem::path& path, const OpenOptions& options) {
  validate(options);
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
  throw Error(fmt::format("{}: its first bytes are those of no known image format: export it as TIFF",
                          path.string()));
}

}  // namespace sinterscope
