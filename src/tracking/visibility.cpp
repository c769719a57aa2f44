// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/visibility.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// A standard normal variable as a sum: the step resolves the edge of a completeness curve, which a few
// Gauss-Hermite nodes would jump over.
constexpr int half_steps = 16;
constexpr double step = 0.25;

constexpr double far_above_limit = 1e6;  ///< px

double normal_weight(double z) { return step * std::exp(-0.5 * z * z) / std::sqrt(2.0 * pi); }

std::vector<double> in_field_of(const Sighting& particle, std::span<const Look> looks, cv::Size frame_size) {
  std::vector<double> in_field;
  for (const Look& look : looks) in_field.push_back(probability_in_field(particle, look.shift, frame_size));
  return in_field;
}

/// Probability that a particle of this diameter is found and missed as the looks tell.
double pattern_of(double diameter, std::span<const Look> looks, const std::vector<double>& in_field) {
  double pattern = 1.0;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const double found = in_field[i] * looks[i].curve->probability(diameter);
    pattern *= looks[i].found ? found : 1.0 - found;
  }
  return pattern;
}

/// Probability that all looks miss a particle of this diameter. What keeps large particles from being found
/// (an edge, a crowd, a background that holds them) belongs to the place and lasts for the hold: it is drawn
/// once a hold, and is ruled out in a hold that found the particle before.
double all_missed(double diameter, std::span<const Look> looks, const std::vector<double>& in_field,
                  std::span<const Look> before, double together) {
  double result = 1.0;
  for (std::size_t first = 0, next = 0; first < looks.size(); first = next) {
    const CompletenessCurve& curve = *looks[first].curve;
    const bool known_place = std::any_of(
        before.begin(), before.end(), [&](const Look& look) { return look.found && look.curve == &curve; });
    const double share = curve.probability(diameter) / (known_place ? 1.0 : curve.plateau);
    double each_missed = 1.0, in_view = 0.0;
    for (next = first; next < looks.size() && looks[next].curve == &curve; ++next) {
      each_missed *= 1.0 - in_field[next] * share;
      in_view = std::max(in_view, in_field[next]);
    }
    if (known_place) {
      result *= each_missed;
      continue;
    }
    const double blind = in_view * (1.0 - curve.plateau);
    result *= blind + (1.0 - blind) * ((1.0 - together) * each_missed + together * (1.0 - in_view * share));
  }
  return result;
}

}  // namespace

double probability_in_field(const Sighting& particle, const FrameShift& shift, cv::Size frame_size) {
  const cv::Point2d raw = particle.place_px + shift.shift_px;
  const double to_border = std::min(std::min(raw.x + 0.5, frame_size.width - 0.5 - raw.x),
                                    std::min(raw.y + 0.5, frame_size.height - 0.5 - raw.y));
  // With its centre on the border half of a particle is cut off and it is as good as lost; whole, it is
  // found.
  const double quarter = 0.25 * std::exp(particle.log_diameter);
  const double blur =
      std::sqrt(particle.place_variance + shift.sigma_px * shift.sigma_px + 0.25 * quarter * quarter);
  return normal_cdf((to_border - quarter) / blur);
}

Unseen unseen(const Sighting& particle, double change, std::span<const Look> looks, cv::Size frame_size,
              std::span<const Look> before, double together) {
  const double spread = std::sqrt(change * change + particle.log_diameter_variance);
  const std::vector<double> in_field = in_field_of(particle, looks, frame_size),
                            in_field_before = in_field_of(particle, before, frame_size);
  Unseen result;
  result.outside = 1.0;
  for (const double share : in_field) result.outside *= 1.0 - share;
  const double even_large =
      std::max(all_missed(far_above_limit, looks, in_field, before, together) - result.outside, 0.0);
  double total = 0.0;
  for (int k = -half_steps; k <= half_steps; ++k) {
    const double z = k * step;
    const double diameter = std::exp(particle.log_diameter + spread * z);
    const double weight = normal_weight(z) * pattern_of(diameter, before, in_field_before);
    total += weight;
    const double in_view =
        std::max(all_missed(diameter, looks, in_field, before, together) - result.outside, 0.0);
    const double missed = std::min(in_view, even_large);
    result.missed += weight * missed;
    result.below_limit += weight * (in_view - missed);
  }
  if (total > 0.0) {
    result.below_limit /= total;
    result.missed /= total;
  }
  return result;
}

double probability_of_pattern(const Sighting& particle, double change, std::span<const Look> looks,
                              cv::Size frame_size, double gone_later, double confirmed, double together) {
  const double spread = std::sqrt(change * change + particle.log_diameter_variance);
  const std::vector<double> in_field = in_field_of(particle, looks, frame_size);
  std::size_t until = looks.size();
  while (until > 0 && !looks[until - 1].found) --until;
  const std::span<const Look> there = looks.first(until), after = looks.subspan(until);
  const std::vector<double> in_field_after(in_field.begin() + static_cast<std::ptrdiff_t>(until),
                                           in_field.end());
  const double finds = static_cast<double>(
      std::count_if(looks.begin(), looks.end(), [](const Look& look) { return look.found; }));
  const double arrangement =
      std::pow(confirmed, finds) * std::pow(1.0 - confirmed, static_cast<double>(looks.size()) - finds);
  double result = 0.0;
  for (int k = -half_steps; k <= half_steps; ++k) {
    const double z = k * step, diameter = std::exp(particle.log_diameter + spread * z);
    const double missed = pattern_of(diameter, after, in_field_after);
    const double each = pattern_of(diameter, there, in_field) * (gone_later + (1.0 - gone_later) * missed);
    result += normal_weight(z) *
              ((1.0 - together) * each + together * looks.front().curve->probability(diameter) * arrangement);
  }
  return result;
}

}  // namespace sinterscope
