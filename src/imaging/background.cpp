// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/background.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "robust.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"

namespace sinterscope {

namespace {

/// Level and rms of the pixels of one mesh, or known = false where too little of it is support.
struct Mesh {
  float level = 0, rms = 0;
  bool known = false;
};

Mesh measure_mesh(const cv::Mat1f& pixels, const cv::Mat1b& support, cv::Rect area,
                  std::vector<float>& values) {
  // Every second pixel of every second row is enough for an order statistic of a large mesh.
  const int step = area.area() >= 1024 ? 2 : 1;
  values.clear();
  int looked_at = 0;
  for (int y = area.y; y < area.br().y; y += step)
    for (int x = area.x; x < area.br().x; x += step) {
      ++looked_at;
      if (support.empty() || support(y, x)) values.push_back(pixels(y, x));
    }
  Mesh mesh;
  mesh.known = 4 * static_cast<int>(values.size()) >= looked_at;
  if (!mesh.known) return mesh;
  mesh.level = median(values);
  mesh.rms = robust_sd(values);
  return mesh;
}

/// Gives unknown meshes the mean of their known neighbours, ring by ring.
void fill_unknown(cv::Mat1f& map, cv::Mat1b known) {
  known = known.clone();
  while (cv::countNonZero(known) < static_cast<int>(known.total())) {
    const cv::Mat1b before = known.clone();
    for (int y = 0; y < map.rows; ++y)
      for (int x = 0; x < map.cols; ++x) {
        if (before(y, x)) continue;
        float sum = 0;
        int count = 0;
        for (int j = std::max(y - 1, 0); j <= std::min(y + 1, map.rows - 1); ++j)
          for (int i = std::max(x - 1, 0); i <= std::min(x + 1, map.cols - 1); ++i)
            if (before(j, i)) sum += map(j, i), ++count;
        if (count > 0) map(y, x) = sum / static_cast<float>(count), known(y, x) = 255;
      }
  }
}

cv::Mat1f full_size(const cv::Mat1f& meshes, cv::Size size) {
  cv::Mat1f smooth, result;
  cv::medianBlur(meshes, smooth, 3);
  cv::resize(smooth, result, size, 0, 0, cv::INTER_CUBIC);
  return result;
}

}  // namespace

Background estimate_background(const cv::Mat1f& pixels, const cv::Mat1b& support,
                               const BackgroundOptions& options) {
  validate(options);
  if (pixels.empty()) throw Error("no pixels to estimate a background from");
  if (!support.empty() && support.size() != pixels.size())
    throw Error("support mask and image differ in size");
  const int columns = std::max(1, pixels.cols / options.mesh_px),
            rows = std::max(1, pixels.rows / options.mesh_px);
  cv::Mat1f level = cv::Mat1f::zeros(rows, columns), rms = level.clone();
  cv::Mat1b known = cv::Mat1b::zeros(rows, columns);
  std::vector<float> values;
  const auto measure = [&](const cv::Mat1b& mask) {
    for (int j = 0; j < rows; ++j)
      for (int i = 0; i < columns; ++i) {
        const cv::Point begin(i * pixels.cols / columns, j * pixels.rows / rows);
        const cv::Point end((i + 1) * pixels.cols / columns, (j + 1) * pixels.rows / rows);
        const Mesh mesh = measure_mesh(pixels, mask, cv::Rect(begin, end), values);
        level(j, i) = mesh.level, rms(j, i) = mesh.rms, known(j, i) = mesh.known ? 255 : 0;
      }
  };
  measure(support);
  if (cv::countNonZero(known) == 0) measure({});  // hardly any support: the whole frame is the best there is
  fill_unknown(level, known);
  fill_unknown(rms, known);
  Background background{full_size(level, pixels.size()), full_size(rms, pixels.size())};
  // Cubic interpolation may undershoot next to a step.
  double least = 0;
  cv::minMaxLoc(rms, &least, nullptr);
  cv::max(background.rms, least, background.rms);
  return background;
}

}  // namespace sinterscope
