// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sinterscope {

namespace {

/// Index mirrored about the rims, for any distance.
int mirrored(int i, int n) {
  if (n == 1) return 0;
  const int period = 2 * n - 2;
  i = std::abs(i) % period;
  return i < n ? i : period - i;
}

/// Convolves with (1, 4, 6, 4, 1) / 16, taps `hole` pixels apart, along x and along y.
void smooth(const cv::Mat1f& from, cv::Mat1f& to, int hole) {
  const int rows = from.rows, columns = from.cols, rim = 2 * hole;
  to.create(from.size());
  // Along y a row at a time, into a row with mirrored rims, then along x from there.
  std::vector<float> line(static_cast<std::size_t>(columns + 2 * rim));
  float* middle = line.data() + rim;
  for (int y = 0; y < rows; ++y) {
    const float* a = from[mirrored(y - 2 * hole, rows)];
    const float* b = from[mirrored(y - hole, rows)];
    const float* c = from[y];
    const float* d = from[mirrored(y + hole, rows)];
    const float* e = from[mirrored(y + 2 * hole, rows)];
    for (int x = 0; x < columns; ++x)
      middle[x] = 0.0625F * (a[x] + e[x]) + 0.25F * (b[x] + d[x]) + 0.375F * c[x];
    for (int x = 1; x <= rim; ++x) {
      middle[-x] = middle[mirrored(-x, columns)];
      middle[columns - 1 + x] = middle[mirrored(columns - 1 + x, columns)];
    }
    float* out = to[y];
    for (int x = 0; x < columns; ++x)
      out[x] = 0.0625F * (middle[x - 2 * hole] + middle[x + 2 * hole]) +
               0.25F * (middle[x - hole] + middle[x + hole]) + 0.375F * middle[x];
  }
}

/// Standard deviation of the coefficients of each scale for white noise of 1: the root of the summed squared
/// impulse response, measured once.
const std::vector<float>& noise_of_scales() {
  static const std::vector<float> table = [] {
    std::vector<float> result;
    constexpr int edge = 1025;
    // The filter is separable: sum (a_j a_j - a_{j+1} a_{j+1})^2 in one dimension suffices.
    std::vector<double> a(edge, 0.0);
    a[edge / 2] = 1.0;
    for (int scale = 0; scale < 8; ++scale) {
      const int hole = 1 << scale;
      std::vector<double> next(edge, 0.0);
      const double taps[5] = {0.0625, 0.25, 0.375, 0.25, 0.0625};
      for (int i = 0; i < edge; ++i)
        for (int k = -2; k <= 2; ++k) {
          const int j = i + k * hole;
          if (j >= 0 && j < edge)
            next[static_cast<std::size_t>(j)] += taps[k + 2] * a[static_cast<std::size_t>(i)];
        }
      double aa = 0, bb = 0, ab = 0;
      for (std::size_t i = 0; i < edge; ++i) aa += a[i] * a[i], bb += next[i] * next[i], ab += a[i] * next[i];
      result.push_back(static_cast<float>(std::sqrt(aa * aa - 2.0 * ab * ab + bb * bb)));
      a = next;
    }
    return result;
  }();
  return table;
}

}  // namespace

cv::Mat1f shrink_wavelets(const cv::Mat1f& image, int scales, double threshold) {
  cv::Mat1f current = image, smoother, result = cv::Mat1f::zeros(image.size());
  for (int scale = 0; scale < scales; ++scale) {
    smoother = cv::Mat1f();
    smooth(current, smoother, 1 << scale);
    const float limit =
        std::max(static_cast<float>(threshold) * noise_of_scales()[static_cast<std::size_t>(scale)], 1e-10F);
    const float limit2 = limit * limit;
    for (int y = 0; y < image.rows; ++y) {
      const float *c = current[y], *s = smoother[y];
      float* out = result[y];
      for (int x = 0; x < image.cols; ++x) {
        const float w = c[x] - s[x], w2 = w * w;
        out[x] += w - w * (limit2 / std::max(w2, limit2));
      }
    }
    current = smoother;
  }
  result += current;
  return result;
}

}  // namespace sinterscope
