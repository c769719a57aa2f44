// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/detector.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {

cv::Mat1f detect(const cv::Mat1f& expected_quanta, const DetectorSettings& detector, Rng rng) {
  const double ceiling = std::ldexp(1.0, detector.bits) - 1.0;
  cv::Mat1f values(expected_quanta.size());
  for (int row = 0; row < values.rows; ++row) {
    const double base = detector.offset + detector.row_noise * rng.normal();
    const float* in = expected_quanta[row];
    float* out = values[row];
    for (int column = 0; column < values.cols; ++column) {
      double value = base + detector.gain * static_cast<double>(rng.poisson(in[column]));
      if (detector.read_noise > 0.0) value += detector.read_noise * rng.normal();
      out[column] = static_cast<float>(std::clamp(std::round(value), 0.0, ceiling));
    }
  }
  return values;
}

std::vector<double> row_jitter(int rows, const DetectorSettings& detector, Rng rng) {
  std::vector<double> jitter(static_cast<std::size_t>(rows));
  const double phase = rng.stream("hum").uniform(0.0, 2.0 * pi);
  for (std::size_t row = 0; row < jitter.size(); ++row)
    jitter[row] =
        detector.row_jitter_px * rng.normal() +
        detector.hum_px * std::sin(phase + 2.0 * pi * static_cast<double>(row) / detector.hum_period_rows);
  return jitter;
}

}  // namespace sinterscope
