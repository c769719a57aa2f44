// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/detect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "sinterscope/particles/scale_space.h"

namespace sinterscope {
namespace {

constexpr double first_cut = 2.0;        ///< in units of the level's scatter
constexpr double median_to_sd = 1.4826;  ///< of the absolute value of a normal variable
constexpr double chance_constant =
    0.02;                               ///< k of E(t), measured on white noise (tests/particles/detect_test)
constexpr int block_px = 48;            ///< octave px; large against the filter, small against a facet
constexpr double small_on_large = 1.0;  ///< share of a large blob's height at which a small one on it counts
constexpr double crowd_share = 0.1;  ///< of a large blob's area covered by small ones: then it is their crowd
constexpr double noise_cut = 5.0;    ///< above the pixel noise: worth painting out
constexpr std::size_t most_painted = 4000;  ///< the strongest of them
constexpr double least_quiet_share = 0.1;   ///< of the searched area
constexpr double typical_quantile = 0.8;    ///< of the blocks' scatter
constexpr double typical_share = 0.7;       ///< of it below which no block's scatter is believed

float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The scatter of one level's response over the searched area, block by block, read from the side on which
/// there are no particles (negative responses for bright ones): what particles were overlooked cannot widen
/// it.
class LocalScatter {
 public:
  LocalScatter(const BlobLevel& level, const cv::Mat1b& searched, bool bright) : reduction_(level.reduction) {
    const float sign = bright ? 1.0F : -1.0F;
    const cv::Mat1f& r = level.response;
    const int across = std::max(1, r.cols / block_px), down = std::max(1, r.rows / block_px);
    blocks_ = cv::Mat1f(down, across, 0.0F);
    std::vector<float> known, sample;
    for (int j = 0; j < down; ++j)
      for (int i = 0; i < across; ++i) {
        sample.clear();
        for (int y = j * r.rows / down; y < (j + 1) * r.rows / down; y += 2)
          for (int x = i * r.cols / across; x < (i + 1) * r.cols / across; x += 2)
            if (sign * r(y, x) < 0.0F && inside(searched, x, y)) sample.push_back(-sign * r(y, x));
        if (sample.size() < 30) continue;
        blocks_(j, i) = static_cast<float>(median_to_sd) * median_of(sample);
        known.push_back(blocks_(j, i));
      }
    if (known.empty()) return;
    const auto at =
        known.begin() + static_cast<std::ptrdiff_t>(typical_quantile * static_cast<double>(known.size() - 1));
    std::nth_element(known.begin(), at, known.end());
    typical_ = *at;
    for (float& block : blocks_) block = std::max(block, static_cast<float>(typical_share) * typical_);
  }

  double typical() const { return typical_; }

  /// Interpolated between block centres; octave px.
  double at(int x, int y, const cv::Size& size) const {
    const double u = std::clamp((x + 0.5) * blocks_.cols / size.width - 0.5, 0.0, blocks_.cols - 1.0);
    const double v = std::clamp((y + 0.5) * blocks_.rows / size.height - 0.5, 0.0, blocks_.rows - 1.0);
    const int i = std::min(static_cast<int>(u), std::max(blocks_.cols - 2, 0)),
              i1 = std::min(i + 1, blocks_.cols - 1);
    const int j = std::min(static_cast<int>(v), std::max(blocks_.rows - 2, 0)),
              j1 = std::min(j + 1, blocks_.rows - 1);
    const double a = u - i, b = v - j;
    return (1 - b) * ((1 - a) * blocks_(j, i) + a * blocks_(j, i1)) +
           b * ((1 - a) * blocks_(j1, i) + a * blocks_(j1, i1));
  }

 private:
  bool inside(const cv::Mat1b& searched, int x, int y) const {
    if (searched.empty()) return true;
    const int column = std::min(static_cast<int>(x * reduction_), searched.cols - 1);
    const int row = std::min(static_cast<int>(y * reduction_), searched.rows - 1);
    return searched(row, column) != 0;
  }

  double reduction_;
  cv::Mat1f blocks_;
  float typical_ = 0.0F;
};

/// ln of t exp(-t^2/2): how the number of chance peaks falls with their height.
double log_tail(double t) { return std::log(std::max(t, 1.0)) - 0.5 * t * t; }

/// How far the centre stands above the second-highest of eight places around it, over the mean of all eight:
/// near 1 for a blob, near or below 0 for an edge, a ridge or the crossing of two.
double stands_alone(const BlobLevel& level, const Blob& blob, bool bright) {
  const double radius = 1.35 * std::sqrt(2.0) * blob.diameter_px / (2.0 * std::sqrt(2.0) * level.reduction);
  std::array<double, 8> around{};
  const double sign = bright ? 1.0 : -1.0;
  for (std::size_t k = 0; k < around.size(); ++k) {
    const double angle = 2.0 * CV_PI * static_cast<double>(k) / 8.0;
    const int x = std::clamp(static_cast<int>(std::lround(blob.column + radius * std::cos(angle))), 0,
                             level.smooth.cols - 1);
    const int y = std::clamp(static_cast<int>(std::lround(blob.row + radius * std::sin(angle))), 0,
                             level.smooth.rows - 1);
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

/// A candidate with what decides between overlapping ones.
struct Candidate {
  Detection detection;
  double response = 0.0;    ///< in units of the image: a blob's height over its surroundings
  double log_places = 0.0;  ///< ln of the number of independent places at its scale

  bool reaches(const Candidate& other) const {
    const Detection &a = detection, &b = other.detection;
    return std::hypot(a.x_px - b.x_px, a.y_px - b.y_px) < 0.5 * std::max(a.diameter_px, 0.6 * b.diameter_px);
  }
};

/// Two blobs of like size and place are one; a small one on a large one counts where it stands out as much.
bool repeats(const Candidate& candidate, const Candidate& stronger) {
  if (!stronger.reaches(candidate)) return false;
  const double size_ratio = stronger.detection.diameter_px / candidate.detection.diameter_px;
  return size_ratio < 2.0 || candidate.response < small_on_large * stronger.response;
}

/// A crowd of small blobs, filtered coarsely, looks like a large one.
bool is_a_crowd(const Candidate& large, const std::vector<Candidate>& all) {
  double covered = 0.0;
  int members = 0;
  for (const Candidate& small : all) {
    if (small.detection.diameter_px > 0.5 * large.detection.diameter_px) continue;
    if (small.response < small_on_large * large.response || !large.reaches(small)) continue;
    covered += small.detection.diameter_px * small.detection.diameter_px;
    ++members;
  }
  return members >= 2 && covered > crowd_share * large.detection.diameter_px * large.detection.diameter_px;
}

std::vector<Detection> keep_strongest(std::vector<Candidate> found) {
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.detection.expected_false, a.detection.y_px, a.detection.x_px) <
           std::tie(b.detection.expected_false, b.detection.y_px, b.detection.x_px);
  });
  std::vector<Candidate> kept;
  for (const Candidate& candidate : found) {
    if (std::none_of(kept.begin(), kept.end(),
                     [&](const Candidate& other) { return repeats(candidate, other); }) &&
        !is_a_crowd(candidate, found))
      kept.push_back(candidate);
  }
  std::vector<Detection> result;
  for (const Candidate& candidate : kept) result.push_back(candidate.detection);
  return result;
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
  cv::Mat1b open = keep == 0;
  for (double sigma = 3.0; cv::countNonZero(open) > 0 && sigma < 0.5 * image.cols; sigma *= 2.0) {
    cv::Mat1f near_weight, near_values;
    // A blur on a reduced grid: only a smooth fill is wanted.
    const double reduce = std::min(1.0, 2.0 / sigma);
    cv::resize(weight, near_weight, {}, reduce, reduce, cv::INTER_AREA);
    cv::resize(values, near_values, {}, reduce, reduce, cv::INTER_AREA);
    cv::GaussianBlur(near_weight, near_weight, {}, sigma * reduce);
    cv::GaussianBlur(near_values, near_values, {}, sigma * reduce);
    cv::resize(near_weight, near_weight, image.size(), 0, 0, cv::INTER_LINEAR);
    cv::resize(near_values, near_values, image.size(), 0, 0, cv::INTER_LINEAR);
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        if (open(y, x) != 0 && near_weight(y, x) > 0.05F) {
          result(y, x) = near_values(y, x) / near_weight(y, x);
          open(y, x) = 0;
        }
  }
  return result;
}

class Search {
 public:
  Search(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options)
      : searched_(searched),
        options_(options),
        size_(clean.size()),
        area_px_(searched.empty() ? static_cast<double>(clean.total()) : cv::countNonZero(searched)) {
    levels_ = build_blob_levels(clean, options.smallest_diameter_px, largest_diameter(clean));
    clean_ = clean;
  }

  /// First everything that rises above the pixel noise is painted out; what is left on the other side of zero
  /// is the texture and noise of the support alone, also where particles stand shoulder to shoulder. Against
  /// that each peak of the original image is judged.
  std::vector<Detection> run(bool bright) const {
    if (area_px_ < 100.0) return {};
    const std::vector<Detection> bumps = above_noise(bright);
    const cv::Mat1b around = without({}, size_, bumps);
    cv::Mat1b quiet = without(searched_, size_, bumps);
    // Where particles cover all of the searched area, the ground between them is what is left to compare
    // with.
    if (cv::countNonZero(quiet) < least_quiet_share * area_px_) quiet = around;
    Search rest(filled(clean_, around), searched_, options_);
    const std::vector<LocalScatter> scatter = rest.measure_scatter(quiet, bright);
    return accept(candidates(bright, scatter), tail_factor(rest.candidates(!bright, scatter), quiet));
  }

 private:
  double largest_diameter(const cv::Mat1f& clean) const {
    return options_.largest_diameter_px > 0 ? options_.largest_diameter_px
                                            : std::min(clean.cols, clean.rows) / 6.0;
  }

  std::vector<LocalScatter> measure_scatter(const cv::Mat1b& quiet, bool bright) const {
    std::vector<LocalScatter> scatter;
    for (const BlobLevel& level : levels_) scatter.emplace_back(level, quiet, bright);
    return scatter;
  }

  /// The strongest peaks above what white noise of the finest level would give at their scale.
  std::vector<Detection> above_noise(bool bright) const {
    const LocalScatter finest(levels_.front(), searched_, bright);
    const double noise = std::max(finest.typical(), 1e-12) * levels_.front().sigma;
    std::vector<double> of_level;
    for (const BlobLevel& level : levels_) of_level.push_back(noise / (level.sigma * level.reduction));
    std::vector<Candidate> bumps;
    for (const Blob& blob : find_blobs(levels_, bright, of_level, noise_cut)) {
      if (blob.roundness < options_.least_roundness || stands_alone(levels_[blob.level], blob, bright) <= 0.0)
        continue;
      const double t = blob.response / of_level[blob.level];
      // The strongest first, a larger one before a smaller one of like height: sorted by expected_false.
      bumps.push_back(
          {{blob.x_px, blob.y_px, blob.diameter_px, t, -blob.response, 0.0, bright}, blob.response, 0.0});
    }
    if (bumps.size() > most_painted) {
      std::nth_element(bumps.begin(), bumps.begin() + most_painted, bumps.end(),
                       [](const Candidate& a, const Candidate& b) { return a.response > b.response; });
      bumps.resize(most_painted);
    }
    return keep_strongest(std::move(bumps));
  }

  /// Round peaks that stand alone on the searched area, with their height in units of the local scatter.
  std::vector<Candidate> candidates(bool bright, const std::vector<LocalScatter>& scatter) const {
    std::vector<double> typical;
    for (const LocalScatter& one : scatter) typical.push_back(std::max(one.typical(), 1e-12) * typical_share);
    std::vector<Candidate> found;
    for (const Blob& blob : find_blobs(levels_, bright, typical, first_cut)) {
      const BlobLevel& level = levels_[blob.level];
      if (!on(searched_, blob.x_px, blob.y_px) || blob.roundness < options_.least_roundness) continue;
      const double here = scatter[blob.level].at(blob.column, blob.row, level.response.size());
      const double t = here > 0.0 ? blob.response / here : 0.0;
      if (t < first_cut || stands_alone(level, blob, bright) <= least_alone()) continue;
      found.push_back(
          {{blob.x_px, blob.y_px, blob.diameter_px, t, 0.0, relative_contrast(level, blob, bright), bright},
           blob.response,
           std::log(chance_constant * area_px_) - 2.0 * std::log(level.sigma * level.reduction)});
    }
    return found;
  }

  std::vector<Detection> accept(std::vector<Candidate> found, double tail) const {
    std::vector<Candidate> accepted;
    for (Candidate& one : found) {
      const double t = one.detection.significance / tail;
      one.detection.expected_false = std::exp(one.log_places + log_tail(t));
      if (one.detection.expected_false <= options_.false_per_frame) accepted.push_back(one);
    }
    return keep_strongest(std::move(accepted));
  }

  /// How much further the tail of the texture reaches than a normal one: from the height that the first few
  /// dozen peaks of the other sign exceed. 1 for noise. Peaks of a found particle's surroundings do not
  /// count.
  double tail_factor(const std::vector<Candidate>& opposite, const cv::Mat1b& quiet) const {
    std::vector<double> log_false;
    for (const Candidate& one : opposite)
      if (on(quiet, one.detection.x_px, one.detection.y_px))
        log_false.push_back(one.log_places + log_tail(one.detection.significance));
    if (log_false.size() < tail_peaks) return 1.0;
    std::nth_element(log_false.begin(), log_false.begin() + (tail_peaks - 1), log_false.end());
    const double finest = std::log(chance_constant * area_px_) - 2.0 * std::log(levels_.at(1).sigma);
    const double expected = std::log(static_cast<double>(tail_peaks));
    if (finest - expected < 1.0) return 1.0;
    return std::sqrt(std::max(1.0, (finest - log_false[tail_peaks - 1]) / (finest - expected)));
  }

  bool on(const cv::Mat1b& area, double x_px, double y_px) const {
    const int x = cvRound(x_px), y = cvRound(y_px);
    if (x < 0 || y < 0 || x >= size_.width || y >= size_.height) return false;
    return area.empty() || area(y, x) != 0;
  }

  /// Share of the mean height at which the second-least favourable side must stand. A corner of a cube in
  /// secondary electrons has two bright arms and much dark around it: near 0.2; a particle on an even facet:
  /// near 0.9.
  double least_alone() const { return options_.detector == "SE" ? 0.5 : 0.0; }
  static constexpr std::size_t tail_peaks = 30;

  cv::Mat1f clean_;
  cv::Mat1b searched_;
  DetectOptions options_;
  cv::Size size_;
  double area_px_;
  std::vector<BlobLevel> levels_;
};

}  // namespace

std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched,
                              const DetectOptions& options) {
  validate(options);
  return Search(clean, searched, options).run(options.polarity != "dark");
}

std::string choose_polarity(const std::vector<cv::Mat1f>& clean, const cv::Mat1b& searched,
                            const DetectOptions& options) {
  double bright = 0.0, dark = 0.0;
  for (const cv::Mat1f& frame : clean) {
    const Search search(frame, searched, options);
    for (const Detection& one : search.run(true)) bright += one.significance;
    for (const Detection& one : search.run(false)) dark += one.significance;
  }
  return dark > 1.5 * bright ? "dark" : "bright";
}

}  // namespace sinterscope
