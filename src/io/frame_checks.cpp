// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/frame_checks.h"

#include <algorithm>
#include <vector>

namespace sinterscope {
namespace {

// The commonest value of a row and its share.
struct Commonest {
  int value = 0;
  double share = 0.0;
};

template <typename Sample>
Commonest commonest(const cv::Mat& image, int y) {
  const auto* first = image.ptr<Sample>(y);
  std::vector<Sample> row(first, first + image.cols);
  std::sort(row.begin(), row.end());
  Commonest best;
  for (auto at = row.begin(); at != row.end();) {
    const auto next = std::upper_bound(at, row.end(), *at);
    const double share = static_cast<double>(next - at) / image.cols;
    if (share > best.share) best = {*at, share};
    at = next;
  }
  return best;
}

}  // namespace

int suspected_bar_rows(const cv::Mat& native) {
  constexpr double largest_share = 0.25;  // of the height
  constexpr int fewest_rows = 8;
  constexpr double bar_share = 0.5;    // text and scale bar cover the rest
  constexpr double image_share = 0.3;  // noise spreads the values of an image row
  if (native.channels() != 1 || (native.depth() != CV_8U && native.depth() != CV_16U)) return 0;
  const auto row_at = [&native](int y) {
    return native.depth() == CV_8U ? commonest<std::uint8_t>(native, y) : commonest<std::uint16_t>(native, y);
  };
  const int most = static_cast<int>(largest_share * native.rows);
  if (native.rows < 4 * fewest_rows) return 0;
  const int background = row_at(native.rows - 1).value;
  int rows = 0;
  int kept = 0;  // rows of text inside the bar may be busier: up to half of them
  for (int y = native.rows - 1; y >= native.rows - most; --y) {
    const Commonest row = row_at(y);
    const bool like_bar = row.value == background && row.share >= bar_share;
    if (like_bar) {
      ++kept;
      rows = native.rows - y;
    } else if (2 * kept < native.rows - y) {
      break;
    }
  }
  if (rows < fewest_rows || rows >= most) return 0;
  for (int y = native.rows - rows - 1; y >= std::max(0, native.rows - 2 * rows); --y)
    if (row_at(y).share > image_share) return 0;
  return rows;
}

}  // namespace sinterscope
