// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/report_histograms.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

constexpr double smallest_bin_nm = 0.1, smallest_bin_px = 1.0;
constexpr double most_bins = 60.0;

/// Particles per bin that the more probable law expects where all are found and measured without error.
Curve expected_sizes(const HoldSizes& hold, double largest_nm, double bin_nm) {
  Curve curve;
  if (hold.laws.empty() || !hold.laws.front().sd_bounded_below) return curve;  // no wider than the errors
  const SizeDistribution& law = hold.laws.front();
  constexpr int points = 160;
  for (int k = 1; k < points; ++k) {
    const double share = static_cast<double>(k) / points, half = 0.5 / points;
    const double from = law.quantile_nm(share - half), to = law.quantile_nm(share + half);
    if (to <= from || from > 1.5 * largest_nm) continue;
    curve.x.push_back(law.quantile_nm(share));
    curve.y.push_back(law.particles / std::max(law.found_share, 0.1) * bin_nm / (points * (to - from)));
  }
  return curve;
}

std::vector<double> diameters_of(const Products& products, std::size_t h, double scale) {
  std::vector<double> diameters;
  if (h < products.inventory.size())
    for (const SizedParticle& particle : products.inventory[h].particles)
      diameters.push_back(particle.diameter_nm);
  if (!diameters.empty() || h >= products.sizes.size()) return diameters;
  const HoldSizes& hold = products.sizes[h];
  for (std::size_t i = 0; i < hold.sizes.size(); ++i)
    if (hold.counted[i]) diameters.push_back(hold.sizes[i].diameter_px * scale);
  return diameters;
}

/// d50 and d90 of the hold, else of its single frames.
void add_limits(const Products& products, std::size_t h, double scale, SizeHistogram& histogram) {
  if (h < products.inventory.size())
    histogram.d50 = products.inventory[h].d50_nm, histogram.d90 = products.inventory[h].d90_nm;
  if (histogram.d50 || h >= products.completeness.size()) return;
  const CompletenessCurve& curve = products.completeness[h];
  if (std::isfinite(curve.d50_px)) histogram.d50 = curve.d50_px * scale;
  if (const double d90_px = curve.diameter_at(0.9); std::isfinite(d90_px)) histogram.d90 = d90_px * scale;
}

}  // namespace

std::vector<SizeHistogram> report_histograms(const Products& products) {
  std::vector<SizeHistogram> histograms;
  for (std::size_t h = 0; h < products.history.holds.size(); ++h) {
    const Hold& hold = products.history.holds[h];
    const std::optional<double> pixel_nm =
        products.regions[static_cast<std::size_t>(hold.region)].pixel_size_nm();
    const std::vector<double> diameters = diameters_of(products, h, pixel_nm.value_or(1.0));
    if (diameters.empty()) continue;
    SizeHistogram histogram;
    histogram.hold = hold.hold;
    histogram.region = products.history.regions[static_cast<std::size_t>(hold.region)];
    histogram.temperature_K = hold.temperature_K;
    histogram.unit = pixel_nm ? "nm" : "px";
    const double largest = *std::max_element(diameters.begin(), diameters.end());
    const double bin = std::max(pixel_nm ? smallest_bin_nm : smallest_bin_px, largest / most_bins);
    const auto bins = static_cast<std::size_t>(std::ceil((largest + bin) / bin));
    for (std::size_t i = 0; i <= bins; ++i) histogram.edges.push_back(static_cast<double>(i) * bin);
    histogram.counts.assign(bins, 0.0);
    for (const double d : diameters)
      histogram.counts[std::min(bins - 1, static_cast<std::size_t>(d / bin))] += 1.0;
    if (pixel_nm && h < products.sizes.size())
      histogram.deconvolved = expected_sizes(products.sizes[h], histogram.edges.back(), bin);
    add_limits(products, h, pixel_nm.value_or(1.0), histogram);
    histograms.push_back(std::move(histogram));
  }
  return histograms;
}

}  // namespace sinterscope
