// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {

Sites::Sites(const Scene& scene, const SupportSurface& surface)
    : scene_(scene),
      field_px_(surface.field_px),
      border_px_(surface.border_px),
      pixels_(static_cast<std::size_t>(surface.facet_count)) {
  const cv::Mat1b usable = surface.usable(scene.population.edge_gap_nm / scene.optics.pixel_size_nm);
  for (int row = 0; row < surface.facets.rows; ++row)
    for (int column = 0; column < surface.facets.cols; ++column)
      if (usable(row, column))
        pixels_[static_cast<std::size_t>(surface.facets(row, column))].push_back(row * surface.facets.cols +
                                                                                 column);
}

double Sites::area_nm2(int facet) const {
  const double pixel = scene_.optics.pixel_size_nm;
  return static_cast<double>(pixels_[static_cast<std::size_t>(facet)].size()) * pixel * pixel;
}

bool Sites::clear(cv::Point2d place, double diameter, const std::vector<StandingParticle>& standing) const {
  return std::all_of(standing.begin(), standing.end(), [&](const StandingParticle& other) {
    // Ellipses reach beyond the circle of equal area, so the long axes keep the gap.
    const double radii = 0.5 * diameter * std::sqrt(1.0 + scene_.optics.particle_ellipticity) +
                         0.5 * other.diameter_nm * std::sqrt(other.axis_ratio);
    return std::hypot(place.x - other.x_nm, place.y - other.y_nm) >= radii + scene_.population.gap_nm;
  });
}

cv::Point2d Sites::place_of(int pixel, cv::Point2d within) const {
  const double pixel_nm = scene_.optics.pixel_size_nm;
  return {(field_px_.x + pixel % field_px_.width + within.x) * pixel_nm,
          (field_px_.y + pixel / field_px_.width + within.y) * pixel_nm};
}

double Sites::chance_beside_large(cv::Point2d place, const std::vector<StandingParticle>& standing) const {
  const double depletion = scene_.population.depletion_nm;
  if (depletion <= 0.0) return 1.0;
  double edge = 1e30;  // to the nearest large particle
  for (const StandingParticle& other : standing)
    if (other.large)
      edge = std::min(edge, std::hypot(place.x - other.x_nm, place.y - other.y_nm) - other.diameter_nm / 2.0);
  return edge > 0.0 ? 1.0 - std::exp(-(edge / depletion) * (edge / depletion)) : 0.0;
}

double Sites::left_by_large(int facet, const std::vector<StandingParticle>& standing) const {
  const std::vector<int>& pixels = pixels_[static_cast<std::size_t>(facet)];
  double sum = 0.0;
  for (const int pixel : pixels) sum += chance_beside_large(place_of(pixel, {}), standing);
  return pixels.empty() ? 1.0 : sum / static_cast<double>(pixels.size());
}

std::optional<cv::Point2d> Sites::free_place(int facet, double diameter,
                                             const std::vector<StandingParticle>& standing, Rng& rng) const {
  constexpr int tries = 300;
  const std::vector<int>& pixels = pixels_[static_cast<std::size_t>(facet)];
  if (pixels.empty()) return std::nullopt;
  const double pixel_nm = scene_.optics.pixel_size_nm;
  for (int attempt = 0; attempt < tries; ++attempt) {
    const int pixel = pixels[rng.below(pixels.size())];
    // A particle larger than the edge gap hangs over a border by a fifth of its radius at most.
    if (border_px_(pixel / field_px_.width, pixel % field_px_.width) * pixel_nm < 0.4 * diameter) continue;
    // One after the other: the order in which arguments are evaluated is the compiler's.
    const double down = rng.uniform(-0.5, 0.5), right = rng.uniform(-0.5, 0.5);
    const cv::Point2d place = place_of(pixel, {right, down});
    if (!clear(place, diameter, standing)) continue;
    if (const double chance = chance_beside_large(place, standing); chance < 1.0 && rng.uniform() >= chance)
      continue;
    return place;
  }
  return std::nullopt;
}

}  // namespace sinterscope
