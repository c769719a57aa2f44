// SPDX-License-Identifier: GPL-3.0-or-later
#include "measured.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "fit_for_search.h"
#include "fit_window.h"
#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"
#include "sinterscope/particles/corner.h"
#include "sinterscope/particles/thickness_shape.h"

namespace sinterscope {
namespace {

constexpr double sure_significance = 8.0;      ///< from here on a poor fit does not count against it
constexpr double poor_against_others = 3.0;    ///< chi-square of a poor fit over that of the others
constexpr double sigma_to_fwhm = 2.354820045;  ///< of a Gaussian
constexpr double wide_sigmas = 6.0;  ///< diameter over the probe's, from which the shape can be seen
constexpr double least_known = 0.5;  ///< error over a diameter that is none
constexpr double sliver = 2.0;       ///< long over short axis

/// What the search knew of a particle whose fit cannot be believed.
Particle from_detection(const Detection& detection, Particle fitted) {
  fitted.x_px = detection.x_px;
  fitted.y_px = detection.y_px;
  fitted.diameter_px = detection.diameter_px;
  fitted.diameter_se_px = 0.3 * detection.diameter_px;  // scales of the search are a factor 2^(1/3) apart
  fitted.position_se_px = 0.25 * detection.diameter_px;
  fitted.contrast = detection.contrast;
  fitted.flags.set(ParticleFlag::fit_failed);
  return fitted;
}

bool ran_away(const Particle& fitted, const Detection& detection) {
  const double moved = std::hypot(fitted.x_px - detection.x_px, fitted.y_px - detection.y_px);
  const double ratio = fitted.diameter_px / detection.diameter_px;
  return !(moved <= 0.5 * detection.diameter_px) || !(ratio > 0.25 && ratio < 2.5) ||
         !(fitted.diameter_se_px > 0.0 && std::isfinite(fitted.diameter_se_px));
}

/// How far a particle's centre lies inside of the frame, in units of its radius; 1 = its outline touches the
/// border.
double depth_in(const cv::Size& size, const Particle& particle) {
  const double nearest = std::min({particle.x_px + 0.5, particle.y_px + 0.5, size.width - 0.5 - particle.x_px,
                                   size.height - 0.5 - particle.y_px});
  return nearest / (0.5 * particle.diameter_px);
}

std::vector<Disk> others_near(const std::vector<Detection>& found, std::size_t i) {
  std::vector<Disk> others;
  for (std::size_t k = 0; k < found.size(); ++k)
    if (k != i && !overlap(found[k], found[i]) &&
        std::hypot(found[k].x_px - found[i].x_px, found[k].y_px - found[i].y_px) <
            2.0 * found[i].diameter_px + found[k].diameter_px)
      others.push_back({found[k].x_px, found[k].y_px, found[k].diameter_px});
  return others;
}

bool is_on(const cv::Mat1b& area, const Detection& one) {
  const cv::Point at(cvRound(one.x_px), cvRound(one.y_px));
  return area.empty() || !cv::Rect({0, 0}, area.size()).contains(at) || area(at) != 0;
}

/// Median chi-square per degree of freedom: 1 where the particles look like the model.
double median_misfit(const std::vector<SizedFit>& fits) {
  std::vector<double> all;
  for (const SizedFit& fit : fits) all.push_back(fit.chi2_per_dof);
  return median(all);
}

/// Whether the shape of what has this diameter can be seen.
bool is_wide(const FindRequest& request, double diameter_px) {
  return diameter_px > wide_sigmas * request.probe.sigma_px;
}

/// With what is compared with the other particles of the region.
Measured to_compare(const FindRequest& request, const SizedFit& fit, const Particle& particle, bool judged) {
  Measured one;
  one.particle = particle;
  one.height = static_cast<float>(std::abs(fit.amplitude));
  one.variance = static_cast<float>(request.noise.variance(fit.background + 0.5 * fit.amplitude));
  one.fitted_diameter_px = static_cast<float>(fit.diameter_px);
  one.degrees_of_freedom = static_cast<float>(fit.own_degrees_of_freedom);
  one.chi2 = static_cast<float>(fit.own_chi2);
  const bool surface = judged && request.size.detector == "SE", thickness = request.size.detector == "HAADF";
  one.is_cap = thickness && fit.profile.kind == ProfileKind::cap;
  one.touching = particle.flags.has(ParticleFlag::touching);
  if (thickness) one.thickness = one.height;
  if (surface && fit.background > 0.0)
    one.relief = static_cast<float>(std::abs(fit.amplitude) / fit.background);
  one.shaped = (surface || (judged && one.is_cap)) && (one.touching || is_wide(request, fit.diameter_px));
  return one;
}

/// Whether a bright corner of the support explains a detection better than a particle does.
bool is_a_corner(const FindRequest& request, const ShiftedFrame& raw, const std::vector<SizedFit>& fits,
                 const std::vector<Detection>& found, std::size_t i, bool lost) {
  SizedFit disk = fits[i];
  if (lost) {
    disk.x_px = found[i].x_px, disk.y_px = found[i].y_px;
    disk.diameter_px = found[i].diameter_px;
  }
  return corner_or_particle(raw.pixels, request.noise, disk, found[i].bright, others_near(found, i),
                            request.probe.sigma_px)
      .is_corner();
}

}  // namespace

std::vector<Seed> seeds_of(const std::vector<Detection>& found) {
  std::vector<Seed> seeds;
  for (const Detection& one : found) seeds.push_back({one.x_px, one.y_px, one.diameter_px});
  return seeds;
}

std::vector<Measured> without_repeats(std::vector<Measured> found, double probe_sigma_px) {
  const double probe_fwhm_px = sigma_to_fwhm * probe_sigma_px;
  const auto weakness = [&](const Particle& one) {
    if (one.flags.has(ParticleFlag::fit_failed)) return 2;
    const bool unclear = one.flags.has(ParticleFlag::touching) &&
                         (one.flags.has(ParticleFlag::poor_fit) || one.axis_ratio > sliver);
    return unclear || one.diameter_px < probe_fwhm_px ? 1 : 0;
  };
  std::stable_sort(found.begin(), found.end(), [&](const Measured& a, const Measured& b) {
    const int first = weakness(a.particle), second = weakness(b.particle);
    return first != second ? first < second : first == 1 && a.particle.diameter_px > b.particle.diameter_px;
  });
  std::vector<Measured> kept;
  for (const Measured& candidate : found) {
    const Particle& one = candidate.particle;
    if (std::none_of(kept.begin(), kept.end(), [&](const Measured& before) {
          const Particle& other = before.particle;
          const double reach = weakness(one) > 0 ? std::max(one.diameter_px, other.diameter_px)
                                                 : std::min(one.diameter_px, other.diameter_px);
          return std::hypot(one.x_px - other.x_px, one.y_px - other.y_px) < 0.5 * reach;
        }))
      kept.push_back(candidate);
  }
  return kept;
}

std::vector<Measured> measured(const FindRequest& request, const ShiftedFrame& raw, const cv::Mat1b& counted,
                               const std::vector<Detection>& found, bool judged, std::size_t count,
                               Wanted wanted) {
  std::vector<Measured> particles;
  if (found.empty()) return particles;
  const std::vector<SizedFit> fits =
      wanted == Wanted::diameters
          ? fit_particles({raw}, request.noise, seeds_of(found), request.probe, request.size)
          : fit_without_ground_errors({raw}, request.noise, seeds_of(found), request.probe, request.size);
  const double sigma = blurred_sigma(request.probe.sigma_px);
  const double too_poor = std::max(request.size.poor_fit_chi2, poor_against_others * median_misfit(fits));
  for (std::size_t i = 0; i < count; ++i) {
    Particle particle = to_particle(fits[i]);
    const bool unsupported =
        !support_known(raw, {found[i].x_px, found[i].y_px, 0.5 * found[i].diameter_px}, sigma);
    // Something bright in the search and dark in the raw pixels is what a change of the support left.
    if (fits[i].amplitude != 0.0 && (fits[i].amplitude > 0.0) != found[i].bright) continue;
    // Where edges are told from particles a weak detection must look like a particle, too.
    const bool lost = ran_away(particle, found[i]) || particle.flags.has(ParticleFlag::at_bound);
    const bool misfit =
        lost || fits[i].flags.has(ParticleFlag::fit_failed) || fits[i].chi2_per_dof > too_poor;
    if (judged && misfit && found[i].significance < sure_significance) continue;
    // What is wide enough to be seen clearly and yet has no centre or size of its own is an end of an edge.
    const bool sizeless = lost || fits[i].diameter_se_px > least_known * fits[i].diameter_px;
    if (judged && sizeless && is_wide(request, found[i].diameter_px)) continue;
    // Surfaces are bright at their edges; where thickness is seen a corner is told by its shape, below.
    if (judged && request.size.detector != "HAADF" && unsupported && !found[i].on_plane &&
        is_a_corner(request, raw, fits, found, i, lost))
      continue;
    if (lost) particle = from_detection(found[i], particle);
    const bool by_thickness = judged && request.support.facetted && request.size.detector == "HAADF" &&
                              fits[i].profile.kind == ProfileKind::cap;
    if (by_thickness && !(follows_profile(raw.pixels, request.noise, fits[i], request.probe.sigma_px) &&
                          may_be_thickness(raw.pixels, request.noise, particle, others_near(found, i),
                                           request.probe.sigma_px)))
      continue;
    if (judged && !by_thickness && !lost && unsupported && !is_on(counted, found[i]) &&
        !follows_profile(raw.pixels, request.noise, fits[i], request.probe.sigma_px))
      continue;
    particle.snr = found[i].significance;
    if (particle.area_px <= 0.0) particle.area_px = 0.25 * pi * particle.diameter_px * particle.diameter_px;
    const double depth = depth_in(raw.pixels.size(), particle);
    // A corner of a facet that runs out of the frame looks like the half of a particle.
    if (request.support.facetted && depth < 1.0) continue;
    if (depth < 1.0) particle.flags.set(ParticleFlag::cut_by_edge);
    particles.push_back(to_compare(request, fits[i], particle, judged));
  }
  return without_repeats(std::move(particles), request.probe.sigma_px);
}

}  // namespace sinterscope
