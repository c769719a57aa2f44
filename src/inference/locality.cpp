// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/locality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/experiment/separable_filter.h"
#include "sinterscope/inference/seen_area.h"

namespace sinterscope {
namespace {

constexpr double clear_separation = 4.0;  ///< Ashman's D; one lognormal group cut at its middle has 2.7

/// Sum, mean and variance of a run of sorted values from running sums.
struct Moments {
  double mean, variance;
};

Moments moments(const std::vector<double>& sum, const std::vector<double>& sum2, std::size_t first,
                std::size_t last) {
  const double n = static_cast<double>(last - first);
  const double mean = (sum[last] - sum[first]) / n;
  return {mean, std::max((sum2[last] - sum2[first]) / n - mean * mean, 0.0)};
}

/// One size per track, over all holds of the sample.
std::vector<double> largest_by_track(std::span<const HoldInventory> inventories) {
  std::map<int, double> largest;
  for (const HoldInventory& hold : inventories)
    for (const SizedParticle& particle : hold.particles) {
      double& size = largest[particle.track];
      size = std::max(size, particle.diameter_nm);
    }
  std::vector<double> sizes;
  for (const auto& one : largest) sizes.push_back(one.second);
  return sizes;
}

cv::Point pixel_of(const SizedParticle& particle, cv::Size frame, double pixel_size_nm) {
  return {std::clamp(cvRound(particle.x_nm / pixel_size_nm), 0, frame.width - 1),
          std::clamp(cvRound(particle.y_nm / pixel_size_nm), 0, frame.height - 1)};
}

/// Gives every particle the area of its catchment.
void measure_cells(HoldLocality& hold, const HoldInventory& inventory, const cv::Mat1b& mask,
                   double pixel_size_nm) {
  cv::Mat1b elsewhere(mask.size(), static_cast<unsigned char>(255));
  for (const SizedParticle& particle : inventory.particles)
    elsewhere(pixel_of(particle, mask.size(), pixel_size_nm)) = 0;
  cv::Mat1f distance;
  cv::Mat1i nearest;
  cv::distanceTransform(elsewhere, distance, nearest, cv::DIST_L2, cv::DIST_MASK_5, cv::DIST_LABEL_PIXEL);
  std::map<int, std::pair<double, bool>> cells;  // area in px and whether it is cut, by label
  const cv::Rect shown = cv::boundingRect(mask);
  for (int row = shown.y; row < shown.br().y; ++row)
    for (int column = shown.x; column < shown.br().x; ++column) {
      if (!mask(row, column)) continue;
      auto& [area, cut] = cells[nearest(row, column)];
      area += 1.0;
      cut =
          cut || row == shown.y || row + 1 == shown.br().y || column == shown.x || column + 1 == shown.br().x;
    }
  for (std::size_t i = 0; i < hold.particles.size(); ++i) {
    const auto& [area, cut] = cells[nearest(pixel_of(inventory.particles[i], mask.size(), pixel_size_nm))];
    hold.particles[i].cell_area_nm2 = area * pixel_size_nm * pixel_size_nm;
    hold.particles[i].cell_cut = cut;
  }
}

cv::Mat1f kernel_map(const HoldInventory& inventory, const Sample& sample, const cv::Mat1b& mask,
                     double kernel_nm, double pixel_size_nm) {
  cv::Mat1f atoms = cv::Mat1f::zeros(mask.size()), support;
  for (const SizedParticle& particle : inventory.particles)
    atoms(pixel_of(particle, mask.size(), pixel_size_nm)) +=
        static_cast<float>(sample.atoms(particle.diameter_nm));
  mask.convertTo(support, CV_32F, 1.0 / 255.0);
  const double sigma_px = kernel_nm / pixel_size_nm;
  const cv::Mat1f kernel = cv::getGaussianKernel(cvRound(8.0 * sigma_px + 1.0) | 1, sigma_px, CV_32F);
  const std::vector<float> weights(kernel.begin(), kernel.end());
  atoms = separable_filter(atoms, weights, weights, cv::BORDER_CONSTANT);
  support = separable_filter(support, weights, weights, cv::BORDER_CONSTANT);
  const double sites_per_px = sample.site_density_nm2 * pixel_size_nm * pixel_size_nm;
  cv::Mat1f map = cv::Mat1f::zeros(mask.size());
  for (int row = 0; row < mask.rows; ++row)
    for (int column = 0; column < mask.cols; ++column)
      if (mask(row, column))
        map(row, column) = static_cast<float>(atoms(row, column) / (sites_per_px * support(row, column)));
  return map;
}

class Surveyor {
 public:
  Surveyor(std::span<const Track> tracks, const ThermalHistory& history, const Sample& sample,
           double pixel_size_nm, const LocalityOptions& options, std::optional<double> large_from_nm)
      : tracks_(tracks),
        history_(history),
        sample_(sample),
        pixel_size_nm_(pixel_size_nm),
        options_(options),
        large_from_nm_(large_from_nm) {}

  HoldLocality survey(const HoldInventory& inventory, const Hold& hold, const cv::Mat1b& mask) const {
    HoldLocality result;
    result.hold = inventory.hold;
    result.region = inventory.region;
    const double sites = inventory.support_area_nm2 * sample_.site_density_nm2;
    for (const SizedParticle& particle : inventory.particles) {
      result.particles.push_back(local(particle, hold));
      (result.particles.back().large ? result.c_np_large : result.c_np_small) +=
          sample_.atoms(particle.diameter_nm) / sites;
    }
    if (inventory.particles.empty()) {
      result.map = cv::Mat1f::zeros(mask.size());
      return result;
    }
    measure_cells(result, inventory, mask, pixel_size_nm_);
    const double kernel_nm =
        options_.kernel_nm > 0.0
            ? options_.kernel_nm
            : std::sqrt(inventory.support_area_nm2 / (pi * static_cast<double>(inventory.particles.size())));
    result.map = kernel_map(inventory, sample_, mask, kernel_nm, pixel_size_nm_);
    for (std::size_t i = 0; i < result.particles.size(); ++i) {
      LocalParticle& one = result.particles[i];
      if (one.cell_area_nm2 > 0.0)
        one.c_cell = sample_.atoms(one.diameter_nm) / (sample_.site_density_nm2 * one.cell_area_nm2);
      one.c_kernel =
          static_cast<double>(result.map(pixel_of(inventory.particles[i], mask.size(), pixel_size_nm_)));
    }
    return result;
  }

 private:
  LocalParticle local(const SizedParticle& particle, const Hold& hold) const {
    LocalParticle one;
    one.track = particle.track;
    one.x_nm = particle.x_nm;
    one.y_nm = particle.y_nm;
    one.diameter_nm = particle.diameter_nm;
    one.large = large_from_nm_ && particle.diameter_nm >= *large_from_nm_;
    if (particle.track < 0 || particle.track >= static_cast<int>(tracks_.size()))
      throw Error(
          fmt::format("locality: a particle of hold {} has no track among {}", hold.hold, tracks_.size()));
    const Track& track = tracks_[static_cast<std::size_t>(particle.track)];
    one.returned =
        hold.hold > 0 && history_.frames[static_cast<std::size_t>(track.first_frame)].hold == hold.hold;
    return one;
  }

  std::span<const Track> tracks_;
  const ThermalHistory& history_;
  const Sample& sample_;
  double pixel_size_nm_;
  LocalityOptions options_;
  std::optional<double> large_from_nm_;
};

/// The large particles of a region and the small ones that came back while they stood.
void add_to_field(AvoidanceField& field, std::map<int, std::size_t>& known, const HoldLocality& hold,
                  const cv::Mat1b& mask, double pixel_size_nm) {
  bool returns = false;
  for (const LocalParticle& one : hold.particles) returns = returns || (one.returned && !one.large);
  if (!returns) return;
  field.support = field.support.empty() ? mask.clone() : cv::Mat1b(field.support & mask);
  for (const LocalParticle& one : hold.particles) {
    const cv::Point2d place(one.x_nm / pixel_size_nm, one.y_nm / pixel_size_nm);
    const double diameter_px = one.diameter_nm / pixel_size_nm;
    if (!one.large) {
      if (one.returned) field.returned.push_back(place);
      continue;
    }
    const auto [entry, is_new] = known.emplace(one.track, field.large.size());
    if (is_new) field.large.push_back({place, diameter_px});
    LargeParticle& large = field.large[entry->second];
    large.diameter_px = std::max(large.diameter_px, diameter_px);
  }
}

}  // namespace

std::optional<double> size_boundary_nm(std::vector<double> diameters_nm) {
  if (diameters_nm.size() < 4) return std::nullopt;
  std::sort(diameters_nm.begin(), diameters_nm.end());
  std::vector<double> sum{0.0}, sum2{0.0};
  for (const double diameter : diameters_nm) {
    const double x = std::log(diameter);
    sum.push_back(sum.back() + x);
    sum2.push_back(sum2.back() + x * x);
  }
  const std::size_t n = diameters_nm.size();
  double least = moments(sum, sum2, 0, n).variance * static_cast<double>(n);
  std::optional<double> boundary;
  for (std::size_t cut = 2; cut + 2 <= n; ++cut) {
    const Moments low = moments(sum, sum2, 0, cut), high = moments(sum, sum2, cut, n);
    const double within =
        low.variance * static_cast<double>(cut) + high.variance * static_cast<double>(n - cut);
    if (within >= least) continue;
    least = within;
    // A group of two equal sizes is no narrower than a diameter can be measured.
    const double widths = std::max(low.variance + high.variance, 2.0 * 0.03 * 0.03);
    const bool apart = std::sqrt(2.0) * (high.mean - low.mean) > clear_separation * std::sqrt(widths);
    boundary =
        apart ? std::optional<double>(std::sqrt(diameters_nm[cut - 1] * diameters_nm[cut])) : std::nullopt;
  }
  return boundary;
}

Locality find_locality(std::span<const HoldInventory> inventories, std::span<const Track> tracks,
                       const ThermalHistory& history, const Sample& sample,
                       std::span<const SupportArea> supports, std::span<const Drift> drift,
                       double pixel_size_nm, const LocalityOptions& options, const Rng& rng) {
  validate(options);
  if (inventories.size() != history.holds.size())
    throw Error(
        fmt::format("locality: {} inventories for {} holds", inventories.size(), history.holds.size()));
  if (supports.size() != history.regions.size())
    throw Error(fmt::format("locality: {} supports for {} regions", supports.size(), history.regions.size()));
  Locality result;
  result.large_from_nm = options.large_from_nm > 0.0 ? std::optional<double>(options.large_from_nm)
                                                     : size_boundary_nm(largest_by_track(inventories));
  const Surveyor surveyor(tracks, history, sample, pixel_size_nm, options, result.large_from_nm);
  std::vector<AvoidanceField> fields(history.regions.size());
  std::vector<std::map<int, std::size_t>> known(history.regions.size());
  const Drift none;
  for (std::size_t h = 0; h < history.holds.size(); ++h) {
    const Hold& hold = history.holds[h];
    const std::size_t region = static_cast<std::size_t>(hold.region);
    if (supports[region].mask.empty())
      throw Error(fmt::format("locality: the support of region '{}' has no mask", history.regions[region]));
    const SeenArea area(supports[region], drift.empty() ? none : drift[region], hold, history,
                        options.min_presence, inventories[h].border_px);
    result.holds.push_back(surveyor.survey(inventories[h], hold, area.mask()));
    const cv::Rect2d shown = area.always_shown_px();
    result.holds.back().shown_nm = {shown.tl() * pixel_size_nm, shown.br() * pixel_size_nm};
    add_to_field(fields[region], known[region], result.holds.back(), area.mask(), pixel_size_nm);
  }
  if (result.large_from_nm) result.avoidance = test_avoidance(fields, pixel_size_nm, options, rng);
  return result;
}

}  // namespace sinterscope
