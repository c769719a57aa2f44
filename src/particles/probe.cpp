// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/probe.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "jury.h"
#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

struct Candidate {
  ProfileShape shape;
  double penalty = 0.0;  ///< in -2 ln L
};

/// What the detector suggests, most expected first.
std::vector<Candidate> candidates(const SizeOptions& options) {
  const ProfileKind asked = profile_kind(options.profile);
  if (asked != ProfileKind::automatic) return {{{asked, options.rim}, 0.0}};
  const ProfileShape disk{ProfileKind::disk, options.rim}, cap{ProfileKind::cap, options.rim};
  const ProfileShape rim{ProfileKind::rim_disk, options.rim}, faint{ProfileKind::rim_disk, 0.5 * options.rim},
      strong{ProfileKind::rim_disk, 1.7 * options.rim};
  if (options.detector == "SE") return {{rim, 0.0}, {faint, 1.0}, {strong, 1.0}, {disk, 25.0}, {cap, 25.0}};
  if (options.detector == "HAADF") return {{cap, 0.0}, {disk, 12.0}};
  return {{disk, 0.0}, {cap, 0.0}, {rim, 0.0}};
}

/// So many of those asked are taken for something else than particles: a corner that fits one profile by far
/// must not outweigh all others.
constexpr double strangers = 0.01;

constexpr double narrowest = 0.42, widest = 8.0;  // blurred sigma in px; the pixel alone has 0.29
/// Microscopists take pixels about as wide as the probe: known to a factor of two before anything is seen.
constexpr double usual_probe_px = 1.0, usual_log_sd = 0.7;
constexpr std::size_t first_asked = 40, most_asked = 640;
constexpr double good_enough = 0.02;  ///< error of ln sigma from which on no more particles are asked

double probe_of(double blurred) { return std::sqrt(std::max(blurred * blurred - 1.0 / 12.0, 0.01)); }

/// One profile: the most probable width with what is needed for its error.
struct Found {
  ProfileShape shape;
  double blurred = 0.0, log_likelihood = 0.0;
  double log_variance = 0.0;
  bool inside = false;
  std::vector<double> of_each = {};  ///< ln likelihood of each particle at about this width
};

/// Each of the particles that all profiles were asked about may be a stranger, and is then as probable as the
/// best profile makes it; their ln likelihoods are changed to that.
std::vector<Found>::const_iterator most_probable(std::vector<Found>& found) {
  for (std::size_t k = 0; k < found.front().of_each.size(); ++k) {
    double best = found.front().of_each[k];
    for (const Found& one : found) best = std::max(best, one.of_each[k]);
    for (Found& one : found)
      one.log_likelihood +=
          best - one.of_each[k] + std::log((1 - strangers) * std::exp(one.of_each[k] - best) + strangers);
  }
  return std::max_element(found.begin(), found.end(),
                          [](const Found& a, const Found& b) { return a.log_likelihood < b.log_likelihood; });
}

/// How bright the very edge is: known before anything is seen to this share of what the options say.
constexpr double usual_rim_sd = 0.8;
constexpr double good_rim_sd = 0.03;  ///< from which on no more particles are asked
constexpr double rim_step = 0.5;      ///< of what the options say

/// A rim by what the particles and the expectation say together.
struct Rim {
  double value = 0.0, variance = 0.0;
  Found at;             ///< at the rim in the middle of the parabola
  double by_rim = 0.0;  ///< of ln sigma
};

/// A parabola through three rims, moved until its top lies between them. `judge` gives the most probable
/// width for a rim. The scatter of the single particles' slopes tells how far their curvature is to be
/// believed.
template <typename Judge>
std::optional<Rim> find_rim(const Judge& judge, double usual, double start) {
  const double step = rim_step * usual;
  if (!(step > 0)) return std::nullopt;
  double middle = std::max(start, step);
  Rim rim;
  for (int pass = 0; pass < 3; ++pass) {
    const Found left = judge(middle - step), right = judge(middle + step);
    rim.at = judge(middle);
    if (!left.inside || !right.inside || !rim.at.inside) return std::nullopt;
    const double slope = (right.log_likelihood - left.log_likelihood) / (2 * step);
    const double information =
        -(left.log_likelihood - 2 * rim.at.log_likelihood + right.log_likelihood) / (step * step);
    if (!(information > 0)) return std::nullopt;
    double scatter = 0.0;
    for (std::size_t k = 0; k < left.of_each.size(); ++k)
      scatter += std::pow((right.of_each[k] - left.of_each[k]) / (2 * step), 2);
    const double seen = information * information / std::max(scatter, information);
    const double before = 1 / std::pow(usual_rim_sd * usual, 2);
    rim.variance = 1 / (seen + before);
    rim.value = std::max((seen * (middle + slope / information) + before * usual) * rim.variance, 0.0);
    rim.by_rim = std::log(right.blurred / left.blurred) / (2 * step);
    if (std::abs(rim.value - middle) < step || rim.value < middle) break;
    middle = rim.value;
  }
  return rim;
}

/// The highest point of the likelihood over ln sigma: walks uphill, then lays parabolas through three points
/// about a standard error apart, where the likelihood falls by more than it is worked out to.
class SigmaSearch {
 public:
  SigmaSearch(Juries& jury, const ProfileShape& shape) : jury_(jury), shape_(shape) {}

  Found from(double start) {
    double step = 0.2;
    Point middle = at(std::log(start)), left = at(middle.log_sigma - step),
          right = at(middle.log_sigma + step);
    for (int pass = 0; pass < 25; ++pass) {
      if (left.value > middle.value || right.value > middle.value) {
        const bool down = left.value > right.value;
        (down ? right : left) = middle;
        middle = down ? left : right;
        const double next = middle.log_sigma + (down ? -step : step);
        if (next < std::log(narrowest) || next > std::log(widest)) return {shape_};
        (down ? left : right) = at(next);
        continue;
      }
      const double information = -(left.value - 2 * middle.value + right.value) / (step * step);
      // A width with which too few particles are seen has no likelihood.
      if (!(information > 0) || std::isinf(information)) return {shape_};
      const double error = 1 / std::sqrt(information);
      const double top = 0.5 * (right.value - left.value) / (step * information);
      if (step < 1.5 * error || step < 0.02) return read(left, middle, right, information, top);
      step = std::max({error, 0.3 * step, 0.015});
      middle = at(middle.log_sigma + top);
      left = at(middle.log_sigma - step), right = at(middle.log_sigma + step);
    }
    return {shape_};
  }

 private:
  struct Point {
    double log_sigma = 0.0, value = 0.0;
    std::vector<double> of_each;
  };

  Point at(double log_sigma) {
    const double away = std::log(probe_of(std::exp(log_sigma)) / usual_probe_px) / usual_log_sd;
    Jury::Verdict verdict = jury_.judge(shape_, std::exp(log_sigma));
    return {log_sigma, verdict.log_likelihood - 0.5 * away * away, std::move(verdict.of_each)};
  }

  /// The scatter of the single particles' slopes tells the error where the profile is only nearly right.
  Found read(const Point& left, const Point& middle, const Point& right, double information,
             double top) const {
    const double across = right.log_sigma - left.log_sigma;
    double mean = 0.0, scatter = 0.0;
    const auto count = static_cast<double>(left.of_each.size());
    const auto slope = [&](std::size_t k) { return (right.of_each[k] - left.of_each[k]) / across; };
    for (std::size_t k = 0; k < left.of_each.size(); ++k) mean += slope(k) / count;
    for (std::size_t k = 0; k < left.of_each.size(); ++k) scatter += std::pow(slope(k) - mean, 2);
    Found found{shape_};
    found.blurred = std::exp(middle.log_sigma + top);
    found.log_likelihood = middle.value + 0.5 * information * top * top;
    // Both tell the same where all is right. Scatter above curvature: the profile is only nearly right. Far
    // below it: the law of the particles has jumped between the three points, which is no curvature.
    found.log_variance = std::max(std::max(scatter, information) / (information * information), 1 / scatter);
    found.of_each = middle.of_each;
    found.inside = found.blurred > narrowest * 1.01 && found.blurred < widest * 0.99;
    return found;
  }

  Juries& jury_;
  ProfileShape shape_;
};

std::vector<double> diameters_of(const std::vector<SeenHold>& holds) {
  std::vector<double> diameters;
  for (const SeenHold& hold : holds)
    for (const Seed& seed : hold.seeds) diameters.push_back(seed.diameter_px);
  return diameters;
}

/// What juries are called from.
struct Images {
  const std::vector<SeenHold>& holds;
  const NoiseModel& noise;
  const SizeOptions& options;
  double window_sigma;
  Juries jury(const ProfileShape& first, std::size_t most) const {
    return {holds, noise, options, window_sigma, first, most};
  }
};

/// The same profile asked of more particles, until its width is known well enough. Which profile it is they
/// are not asked: none is more than nearly right, and hundreds of particles would insist on differences that
/// mean nothing.
Found with_more(Found best, const Images& images, bool all) {
  for (std::size_t asked = 4 * first_asked; asked <= most_asked && !all; asked *= 4) {
    if (best.log_variance < good_enough * good_enough) break;
    Juries jury = images.jury(best.shape, asked);
    const Found more = SigmaSearch(jury, best.shape).from(best.blurred);
    if (!more.inside) break;
    best = more;
    all = jury.all_asked();
  }
  return best;
}

/// A rim is no other profile but one more number, which more particles tell better: between no rim and a
/// strong one the diameter moves by 4 %, and one particle near the resolution limit cannot tell. `judge` is
/// asked with a jury, a rim and the width found before.
template <typename Judge>
Found with_rim(Found best, const Images& images, const Judge& judge) {
  double start = best.shape.rim;
  for (std::size_t asked = 4 * first_asked; asked <= most_asked; asked *= 4) {
    Juries jury = images.jury(best.shape, asked);
    const auto rim = find_rim(
        [&](double b) {
          return judge(jury, ProfileShape{best.shape.kind, b}, best.blurred);
        },
        images.options.rim, start);
    if (!rim) break;
    best = rim->at;
    const double away = rim->value - best.shape.rim;
    best.shape.rim = start = rim->value;
    best.blurred *= std::exp(rim->by_rim * away);
    best.log_variance += rim->by_rim * rim->by_rim * rim->variance;
    if (jury.all_asked() ||
        (rim->variance < good_rim_sd * good_rim_sd && best.log_variance < good_enough * good_enough))
      break;
  }
  return best;
}

}  // namespace

std::optional<Probe> estimate_probe(const std::vector<SeenHold>& holds, const NoiseModel& noise,
                                    const SizeOptions& options) {
  std::vector<double> diameters = diameters_of(holds);
  if (diameters.empty()) return std::nullopt;
  const auto shapes = candidates(options);
  const double window_sigma = std::clamp(0.3 * median(diameters), 1.0, 2.5);
  const Images images{holds, noise, options, window_sigma};
  Juries jury = images.jury(shapes.front().shape, first_asked);
  if (jury.empty()) return std::nullopt;
  std::vector<Found> found;
  for (const Candidate& candidate : shapes) {
    Found one =
        SigmaSearch(jury, candidate.shape).from(found.empty() ? 0.7 * window_sigma : found.front().blurred);
    one.log_likelihood -= 0.5 * candidate.penalty;
    if (one.inside && !one.of_each.empty()) found.push_back(one);
  }
  if (found.empty()) return std::nullopt;
  const auto first = most_probable(found);
  const bool rim = shapes.size() > 1 && first->shape.kind == ProfileKind::rim_disk;
  double by_profile = 0.0;
  for (const Found& other : found) {  // what a rival profile would say, by its odds
    if (rim && other.shape.kind == first->shape.kind) continue;
    const double odds = std::exp(other.log_likelihood - first->log_likelihood);
    by_profile += odds / (1 + odds) * std::pow(std::log(other.blurred / first->blurred), 2);
  }
  const auto search = [](Juries& asked, const ProfileShape& shape, double start) {
    return SigmaSearch(asked, shape).from(start);
  };
  const Found best = rim ? with_rim(*first, images, search) : with_more(*first, images, jury.all_asked());
  const double sigma = probe_of(best.blurred);
  return Probe{sigma, std::sqrt(best.log_variance + by_profile) * best.blurred * best.blurred / sigma,
               best.shape};
}

std::optional<Probe> estimate_probe(const cv::Mat1f& raw, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options) {
  return estimate_probe({SeenHold{{{raw, {}}}, seeds}}, noise, options);
}

ProfileShape choose_profile(const std::vector<SeenHold>& holds, const NoiseModel& noise, const Probe& probe,
                            const SizeOptions& options) {
  const auto shapes = candidates(options);
  if (shapes.size() == 1 || holds.empty()) return shapes.front().shape;
  const double sigma = blurred_sigma(probe.sigma_px);
  const Images images{holds, noise, options, sigma};
  Juries jury = images.jury(shapes.front().shape, first_asked);
  if (jury.empty()) return shapes.front().shape;
  const auto judge = [](Juries& asked, const ProfileShape& shape, double blurred) {
    Jury::Verdict verdict = asked.judge(shape, blurred);
    return Found{shape, blurred, verdict.log_likelihood, 0.0, true, std::move(verdict.of_each)};
  };
  std::vector<Found> found;
  for (const Candidate& candidate : shapes) {
    Found one = judge(jury, candidate.shape, sigma);
    one.log_likelihood -= 0.5 * candidate.penalty;
    if (!one.of_each.empty()) found.push_back(std::move(one));
  }
  if (found.empty()) return shapes.front().shape;
  Found best = *most_probable(found);
  if (best.shape.kind == ProfileKind::rim_disk) best = with_rim(std::move(best), images, judge);
  return best.shape;
}

}  // namespace sinterscope
