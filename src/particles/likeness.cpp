// SPDX-License-Identifier: GPL-3.0-or-later
#include "likeness.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "nearer.h"
#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

constexpr std::size_t enough_to_compare = 10;  ///< particles
constexpr double far_sigmas = 4.0;             ///< of the scatter of ln brightness: too faint
constexpr double always_bright_enough = 0.5;   ///< over the median; a hemisphere's over a sphere's
constexpr double never_bright_enough = 1.0 / 3.0;
constexpr double light_left = 1.0 / 3.0;  ///< at least, to one that touches another
constexpr double widest_robbed = 2.0;     ///< times the usual diameter: a wider one keeps its light
constexpr double certain = 3.0;           ///< standard errors of chi-square that are no misfit
constexpr double misfit_of_others = 3.0;  ///< times their median: too ill-shaped
constexpr double misfit_allowed = 0.16;   ///< always, over the height
constexpr double misfit_too_large = 0.3;

/// The values of those for which `measure` tells something.
template <typename Measure>
std::vector<double> values_of(const std::vector<std::vector<Measured>>& all, const Measure& measure) {
  std::vector<double> values;
  for (const std::vector<Measured>& frame : all)
    for (const Measured& one : frame)
      if (const double value = measure(one); value > 0.0) values.push_back(value);
  return values;
}

/// How bright the particles of a region are, and how much fainter none of them is.
struct Usual {
  double median = 0.0;  ///< 0 where they are too few to compare with
  double least = 0.0;   ///< over the median

  /// 0 for one as bright as most, 1 for one that is too faint, below 0 for a brighter one.
  double faintness(double value) const { return (1.0 - value / median) / (1.0 - least); }
};

template <typename Measure>
Usual usual_of(const std::vector<std::vector<Measured>>& all, const Measure& measure) {
  std::vector<double> logarithms = values_of(all, measure);
  if (logarithms.size() < enough_to_compare) return {};
  for (double& value : logarithms) value = std::log(value);
  const double middle = median(logarithms), scatter = robust_sd(logarithms);
  return {std::exp(middle),
          std::clamp(std::exp(-far_sigmas * scatter), never_bright_enough, always_bright_enough)};
}

/// Chi-square per degree of freedom that fits of this region usually leave: 1 where particles look like the
/// model and nothing else is near. Of few, which may all be wrong, nothing follows.
double usual_chi2(const std::vector<std::vector<Measured>>& all) {
  std::vector<double> values = values_of(all, [](const Measured& one) {
    return one.degrees_of_freedom > 0.0F ? static_cast<double>(one.chi2 / one.degrees_of_freedom) : 0.0;
  });
  return values.size() < enough_to_compare ? 1.0 : std::max(1.0, median(values));
}

/// What the frames of a block, or all of them, tell of one place together.
struct Place {
  bool shaped = false;
  double chi2 = 0.0, degrees_of_freedom = 0.0, height = 0.0, variance = 0.0, frames = 0.0;
  double faintness = 0.0, compared = 0.0;

  void add(const Measured& one) {
    chi2 += static_cast<double>(one.chi2);
    degrees_of_freedom += static_cast<double>(one.degrees_of_freedom);
    height += static_cast<double>(one.height), variance += static_cast<double>(one.variance);
    frames += 1.0;
  }
  void add_faintness(double of_frame) { faintness += of_frame, compared += 1.0; }
  double mean_faintness() const { return compared > 0.0 ? std::max(faintness / compared, 0.0) : 0.0; }
  /// Mean square beyond `usual` and so many standard errors of the noise, over the height's; below 0 where it
  /// is less than that.
  double square(double usual, double standard_errors) const {
    if (!(degrees_of_freedom > 0.0) || !(height > 0.0)) return 0.0;
    const double beyond =
        chi2 / degrees_of_freedom - usual - standard_errors * std::sqrt(2.0 / degrees_of_freedom);
    return beyond * variance * frames / (height * height);
  }
};

/// Of each particle of each frame its place. faintness: of one particle, if it tells.
template <typename Faintness>
std::vector<std::vector<Place>> places_of(const std::vector<std::vector<Measured>>& of_frame,
                                          const std::vector<FrameBlock>& blocks, const Faintness& faintness) {
  std::vector<std::vector<Place>> result(of_frame.size());
  const auto place_of = [&](const Measured& at, const FrameBlock& block) {
    Place place;
    place.shaped = at.shaped;
    const FrameBlock asked = at.standing ? FrameBlock{0, of_frame.size()} : block;
    for (std::size_t i = asked.first; i < asked.first + asked.count; ++i)
      for (const Measured& one : of_frame[i]) {
        if (!(one.degrees_of_freedom > 0.0F) || one.standing != at.standing ||
            !nearer(one.particle.x_specimen_px - at.particle.x_specimen_px,
                    one.particle.y_specimen_px - at.particle.y_specimen_px, 0.5 * at.particle.diameter_px))
          continue;
        place.add(one);
        if (const std::optional<double> faint = faintness(one)) place.add_faintness(*faint);
        break;
      }
    return place;
  };
  for (const FrameBlock& block : blocks)
    for (std::size_t i = block.first; i < block.first + block.count; ++i)
      for (const Measured& one : of_frame[i]) result[i].push_back(place_of(one, block));
  return result;
}

/// The misfit over the height that is allowed: some times what is usual.
double most_misfit(const std::vector<std::vector<Place>>& all, double usual) {
  std::vector<double> squares;
  for (const std::vector<Place>& frame : all)
    for (const Place& one : frame)
      if (one.shaped && one.frames > 0.0) squares.push_back(one.square(usual, 0.0));
  if (squares.size() < enough_to_compare) return misfit_too_large;
  const double typical = std::sqrt(std::max(median(squares), 0.0));
  return std::clamp(misfit_of_others * typical, misfit_allowed, misfit_too_large);
}

}  // namespace

std::vector<std::vector<Measured>> alike(std::vector<std::vector<Measured>> of_frame,
                                         const std::vector<FrameBlock>& blocks) {
  std::vector<double> diameters =
      values_of(of_frame, [](const Measured& one) { return static_cast<double>(one.fitted_diameter_px); });
  const double middle = median(diameters);
  // Plates of one metal are no thinner the wider they are, the smallest particles are.
  const auto brightness_of = [middle](const Measured& one) {
    const auto fitted = static_cast<double>(one.fitted_diameter_px);
    const double diameter = one.is_cap ? fitted : std::min(fitted, middle);
    return diameter > 0.0 ? static_cast<double>(one.thickness) / diameter : 0.0;
  };
  const auto relief_of = [](const Measured& one) { return static_cast<double>(one.relief); };
  const auto standing_alone = [](const auto& measure) {
    return [&measure](const Measured& one) { return one.touching ? 0.0 : measure(one); };
  };
  const Usual brightness = usual_of(of_frame, standing_alone(brightness_of));
  const Usual relief = usual_of(of_frame, standing_alone(relief_of));
  const auto faintness = [&](const Measured& one) -> std::optional<double> {
    const bool robbed = one.touching && static_cast<double>(one.fitted_diameter_px) <= widest_robbed * middle;
    const double share = robbed ? light_left : 1.0;
    if (brightness.median > 0.0 && brightness_of(one) > 0.0)
      return brightness.faintness(brightness_of(one) / share);
    if (relief.median > 0.0 && one.relief > 0.0F) return relief.faintness(relief_of(one) / share);
    return std::nullopt;
  };
  const std::vector<std::vector<Place>> places = places_of(of_frame, blocks, faintness);
  const double usual = usual_chi2(of_frame), most = most_misfit(places, usual);
  for (std::size_t i = 0; i < of_frame.size(); ++i) {
    std::vector<Measured> kept;
    for (std::size_t k = 0; k < of_frame[i].size(); ++k) {
      const Place& place = places[i][k];
      const double ill_shaped =
          place.shaped ? std::sqrt(std::max(place.square(usual, certain), 0.0)) / most : 0.0;
      // A bright facet beneath it lessens a relief, and hangs its edge on the shape; thickness adds to
      // thickness.
      const double faint = place.mean_faintness();
      const double unlike = brightness.median > 0.0 ? faint + ill_shaped : std::hypot(faint, ill_shaped);
      if (unlike <= 1.0) kept.push_back(of_frame[i][k]);
    }
    of_frame[i] = std::move(kept);
  }
  return of_frame;
}

}  // namespace sinterscope
