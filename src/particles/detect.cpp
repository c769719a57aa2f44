// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/detect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "candidates.h"
#include "interpolated.h"
#include "nearer.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/scale_space.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {
namespace {

constexpr double first_cut = 2.0;         ///< in units of the level's scatter
constexpr double judged_cut = 3.5;        ///< from here on the surroundings are looked at
constexpr double lone_cut = 5.0;          ///< from here on a round peak is probably a particle
constexpr double chance_constant = 0.02;  ///< k of E(t): peaks of the response on white noise
constexpr double best_of_two = 1.5;  ///< times as many: the better of response and height is taken, and the
                                     ///< two go together
constexpr double noise_cut = 5.0;    ///< above the pixel noise: worth painting out
constexpr std::size_t most_painted = 4000;  ///< the strongest of them
constexpr double least_quiet_share = 0.1;   ///< of the searched area
constexpr std::size_t tail_peaks = 30;      ///< of the other sign, from which the tail is read
constexpr double tail_range = 3.0;          ///< ln of how many times as many are looked at first
constexpr double tail_power = 0.7;          ///< the tail thins out towards the few peaks that are allowed
constexpr double least_tail = 1.0;
constexpr double smallest_beside_px = 6.0;  ///< of blobs that melt with what they touch
// How a height over the surroundings is weighed (see standing_out).
constexpr double height_scatter = 1.5;   ///< scatter of a height, in units of the response's
constexpr double smooth_noise = 0.6;     ///< noise of the smoothed image that is certain, same units
constexpr double texture_allowed = 0.8;  ///< structure that is everywhere, in units of the response's scatter
constexpr double most_over_response = 1.12;  ///< significance over that of the response
// Where noise is white a blob's response rises from it more clearly at a wider scale than that at which it is
// largest: a Gaussian of width s in a Laplacian of width q by q^3 / (s^2 + q^2)^2, 1.30 times as much at
// sqrt(3) s. On facets wide filters see smooth ridges: there only the blob's own scale counts.
constexpr double widest_look = 1.8;  ///< times a blob's scale
constexpr double most_by_width = 1.3;
constexpr double filter_reach = 3.0;      ///< of a response, in its sigmas
constexpr double structure_weight = 3.5;  ///< of unforetold structure beside a blob
constexpr double least_share = 0.4;       ///< of it that counts against a blob that stands alone
constexpr double lopsided_weight = 1.2;   ///< of its departure from roundness
constexpr double judged_width_px = 7.5;   ///< of a blob on the grid on which its surroundings are judged
constexpr double judged_smoothing =
    1.0 / 6.0;                           ///< sigma of the image that is judged, over the blob's diameter
constexpr double beside_asked_px = 4.0;  ///< besides both diameters: where a faint one may come back
constexpr double texture_px = 9.0;
constexpr double texture_over_noise = 1.5;  ///< scatter at that scale over what white noise would leave
constexpr double response_weight = 0.9;     ///< of the response where no facets are seen
constexpr double lenient_weight = 0.4;      ///< the same where no facets are seen

/// ln of t exp(-t^2/2): how the number of chance peaks falls with their height.
double log_tail(double t) { return std::log(std::max(t, 1.0)) - 0.5 * t * t; }

/// ln of the false ones that a peak of significance t stands for.
double log_false(double log_places, double t, double tail) { return log_places + log_tail(t / tail); }

/// Eight directions.
const std::array<cv::Point2d, 8> eighths = [] {
  std::array<cv::Point2d, 8> all;
  for (std::size_t k = 0; k < all.size(); ++k)
    all[k] = {std::cos(0.25 * CV_PI * static_cast<double>(k)),
              std::sin(0.25 * CV_PI * static_cast<double>(k))};
  return all;
}();

/// How far the centre stands above the second-highest of eight places around it, over the mean of all eight:
/// near 1 for a blob, near or below 0 for an edge, a ridge or the crossing of two.
double stands_alone(const BlobLevel& level, const Blob& blob, bool bright) {
  const double radius = 1.35 * std::sqrt(2.0) * blob.diameter_px / (2.0 * std::sqrt(2.0) * level.reduction);
  std::array<double, 8> around{};
  const double sign = bright ? 1.0 : -1.0;
  for (std::size_t k = 0; k < around.size(); ++k) {
    const int x = std::clamp(cvRound(blob.column + radius * eighths[k].x), 0, level.smooth.cols - 1);
    const int y = std::clamp(cvRound(blob.row + radius * eighths[k].y), 0, level.smooth.rows - 1);
    around[k] = sign * (level.smooth(blob.row, blob.column) - level.smooth(y, x));
  }
  std::sort(around.begin(), around.end());
  const double mean = std::accumulate(around.begin(), around.end(), 0.0) / 8.0;
  return mean > 0.0 ? around[1] / mean : -1.0;
}

double relative_contrast(const BlobLevel& level, const Blob& blob, bool bright) {
  const double centre = level.smooth(blob.row, blob.column);
  const double ring = centre - (bright ? blob.response : -blob.response);
  return ring != 0.0 ? (centre - ring) / std::abs(ring) : 0.0;
}

cv::Mat1b without(const cv::Mat1b& searched, const cv::Size& size, const std::vector<Detection>& found) {
  cv::Mat1b rest = searched.empty() ? cv::Mat1b(size, 255) : searched.clone();
  for (const Detection& one : found)
    cv::circle(rest, {cvRound(one.x_px), cvRound(one.y_px)}, cvRound(0.65 * one.diameter_px + 1.0), 0,
               cv::FILLED);
  return rest;
}

/// The image with the masked-out places filled from what lies around them, from near to far.
cv::Mat1f filled(const cv::Mat1f& image, const cv::Mat1b& keep) {
  cv::Mat1f weight, values, result = image.clone();
  keep.convertTo(weight, CV_32F, 1.0 / 255.0);
  cv::multiply(image, weight, values);
  std::vector<cv::Point> open;
  cv::findNonZero(keep == 0, open);
  double reduce = 1.0;
  for (double sigma = 3.0; !open.empty() && sigma < 0.5 * image.cols; sigma *= 2.0) {
    // A blur on a grid that is twice as coarse each time: only a smooth fill is wanted.
    for (cv::Mat1f* map : {&weight, &values}) cv::resize(*map, *map, {}, 0.5, 0.5, cv::INTER_AREA);
    reduce *= 0.5;
    cv::Mat1f near_weight, near_values;
    cv::GaussianBlur(weight, near_weight, {}, sigma * reduce);
    cv::GaussianBlur(values, near_values, {}, sigma * reduce);
    std::erase_if(open, [&](const cv::Point& p) {
      const double u = (p.x + 0.5) * reduce - 0.5, v = (p.y + 0.5) * reduce - 0.5;
      const double near = interpolated(near_weight, u, v);
      if (near <= 0.05) return false;
      result(p) = static_cast<float>(interpolated(near_values, u, v) / near);
      return true;
    });
  }
  return result;
}

class Search {
 public:
  Search(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options, bool bright)
      : clean_(clean),
        searched_(searched),
        options_(options),
        bright_(bright),
        area_px_(searched.empty() ? static_cast<double>(clean.total()) : cv::countNonZero(searched)) {
    const double largest = options.largest_diameter_px > 0 ? options.largest_diameter_px
                                                           : std::min(clean.cols, clean.rows) / 6.0;
    levels_ = build_blob_levels(clean, options.smallest_diameter_px, largest);
  }

  /// What is searched stays as it is; its filters serve both kinds of particles.
  void look_for(bool bright) { bright_ = bright; }

  /// First everything that rises above the pixel noise is painted out; what is left on the other side of zero
  /// is the texture and noise of the support alone, also where particles stand shoulder to shoulder.
  Ground measure_ground() const {
    Ground ground;
    if (too_small()) return ground;
    const std::vector<Detection> bumps = above_noise();
    const cv::Mat1b around = without({}, clean_.size(), bumps);
    cv::Mat1b quiet = without(searched_, clean_.size(), bumps);
    // Where particles cover all of the searched area, the ground between them is what is left to compare
    // with.
    if (cv::countNonZero(quiet) < least_quiet_share * area_px_) quiet = around;
    const Search rest(filled(clean_, around), searched_, options_, !bright_);
    for (const BlobLevel& level : rest.levels_) ground.scatter.emplace_back(level, quiet, bright_);
    ground.judged =
        options_.surroundings == "judged" || (options_.surroundings == "auto" && !textured(ground));
    ground.tail = rest.tail_factor(ground, quiet);
    return ground;
  }

  /// asked: places at which the answer is wanted; empty = everywhere.
  std::vector<Detection> run(const Ground& ground, const std::vector<Disk>& asked = {}) const {
    if (too_small()) return {};
    const double log_allowed = std::log(options_.false_per_frame / best_of_two);
    const std::vector<Peak> all = peaks(ground, log_allowed, ground.tail);
    const std::vector<Disk> lone = lone_ones(all);
    std::vector<Candidate> accepted;
    for (const Peak& peak : all) {
      // Its surroundings are looked at only where it could be accepted.
      if (log_false(peak.log_places, peak.at_best(), ground.tail) > log_allowed) continue;
      if (!may_matter({peak.blob.x_px, peak.blob.y_px, peak.blob.diameter_px}, asked)) continue;
      Candidate one = candidate(peak, ground, lone);
      const double t = one.detection.significance;
      if (t < first_cut) continue;
      const double expected = log_false(peak.log_places, t, ground.tail);
      if (expected > log_allowed) continue;
      one.detection.expected_false = best_of_two * std::exp(expected);
      accepted.push_back(one);
    }
    return keep_strongest(std::move(accepted));
  }

 private:
  bool too_small() const { return area_px_ < 100.0; }

  /// Whether structure and not noise is what scatters at the scale of small particles.
  bool textured(const Ground& ground) const {
    const BlobLevel& finest = levels_.front();
    const auto is_wide = [](const BlobLevel& level) { return level.diameter_px() >= texture_px; };
    const auto wide = std::find_if(levels_.begin(), levels_.end(), is_wide);
    if (wide == levels_.end()) return false;
    const double typical = ground.scatter[static_cast<std::size_t>(wide - levels_.begin())].typical();
    return typical * wide->sigma * wide->reduction >
           texture_over_noise * ground.scatter.front().typical() * finest.sigma * finest.reduction;
  }

  /// The strongest peaks above what white noise of the finest level would give at their scale.
  std::vector<Detection> above_noise() const {
    const LocalScatter finest(levels_.front(), searched_, bright_);
    const double noise = std::max(finest.typical(), 1e-12) * levels_.front().sigma;
    std::vector<double> of_level;
    for (const BlobLevel& level : levels_) of_level.push_back(noise / (level.sigma * level.reduction));
    std::vector<Candidate> bumps;
    for (const Blob& blob : find_blobs(levels_, bright_, of_level, noise_cut)) {
      if (blob.roundness < options_.least_roundness ||
          stands_alone(levels_[blob.level], blob, bright_) <= 0.0)
        continue;
      const double t = blob.response / of_level[blob.level];
      // The strongest first, a larger one before a smaller one of like height: sorted by expected_false.
      bumps.push_back(
          {{blob.x_px, blob.y_px, blob.diameter_px, t, -blob.response, 0.0, bright_}, blob.response, 0.0});
    }
    if (bumps.size() > most_painted) {
      std::nth_element(bumps.begin(), bumps.begin() + most_painted, bumps.end(),
                       [](const Candidate& a, const Candidate& b) { return a.response > b.response; });
      bumps.resize(most_painted);
    }
    return keep_strongest(std::move(bumps));
  }

  /// A blob of the first cut, on the searched area or beside it.
  struct Peak {
    Blob blob;
    double t = 0;           ///< response over local scatter
    double clearest_t = 0;  ///< the most of that at its place at its own and wider scales
    double alone = 0;       ///< stands_alone
    double log_places = 0;  ///< ln of how many there are at its scale
    /// Its significance if its surroundings speak for it.
    double at_best() const { return std::max(most_over_response * t, clearest_t); }
  };

  /// ln of how many blobs of chance a level has room for.
  double log_places(const BlobLevel& level) const {
    return std::log(chance_constant * area_px_) - 2.0 * std::log(level.sigma * level.reduction);
  }

  /// The t below which no peak of a level is worth as few as exp(log_most) false ones, nor a lone one.
  double least_t(double log_places, double log_most, double tail) const {
    double low = first_cut, high = lone_cut;
    const double most_over_t = looks_wider() ? most_by_width : most_over_response;
    const auto is_too_low = [&](double t) { return log_false(log_places, most_over_t * t, tail) > log_most; };
    if (is_too_low(high)) return high;
    for (int halving = 0; halving < 10; ++halving) {
      const double middle = 0.5 * (low + high);
      (is_too_low(middle) ? low : high) = middle;
    }
    return low;
  }

  /// Those that may be worth exp(log_most) false ones or fewer, and all lone ones. There are tens of
  /// thousands of weaker ones in a frame.
  std::vector<Peak> peaks(const Ground& ground, double log_most, double tail) const {
    std::vector<double> least;
    for (std::size_t k = 0; k < levels_.size(); ++k)
      least.push_back(std::max(ground.scatter[k].least(), 1e-12) *
                      least_t(log_places(levels_[k]), log_most, tail));
    const double beside = ground.judged ? smallest_beside_px : std::numeric_limits<double>::infinity();
    std::vector<Peak> found;
    for (const Blob& blob : find_blobs(levels_, bright_, least, 0.999, beside)) {
      const double here = ground.scatter[blob.level].at(blob.column, blob.row);
      const double t = here > 0.0 ? blob.response / here : 0.0;
      if (t < (blob.over_scale ? first_cut : judged_cut)) continue;
      const double alone = stands_alone(levels_[blob.level], blob, bright_);
      // What melts with its neighbours is worth a look only where it has a shape of its own.
      if (!blob.over_scale && (alone <= 0.0 || blob.roundness <= 0.2)) continue;
      found.push_back({blob, t, clearest_t(blob, t, ground), alone, log_places(levels_[blob.level])});
    }
    return found;
  }

  bool looks_wider() const { return options_.surroundings != "judged"; }

  /// The most that the response rises above its scatter at a blob's place: `t` at the blob's own scale, or
  /// what it does at somewhat wider ones.
  double clearest_t(const Blob& blob, double t, const Ground& ground) const {
    if (!looks_wider()) return t;
    const double own = levels_[blob.level].diameter_px();
    for (std::size_t k = blob.level + 1; k < levels_.size(); ++k) {
      const BlobLevel& wide = levels_[k];
      if (wide.diameter_px() <= own || wide.diameter_px() > widest_look * own) continue;
      const int x = cvRound(blob.x_px / wide.reduction), y = cvRound(blob.y_px / wide.reduction),
                reach = cvCeil(filter_reach * wide.sigma);
      const cv::Rect whole(reach, reach, wide.response.cols - 2 * reach, wide.response.rows - 2 * reach);
      if (!whole.contains({x, y})) continue;
      const double scatter = ground.scatter[k].at(x, y),
                   response = (bright_ ? 1.0 : -1.0) * static_cast<double>(wide.response(y, x));
      if (scatter > 0.0) t = std::max(t, response / scatter);
    }
    return t;
  }

  /// What is probably a particle is no part of another one's surroundings.
  std::vector<Disk> lone_ones(const std::vector<Peak>& all) const {
    std::vector<Disk> lone;
    for (const Peak& peak : all)
      if (peak.blob.over_scale && peak.t > lone_cut && peak.alone >= 0.5 &&
          peak.blob.roundness >= options_.least_roundness)
        lone.push_back({peak.blob.x_px, peak.blob.y_px, peak.blob.diameter_px});
    return lone;
  }

  /// With how far it stands out: 0 off the searched area and for what is known already.
  Candidate candidate(const Peak& peak, const Ground& ground, const std::vector<Disk>& lone) const {
    const Blob& blob = peak.blob;
    const bool counts = on(searched_, blob.x_px, blob.y_px) && (blob.over_scale || !is_known(blob, lone));
    const Standing standing = counts ? significance(peak, ground, lone) : Standing{};
    return {{blob.x_px, blob.y_px, blob.diameter_px, standing.significance, 0.0,
             relative_contrast(levels_[blob.level], blob, bright_), bright_, standing.on_plane},
            blob.response,
            peak.log_places};
  }

  static bool is_known(const Blob& blob, const std::vector<Disk>& lone) {
    return std::any_of(lone.begin(), lone.end(), [&](const Disk& one) {
      return nearer(one.x - blob.x_px, one.y - blob.y_px, 0.35 * one.diameter) &&
             one.diameter < 1.6 * blob.diameter_px && blob.diameter_px < 1.6 * one.diameter;
    });
  }

  struct Standing {
    double significance = 0.0;
    bool on_plane = false;
  };

  Standing significance(const Peak& peak, const Ground& ground, const std::vector<Disk>& lone) const {
    const bool round_and_alone = peak.blob.roundness >= options_.least_roundness && peak.alone > 0.0;
    if (ground.judged && peak.t < judged_cut) return {peak.blob.roundness >= 0.1 ? peak.t : 0.0};
    const double by_response = ground.judged || !round_and_alone ? 0.0 : response_weight * peak.t;
    if (peak.t < judged_cut || peak.blob.roundness < 0.1) return {by_response};
    const Standing standing = standing_out(peak, ground, lone);
    return {std::max(by_response, standing.significance), standing.on_plane};
  }

  /// The level on whose image a blob is judged: on the coarsest grid on which it is wide enough to have a
  /// shape, smoothed by a fixed share of its diameter.
  std::size_t judged_level(double diameter_px) const {
    std::size_t best = 0;
    const auto misfit = [&](std::size_t k) {
      return std::abs(levels_[k].smooth_sigma * levels_[k].reduction - judged_smoothing * diameter_px);
    };
    for (std::size_t k = 1; k < levels_.size(); ++k) {
      const double coarser = levels_[k].reduction / levels_[best].reduction;
      if (coarser > 1.0 ? diameter_px >= judged_width_px * levels_[k].reduction : misfit(k) < misfit(best))
        best = k;
    }
    return best;
  }

  /// The blob's height over the foretold, in units of the scatter of such heights, of the structure beside it
  /// and of its own departure from roundness.
  Standing standing_out(const Peak& peak, const Ground& ground, const std::vector<Disk>& lone) const {
    const Blob& blob = peak.blob;
    const std::size_t at = judged_level(blob.diameter_px);
    const BlobLevel& fine = levels_[at];
    const double x = blob.x_px / fine.reduction, y = blob.y_px / fine.reduction;
    const double scatter = blob.response / peak.t;
    const double ordinary =
        std::hypot(smooth_noise * ground.scatter[at].at(cvRound(x), cvRound(y)), texture_allowed * scatter);
    std::vector<Disk> others;
    for (const Disk& one : lone)
      if (!nearer(one.x - blob.x_px, one.y - blob.y_px, 0.4 * (blob.diameter_px + one.diameter)))
        others.push_back({one.x / fine.reduction, one.y / fine.reduction, one.diameter / fine.reduction});
    const Surroundings around =
        judge_surroundings(fine.smooth, {x, y, blob.diameter_px / fine.reduction}, bright_, ordinary, others);
    // Where nothing but noise lies around there is no edge that could foretell it: the response counts as it
    // is.
    const bool on_plane = blob.over_scale && around.uneven < ordinary;
    const double by_response = on_plane ? peak.clearest_t : 0.0;
    if (around.height <= 0.0) return {by_response, on_plane};
    // A corner has bright arms on some sides; what stands out on all sides may have structure further off.
    const double share = std::clamp((0.8 - around.alone / around.height) / 0.5, least_share, 1.0);
    const double over_foretold =
        around.height / std::hypot(height_scatter * scatter, structure_weight * share * around.structure,
                                   (ground.judged ? lopsided_weight : lenient_weight) * around.lopsided);
    return {std::max(by_response, std::min(most_over_response * peak.t, over_foretold)), on_plane};
  }

  /// How much further the tail of the texture reaches than a normal one: from the height that the first few
  /// dozen peaks of the other sign exceed. 1 for noise. Peaks of a found particle's surroundings do not
  /// count.
  double tail_factor(const Ground& ground, const cv::Mat1b& quiet) const {
    const double expected = std::log(static_cast<double>(tail_peaks)), nearly_all = expected + tail_range;
    std::vector<double> highest = highest_false(ground, quiet, nearly_all);
    if (highest.size() < tail_peaks || highest.front() > nearly_all)
      highest = highest_false(ground, quiet, std::numeric_limits<double>::infinity());
    if (highest.size() < tail_peaks) return 1.0;
    const double finest = log_places(levels_.at(1));
    if (finest - expected < 1.0) return 1.0;
    const double tail = (finest - highest.front()) / (finest - expected);
    return std::pow(std::max(tail, least_tail), 0.5 * tail_power);
  }

  /// ln of the false ones that the highest peaks of the quiet area stand for, a heap with the lowest of them
  /// in front, among those that may be worth exp(log_most) or fewer.
  std::vector<double> highest_false(const Ground& ground, const cv::Mat1b& quiet, double log_most) const {
    std::vector<Peak> opposite = peaks(ground, log_most, 1.0);
    const std::vector<Disk> lone = lone_ones(opposite);
    const auto least_false = [](const Peak& peak) { return log_false(peak.log_places, peak.at_best(), 1.0); };
    std::sort(opposite.begin(), opposite.end(),
              [&](const Peak& a, const Peak& b) { return least_false(a) < least_false(b); });
    std::vector<double> highest;
    for (const Peak& peak : opposite) {
      if (highest.size() == tail_peaks && least_false(peak) > highest.front()) break;
      if (!on(quiet, peak.blob.x_px, peak.blob.y_px)) continue;
      const double t = candidate(peak, ground, lone).detection.significance;
      if (t < first_cut) continue;
      highest.push_back(log_false(peak.log_places, t, 1.0));
      std::push_heap(highest.begin(), highest.end());
      if (highest.size() <= tail_peaks) continue;
      std::pop_heap(highest.begin(), highest.end());
      highest.pop_back();
    }
    return highest;
  }

  bool on(const cv::Mat1b& area, double x_px, double y_px) const {
    const int x = cvRound(x_px), y = cvRound(y_px);
    if (x < 0 || y < 0 || x >= clean_.cols || y >= clean_.rows) return false;
    return area.empty() || area(y, x) != 0;
  }

  cv::Mat1f clean_;
  cv::Mat1b searched_;
  DetectOptions options_;
  bool bright_;
  double area_px_;
  std::vector<BlobLevel> levels_;
};

}  // namespace

bool overlap(const Detection& a, const Detection& b) {
  return std::hypot(a.x_px - b.x_px, a.y_px - b.y_px) < 0.5 * std::max(a.diameter_px, b.diameter_px);
}

bool repeats(const Detection& one, const Detection& known) {
  return overlap(one, known) && one.diameter_px > 0.4 * known.diameter_px;
}

Ground measure_ground(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options) {
  validate(options);
  return Search(clean, searched, options, options.polarity != "dark").measure_ground();
}

std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options,
                              const Ground& ground, const std::vector<Disk>& asked) {
  validate(options);
  return Search(clean, searched, options, options.polarity != "dark").run(ground, asked);
}

bool may_matter(const Disk& one, const std::vector<Disk>& asked) {
  return asked.empty() || std::any_of(asked.begin(), asked.end(), [&](const Disk& place) {
           return nearer(one.x - place.x, one.y - place.y, one.diameter + place.diameter + beside_asked_px);
         });
}

std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched,
                              const DetectOptions& options) {
  validate(options);
  const Search search(clean, searched, options, options.polarity != "dark");
  return search.run(search.measure_ground());
}

PolarityChoice choose_polarity(const std::vector<cv::Mat1f>& clean, const std::vector<cv::Mat1b>& voting,
                               const DetectOptions& options, int threads) {
  constexpr double decisive = 1.5;
  constexpr std::size_t gaps_per_frame = 8;  // narrow gaps and shadows between grains that no mask holds
  struct Both {
    std::vector<Detection> bright, dark;
  };
  std::vector<Both> found(clean.size());
  parallel_for(clean.size(), threads, [&](std::size_t k) {
    Search search(clean[k], {}, options, true);
    found[k].bright = search.run(search.measure_ground());
    search.look_for(false);
    found[k].dark = search.run(search.measure_ground());
  });
  struct Votes {
    double significance = 0.0;
    std::size_t count = 0;
  } bright, dark;
  const auto add = [&](Votes& votes, const std::vector<Detection>& some, std::size_t k) {
    for (const Detection& one : some) {
      const cv::Point at(std::clamp(cvRound(one.x_px), 0, clean[k].cols - 1),
                         std::clamp(cvRound(one.y_px), 0, clean[k].rows - 1));
      if (!voting.empty() && !voting[k].empty() && voting[k](at) == 0) continue;
      votes.significance += one.significance;
      ++votes.count;
    }
  };
  for (std::size_t k = 0; k < found.size(); ++k) {
    add(bright, found[k].bright, k);
    add(dark, found[k].dark, k);
  }
  const bool may_be_gaps = !voting.empty() && dark.count < gaps_per_frame * clean.size();
  const bool is_dark = dark.significance > decisive * bright.significance && !may_be_gaps;
  PolarityChoice choice{is_dark ? "dark" : "bright", {}};
  for (Both& both : found) choice.found.push_back(std::move(is_dark ? both.dark : both.bright));
  return choice;
}

}  // namespace sinterscope
