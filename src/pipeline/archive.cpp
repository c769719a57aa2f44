// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/archive.h"

#include <istream>
#include <ostream>

#include "sinterscope/core/error.h"

namespace sinterscope {

void Archive::raw(void* bytes, std::size_t count) {
  const auto n = static_cast<std::streamsize>(count);
  if (reading() ? !in_->read(static_cast<char*>(bytes), n) : !out_->write(static_cast<const char*>(bytes), n))
    throw Error(reading() ? "the stored bytes end early" : "the bytes could not be written");
}

void Archive::image(cv::Mat& pixels) {
  int rows = pixels.rows, columns = pixels.cols, type = pixels.type();
  exchange(rows);
  exchange(columns);
  exchange(type);
  // Own pixels, never those that another image shares.
  if (reading()) pixels = cv::Mat(rows, columns, type);
  const std::size_t row_bytes = static_cast<std::size_t>(pixels.cols) * pixels.elemSize();
  for (int y = 0; y < pixels.rows; ++y) raw(pixels.ptr(y), row_bytes);
}

}  // namespace sinterscope
