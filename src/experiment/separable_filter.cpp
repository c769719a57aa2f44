// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/separable_filter.h"

#include <algorithm>
#include <cstddef>

namespace sinterscope {
namespace {

constexpr int together = 64;  ///< pixels whose sums are kept in registers

using Weights = std::vector<float>;

#define SINTERSCOPE_INLINE [[gnu::always_inline]] inline

/// So many floats side by side, at any address.
template <int lanes>
struct Lanes;
template <>
struct Lanes<4> {
  using Floats = float __attribute__((vector_size(16), aligned(4), may_alias));
};
template <>
struct Lanes<8> {
  using Floats = float __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct Lanes<16> {
  using Floats = float __attribute__((vector_size(64), aligned(4), may_alias));
};

/// Loops over rows, several pixels in one instruction. count: a multiple of `together`.
template <int lanes>
struct Sums {
  using Several = typename Lanes<lanes>::Floats;
  static constexpr int vectors = 4;

  SINTERSCOPE_INLINE static const Several& load(const float* at) {
    return *reinterpret_cast<const Several*>(at);
  }
  SINTERSCOPE_INLINE static Several& store(float* at) { return *reinterpret_cast<Several*>(at); }

  /// to[x] = sum over k of weights[k] * from[x + k].
  SINTERSCOPE_INLINE static void along(const Weights& weights, const float* from, int count, float* to) {
    for (int x = 0; x < count; x += vectors * lanes) {
      Several sum[vectors] = {};
      for (std::size_t k = 0; k < weights.size(); ++k)
        for (int v = 0; v < vectors; ++v) sum[v] += load(from + x + k + v * lanes) * weights[k];
      for (int v = 0; v < vectors; ++v) store(to + x + v * lanes) = sum[v];
    }
  }
  /// to[x] = sum over k of weights[k] * rows[k][x].
  SINTERSCOPE_INLINE static void across(const Weights& weights, const float* const* rows, int count,
                                        float* to) {
    for (int x = 0; x < count; x += vectors * lanes) {
      Several sum[vectors] = {};
      for (std::size_t k = 0; k < weights.size(); ++k)
        for (int v = 0; v < vectors; ++v) sum[v] += load(rows[k] + x + v * lanes) * weights[k];
      for (int v = 0; v < vectors; ++v) store(to + x + v * lanes) = sum[v];
    }
  }
  /// The same where weights are alike on both sides of the middle.
  SINTERSCOPE_INLINE static void across_alike(const Weights& weights, const float* const* rows, int count,
                                              float* to) {
    const std::size_t middle = weights.size() / 2;
    for (int x = 0; x < count; x += vectors * lanes) {
      Several sum[vectors];
      for (int v = 0; v < vectors; ++v) sum[v] = load(rows[middle] + x + v * lanes) * weights[middle];
      for (std::size_t k = 1; k <= middle; ++k)
        for (int v = 0; v < vectors; ++v)
          sum[v] += (load(rows[middle + k] + x + v * lanes) + load(rows[middle - k] + x + v * lanes)) *
                    weights[middle + k];
      for (int v = 0; v < vectors; ++v) store(to + x + v * lanes) = sum[v];
    }
  }
};

struct Loops {
  void (*along)(const Weights&, const float*, int, float*);
  void (*across)(const Weights&, const float* const*, int, float*);
  void (*across_alike)(const Weights&, const float* const*, int, float*);
};

/// The loops, compiled for the instructions that TARGET names.
#define SINTERSCOPE_LOOPS(NAME, LANES, TARGET)                                                        \
  TARGET void NAME##_along(const Weights& w, const float* from, int count, float* to) {               \
    Sums<LANES>::along(w, from, count, to);                                                           \
  }                                                                                                   \
  TARGET void NAME##_across(const Weights& w, const float* const* rows, int count, float* to) {       \
    Sums<LANES>::across(w, rows, count, to);                                                          \
  }                                                                                                   \
  TARGET void NAME##_across_alike(const Weights& w, const float* const* rows, int count, float* to) { \
    Sums<LANES>::across_alike(w, rows, count, to);                                                    \
  }                                                                                                   \
  constexpr Loops NAME{&NAME##_along, &NAME##_across, &NAME##_across_alike};

SINTERSCOPE_LOOPS(anywhere, 4, )
#ifdef __x86_64__
SINTERSCOPE_LOOPS(with_avx2, 8, __attribute__((target("avx2,fma"))))
SINTERSCOPE_LOOPS(with_avx512, 16, __attribute__((target("avx512f"))))
#endif

const Loops& fastest_loops() {
#ifdef __x86_64__
  static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
                    wider = __builtin_cpu_supports("avx512f");
  if (wider) return with_avx512;
  if (wide) return with_avx2;
#endif
  return anywhere;
}

bool alike_on_both_sides(const std::vector<float>& weights) {
  return std::equal(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(weights.size() / 2),
                    weights.rbegin());
}

int rounded_up(int count) { return (count + together - 1) / together * together; }

}  // namespace

cv::Mat1f separable_filter(const cv::Mat1f& image, const std::vector<float>& along_x,
                           const std::vector<float>& along_y, int border,
                           const std::function<void(int y, const float* row)>& row_done) {
  const Loops& loops = fastest_loops();
  const auto across = alike_on_both_sides(along_y) ? loops.across_alike : loops.across;
  const int columns = image.cols, rows = image.rows, width = rounded_up(columns);
  const int beside = static_cast<int>(along_x.size() / 2), above = static_cast<int>(along_y.size() / 2);
  std::vector<int> beyond;  // where the pixels left and right of the image come from
  for (int i = 0; i < beside; ++i) {
    beyond.push_back(cv::borderInterpolate(i - beside, columns, border));
    beyond.push_back(cv::borderInterpolate(columns + i, columns, border));
  }
  // Sums from `first` up to `last` see no border.
  const int first = std::min(rounded_up(beside), width);
  const int last = std::max(first, (columns - beside) / together * together);
  std::vector<float> padded(static_cast<std::size_t>(width + 2 * beside), 0.0F);
  std::vector<float> rest(static_cast<std::size_t>(width));
  // The rows that were filtered along x last, row y in place y modulo their number. Rows a power of two apart
  // would drive each other out of the cache.
  cv::Mat1f ring(2 * above + 1, width + together);
  const auto filter_along = [&](int y) {
    const float* from = image[y];
    float* to = ring[y % ring.rows];
    float* copy = padded.data() + beside;
    const auto pixel = [from](int x) { return x < 0 ? 0.0F : from[x]; };
    for (int i = 0; i < beside; ++i) {
      copy[i - beside] = pixel(beyond[static_cast<std::size_t>(2 * i)]);
      copy[columns + i] = pixel(beyond[static_cast<std::size_t>(2 * i + 1)]);
    }
    const int near_left = std::min(first + beside, columns),
              near_right = std::clamp(last - beside, 0, columns);
    std::copy(from, from + near_left, copy);
    std::copy(from + near_right, from + columns, copy + near_right);
    loops.along(along_x, copy - beside, first, to);
    loops.along(along_x, from + first - beside, last - first, to + first);
    loops.along(along_x, copy + last - beside, width - last, to + last);
  };
  const std::vector<float> zeros(static_cast<std::size_t>(width), 0.0F);
  cv::Mat1f result(image.size());
  std::vector<const float*> around(along_y.size());
  for (int y = 0, next = 0; y < rows; ++y) {
    for (; next <= std::min(y + above, rows - 1); ++next) filter_along(next);
    for (int j = -above; j <= above; ++j) {
      const int row = cv::borderInterpolate(y + j, rows, border);
      around[static_cast<std::size_t>(j + above)] = row < 0 ? zeros.data() : ring[row % ring.rows];
    }
    float* to = result[y];
    const int whole = columns / together * together;
    across(along_y, around.data(), whole, to);
    if (whole < columns) {
      for (const float*& one : around) one += whole;
      across(along_y, around.data(), together, rest.data());
      std::copy_n(rest.begin(), columns - whole, to + whole);
    }
    if (row_done) row_done(y, to);
  }
  return result;
}

}  // namespace sinterscope
