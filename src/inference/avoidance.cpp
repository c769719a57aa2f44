// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/avoidance.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr double cells_per_range = 10.0;
constexpr double cut_off = 4.0;  ///< ranges

/// How the pattern of large particles lies on the torus.
struct Placement {
  int turn = 0;  ///< bit 0: mirrored left to right, bit 1: upside down, bit 2: axes exchanged
  cv::Point shift;
};

struct Sum {
  double excess = 0.0;
  int returned = 0;
};

/// One field on a grid of cells coarse enough to be summed a thousand times.
class FieldGrid {
 public:
  FieldGrid(const AvoidanceField& field, double pixel_size_nm, const AvoidanceOptions& options);
  Placement draw(Rng& rng) const;
  /// Over the returned particles: field less its mean on the support, in units of that mean as it was seen.
  Sum sum(const Placement& placement) const;

 private:
  void cast(const LargeParticle& large, double pixel_size_nm, const AvoidanceOptions& options);

  cv::Point source(cv::Point cell, const Placement& placement) const;
  double mean_over_support(const Placement& placement) const;

  double cell_px_;
  double unit_ = 1.0;
  cv::Mat1b support_;
  std::vector<cv::Point> returned_;
  cv::Mat1d field_;   ///< of the large particles, on the torus
  cv::Mat1b collar_;  ///< 255 = too near to one of them
};

FieldGrid::FieldGrid(const AvoidanceField& field, double pixel_size_nm, const AvoidanceOptions& options)
    : cell_px_(std::max(1.0, options.range_nm / cells_per_range / pixel_size_nm)) {
  const cv::Size size(std::max(1, cvFloor(field.support.cols / cell_px_)),
                      std::max(1, cvFloor(field.support.rows / cell_px_)));
  support_ = cv::Mat1b(size);
  for (int row = 0; row < size.height; ++row)
    for (int column = 0; column < size.width; ++column)
      support_(row, column) =
          field.support(cvFloor((row + 0.5) * cell_px_), cvFloor((column + 0.5) * cell_px_));
  field_ = cv::Mat1d::zeros(size);
  collar_ = cv::Mat1b::zeros(size);
  for (const LargeParticle& large : field.large) cast(large, pixel_size_nm, options);
  for (const cv::Point2d& place : field.returned) {
    const cv::Point cell(cvFloor((place.x + 0.5) / cell_px_), cvFloor((place.y + 0.5) / cell_px_));
    if (cv::Rect(cv::Point(), size).contains(cell) && support_(cell)) returned_.push_back(cell);
  }
  const double seen = mean_over_support({});
  if (seen > 0.0) unit_ = seen;
}

void FieldGrid::cast(const LargeParticle& large, double pixel_size_nm, const AvoidanceOptions& options) {
  const double range = options.range_nm / pixel_size_nm / cell_px_;  // in cells
  const double collar = (0.5 * large.diameter_px + options.collar_nm / pixel_size_nm) / cell_px_;
  const cv::Point2d centre((large.place_px.x + 0.5) / cell_px_ - 0.5,
                           (large.place_px.y + 0.5) / cell_px_ - 0.5);
  const double weight = std::pow(large.diameter_px * pixel_size_nm, 3);
  const auto around = [](double step, int length) { return step - length * std::round(step / length); };
  for (int row = 0; row < field_.rows; ++row)
    for (int column = 0; column < field_.cols; ++column) {
      const double distance =
          std::hypot(around(column - centre.x, field_.cols), around(row - centre.y, field_.rows));
      if (distance <= collar) collar_(row, column) = 255;
      if (distance <= cut_off * range)
        field_(row, column) += weight * std::exp(-0.5 * std::pow(distance / range, 2));
    }
}

Placement FieldGrid::draw(Rng& rng) const {
  Placement placement;
  placement.turn = static_cast<int>(rng.below(field_.rows == field_.cols ? 8 : 4));
  placement.shift.x = static_cast<int>(rng.below(static_cast<std::uint64_t>(field_.cols)));
  placement.shift.y = static_cast<int>(rng.below(static_cast<std::uint64_t>(field_.rows)));
  return placement;
}

cv::Point FieldGrid::source(cv::Point cell, const Placement& placement) const {
  int y = (cell.y + placement.shift.y) % field_.rows, x = (cell.x + placement.shift.x) % field_.cols;
  if ((placement.turn & 4) != 0) std::swap(x, y);
  if ((placement.turn & 1) != 0) x = field_.cols - 1 - x;
  if ((placement.turn & 2) != 0) y = field_.rows - 1 - y;
  return {x, y};
}

double FieldGrid::mean_over_support(const Placement& placement) const {
  double cells = 0.0, sum = 0.0;
  for (int row = 0; row < field_.rows; ++row)
    for (int column = 0; column < field_.cols; ++column) {
      if (!support_(row, column)) continue;
      const cv::Point at = source({column, row}, placement);
      if (collar_(at)) continue;
      cells += 1.0;
      sum += field_(at);
    }
  return cells > 0.0 ? sum / cells : 0.0;
}

Sum FieldGrid::sum(const Placement& placement) const {
  const double mean = mean_over_support(placement);
  Sum result;
  for (const cv::Point& cell : returned_) {
    const cv::Point at = source(cell, placement);
    if (collar_(at)) continue;
    result.excess += (field_(at) - mean) / unit_;
    ++result.returned;
  }
  return result;
}

double mean_excess(const std::vector<Sum>& sums) {
  double excess = 0.0, returned = 0.0;
  for (const Sum& sum : sums) {
    excess += sum.excess;
    returned += sum.returned;
  }
  return returned > 0.0 ? excess / returned : 0.0;
}

}  // namespace

std::optional<Avoidance> test_avoidance(std::span<const AvoidanceField> fields, double pixel_size_nm,
                                        const AvoidanceOptions& options, const Rng& rng) {
  validate(options);
  std::vector<FieldGrid> grids;
  Avoidance result;
  std::vector<Sum> seen;
  for (const AvoidanceField& field : fields) {
    if (field.large.empty() || field.returned.empty()) continue;
    if (field.support.empty()) throw Error("avoidance: a field of view has no mask of its support");
    FieldGrid grid(field, pixel_size_nm, options);
    const Sum sum = grid.sum({});
    if (sum.returned == 0) continue;
    ++result.fields;
    result.large += static_cast<int>(field.large.size());
    result.returned += sum.returned;
    seen.push_back(sum);
    grids.push_back(std::move(grid));
  }
  if (grids.empty()) return std::nullopt;
  result.excess = mean_excess(seen);
  int as_low = 0;
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    Rng dice = rng.stream("moved", static_cast<std::uint64_t>(replicate));
    std::vector<Sum> moved;
    for (const FieldGrid& grid : grids) moved.push_back(grid.sum(grid.draw(dice)));
    as_low += mean_excess(moved) <= result.excess ? 1 : 0;
  }
  result.replicates = options.replicates;
  result.p_value = (1.0 + as_low) / (1.0 + options.replicates);
  return result;
}

}  // namespace sinterscope
