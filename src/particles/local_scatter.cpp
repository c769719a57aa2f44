// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/local_scatter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "interpolated.h"
#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

constexpr int block_px = 48;              ///< octave px; large against the filter, small against a facet
constexpr double typical_quantile = 0.8;  ///< of the blocks' scatter
constexpr double typical_share = 0.7;     ///< of it below which no block's scatter is believed

/// median() of a few hundred positive values: only those that share their leading bits with it are ordered.
/// Of a positive float a larger one has larger bits.
float median_of_positive(std::vector<float>& values) {
  constexpr int dropped_bits = 20;  // sign, exponent and three bits of the fraction stay
  const auto leading_bits = [](float value) { return std::bit_cast<std::uint32_t>(value) >> dropped_bits; };
  std::array<std::uint16_t, 1U << (32 - dropped_bits)> count{};
  std::uint32_t at = 0;
  for (const float value : values) {
    ++count[leading_bits(value)];
    at = std::max(at, leading_bits(value));
  }
  std::size_t above = values.size() - 1 - values.size() / 2;  // values that are higher
  for (; above >= count[at]; --at) above -= count[at];
  std::erase_if(values, [&](float value) { return leading_bits(value) != at; });
  const auto found = values.end() - 1 - static_cast<std::ptrdiff_t>(above);
  std::nth_element(values.begin(), found, values.end());
  return *found;
}

}  // namespace

LocalScatter::LocalScatter(const BlobLevel& level, const cv::Mat1b& searched, bool bright)
    : size_(level.response.size()) {
  const float sign = bright ? 1.0F : -1.0F;
  const cv::Mat1f& r = level.response;
  const int across = std::max(1, r.cols / block_px), down = std::max(1, r.rows / block_px);
  blocks_ = cv::Mat1f(down, across, 0.0F);
  const auto on_image = [&](int at, int size) {
    return std::min(static_cast<int>(at * level.reduction), size - 1);
  };
  std::vector<int> column;  // of the mask, for each of the level
  for (int x = 0; x < r.cols; ++x) column.push_back(on_image(x, searched.cols));
  std::vector<float> known, sample;
  for (int j = 0; j < down; ++j)
    for (int i = 0; i < across; ++i) {
      std::size_t n = 0;
      sample.resize(static_cast<std::size_t>((r.rows / down + 1) * (r.cols / across + 1)));
      for (int y = j * r.rows / down; y < (j + 1) * r.rows / down; y += 2) {
        const float* response = r[y];
        const uchar* inside = searched.empty() ? nullptr : searched[on_image(y, searched.rows)];
        for (int x = i * r.cols / across; x < (i + 1) * r.cols / across; x += 2) {
          // One half of all values is kept, in no order that a processor could guess: no branch.
          sample[n] = -sign * response[x];
          n +=
              static_cast<std::size_t>(sample[n] > 0.0F) &
              static_cast<std::size_t>(inside == nullptr || inside[column[static_cast<std::size_t>(x)]] != 0);
        }
      }
      sample.resize(n);
      if (sample.size() < 30) continue;
      blocks_(j, i) = static_cast<float>(median_to_sd) * median_of_positive(sample);
      known.push_back(blocks_(j, i));
    }
  if (known.empty()) return;
  const auto at =
      known.begin() + static_cast<std::ptrdiff_t>(typical_quantile * static_cast<double>(known.size() - 1));
  std::nth_element(known.begin(), at, known.end());
  typical_ = *at;
  for (float& block : blocks_) block = std::max(block, static_cast<float>(least()));
}

double LocalScatter::least() const { return typical_share * static_cast<double>(typical_); }

double LocalScatter::at(int x, int y) const {
  return interpolated(blocks_, (x + 0.5) * blocks_.cols / size_.width - 0.5,
                      (y + 0.5) * blocks_.rows / size_.height - 0.5);
}

}  // namespace sinterscope
