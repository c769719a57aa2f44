// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/support.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <vector>

#include "correlation.h"
#include "facet_edges.h"
#include "robust.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"
#include "straight_outlines.h"

namespace sinterscope {

namespace {

/// The dark population: centre and width, in counts of the smoothed image.
struct Vacuum {
  float level = 0, width = 0;
};

/// The lowest mode of the smoothed image that holds a real share of it, or nothing where the darkest part is
/// not a population of its own.
std::optional<Vacuum> find_vacuum(const cv::Mat1f& smooth, double offset, double contrast) {
  std::vector<float> values(smooth.begin(), smooth.end());
  const float bottom = quantile(values, 0.001), top = quantile(values, 0.995);
  if (top <= bottom) return std::nullopt;
  constexpr int bins = 256;
  std::vector<double> histogram(bins, 0.0);
  for (const float v : values) {
    const int bin = static_cast<int>((v - bottom) / (top - bottom) * bins);
    if (bin >= 0 && bin < bins) histogram[static_cast<std::size_t>(bin)] += 1.0;
  }
  cv::Mat1d counts(1, bins, histogram.data());
  cv::GaussianBlur(counts, counts, {9, 1}, 1.5, 1.5, cv::BORDER_REFLECT_101);
  // The first local maximum below which at least 0.5 % of the pixels lie.
  double below = 0;
  int mode = -1;
  for (int i = 0; i < bins && mode < 0; ++i) {
    below += counts(0, i);
    const double here = counts(0, i);
    bool highest = here > 0.0;
    for (int j = std::max(0, i - 8); j <= std::min(bins - 1, i + 8); ++j)
      highest = highest && counts(0, j) <= here;
    if (highest && below > 0.005 * static_cast<double>(values.size())) mode = i;
  }
  if (mode < 0) return std::nullopt;
  const float step = (top - bottom) / bins;
  Vacuum vacuum;
  vacuum.level = bottom + (static_cast<float>(mode) + 0.5F) * step;
  // Width from the dark side, which no support reaches.
  std::vector<float> distances;
  for (const float v : values)
    if (v <= vacuum.level) distances.push_back(vacuum.level - v);
  vacuum.width = std::max(quantile(distances, 0.68), step);
  const float limit = vacuum.level + 4.0F * vacuum.width;
  std::vector<float> rest;
  for (const float v : values)
    if (v > limit) rest.push_back(v);
  const double share = static_cast<double>(rest.size()) / static_cast<double>(values.size());
  if (share < 0.02) return std::nullopt;  // hardly anything else: the frame is one population
  const float typical = median(rest);
  const bool compact = typical - vacuum.level > 8.0F * vacuum.width;
  const bool dark =
      static_cast<double>(vacuum.level) - offset < contrast * (static_cast<double>(typical) - offset);
  return compact && dark ? std::optional(vacuum) : std::nullopt;
}

/// Mean of `image` over `mask` in a wide neighbourhood, worked out on every fourth pixel; `fallback` where
/// the mask is far away.
cv::Mat1f local_mean(const cv::Mat1f& image, const cv::Mat1b& mask, double sigma, float fallback) {
  constexpr int step = 4;
  const cv::Size coarse((image.cols + step - 1) / step, (image.rows + step - 1) / step);
  cv::Mat1f weight, sum, mean, result;
  mask.convertTo(weight, CV_32F, 1.0 / 255.0);
  cv::resize(image.mul(weight), sum, coarse, 0, 0, cv::INTER_AREA);
  cv::resize(weight, weight, coarse, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(sum, sum, {}, sigma / step);
  cv::GaussianBlur(weight, weight, {}, sigma / step);
  cv::divide(sum, weight, mean);
  mean.setTo(fallback, weight < 1e-3F);
  cv::resize(mean, result, image.size(), 0, 0, cv::INTER_LINEAR);
  return result;
}

/// Drops islands and fills holes below `smallest` px^2.
cv::Mat1b without_specks(const cv::Mat1b& mask, double smallest) {
  cv::Mat1b result = mask.clone();
  for (const bool holes : {false, true}) {
    cv::Mat1i labels, statistics;
    cv::Mat centroids;
    const cv::Mat1b part = holes ? cv::Mat1b(~result) : result;
    const int count = cv::connectedComponentsWithStats(part, labels, statistics, centroids, 8, CV_32S);
    std::vector<uchar> speck(static_cast<std::size_t>(count), 0);
    for (int k = 1; k < count; ++k)
      speck[static_cast<std::size_t>(k)] = statistics(k, cv::CC_STAT_AREA) < smallest;
    for (int y = 0; y < result.rows; ++y)
      for (int x = 0; x < result.cols; ++x)
        if (speck[static_cast<std::size_t>(labels(y, x))]) result(y, x) = holes ? 255 : 0;
  }
  return result;
}

/// The part of the mask further than `distance` px from everything outside it; the rim of the frame does not
/// count.
cv::Mat1b shrunk(const cv::Mat1b& mask, double distance) {
  cv::Mat1f from_outside;
  cv::distanceTransform(mask, from_outside, cv::DIST_L2, cv::DIST_MASK_3);
  return from_outside > distance;
}

/// A rim brighter than the facet, as SE images have, moves the half-way line outwards by (excess brightness *
/// width) / step: about a pixel at the usual probe and pixel size.
constexpr double rim_error_px = 1.0;

/// A centre line lies off the border of its facets by a part of the blur, to the brighter side.
constexpr double line_error_px = 0.5;

constexpr double least_facet_share = 0.25;  ///< of the oxide that facets cover, edges apart

constexpr double searched_share = 0.75;  ///< of the guard band

/// Number of pixels of the mask that touch something outside it.
double rim_length(const cv::Mat1b& mask) {
  cv::Mat1b inside;
  cv::erode(mask, inside, {}, {-1, -1}, 1, cv::BORDER_REPLICATE);
  return cv::countNonZero(mask) - cv::countNonZero(inside);
}

SupportArea whole_frame(cv::Size size) {
  SupportArea support;
  support.mask = support.oxide = cv::Mat1b(size, 255);
  support.area_px = static_cast<double>(size.area());
  return support;
}

/// Support where the signal passes `fraction` of the step from vacuum to the support nearby.
cv::Mat1b beyond_fraction(const cv::Mat1f& smooth, const cv::Mat1b& certain, const cv::Mat1b& deep,
                          const cv::Mat1f& nearby, const Vacuum& vacuum, float fraction) {
  const cv::Mat1f threshold = vacuum.level + fraction * (nearby - vacuum.level);
  const cv::Mat1b bright = smooth > threshold;
  // Deep inside nothing is questioned: a dark valley of an uneven oxide is still oxide.
  return (bright & certain) | deep;
}

/// Support and vacuum, without facets and guard.
SupportArea without_vacuum(const cv::Mat1f& average, const NoiseModel& noise, const SupportOptions& options) {
  cv::Mat1f smooth;
  cv::GaussianBlur(average, smooth, {}, options.smoothing_px);
  double offset = noise.offset;
  if (options.method == "bright_vacuum") {
    double high = 0;
    cv::minMaxLoc(smooth, nullptr, &high);
    smooth = high - smooth;
    offset = 0.0;
  }
  const std::optional<Vacuum> vacuum = find_vacuum(binned(smooth, 4), offset, options.vacuum_contrast);
  if (!vacuum) return whole_frame(average.size());

  const cv::Mat1b certain =
      without_specks(smooth > vacuum->level + 4.0F * vacuum->width, options.smallest_island_px2);
  // The rim of what is certainly not vacuum lies up to three widths of the blur outside the edge, and the
  // level that counts is that of support which the edge does not reach.
  const double reach = 5.0 * options.smoothing_px;
  const cv::Mat1b deep = shrunk(certain, reach);
  const cv::Mat1f nearby = local_mean(smooth, deep, 3.0 * options.smoothing_px, vacuum->level);
  const auto support_at = [&](float fraction) {
    return without_specks(beyond_fraction(smooth, certain, deep, nearby, *vacuum, fraction),
                          options.smallest_island_px2);
  };
  SupportArea support;
  support.mask = support.oxide = support_at(0.5F);
  support.area_px = cv::countNonZero(support.mask);
  const double wide = cv::countNonZero(support_at(0.4F)), narrow = cv::countNonZero(support_at(0.6F));
  support.area_se_px = std::hypot(0.5 * (wide - narrow), rim_error_px * rim_length(support.mask));
  return support;
}

/// Takes out the edges of facets and the guard band, if there are any.
void leave_out_edges(SupportArea& support, const cv::Mat1f& average, const NoiseModel& noise,
                     const SupportOptions& options) {
  FacetEdges edges;
  if (options.facets == "auto") {
    FacetEdgeSearch search;
    search.smoothing_px = options.smoothing_px;
    edges = find_facet_edges(average, support.oxide, noise, search);
    support.facetted = edges.any() || has_straight_outlines(average, noise);
  }
  if (!edges.any() && options.guard_px.value_or(0.0) <= 0.0) return;
  const auto guarded = [&](const cv::Mat1b& lines) {
    return shrunk(lines.empty() ? support.oxide : cv::Mat1b(support.oxide & ~lines), support.guard_px);
  };
  support.guard_px = options.guard_px
                         ? *options.guard_px
                         : edge_reach_px(average, support.oxide, edges.lines, options.smoothing_px);
  const cv::Mat1b mask = guarded(edges.lines);
  // Where next to nothing would be left, what was taken for edges is something else: a film of particles.
  if (!options.guard_px && cv::countNonZero(mask) < least_facet_share * cv::countNonZero(support.oxide)) {
    support.guard_px = 0.0;
    support.facetted = false;
    return;
  }
  support.mask = mask;
  const int half = cvRound(searched_share * support.guard_px);
  cv::dilate(support.mask, support.searched,
             cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * half + 1, 2 * half + 1}));
  support.searched &= support.oxide;
  support.area_px = cv::countNonZero(support.mask);
  if (!edges.any()) return;
  const double from_search =
      0.5 * (cv::countNonZero(guarded(edges.sterner)) - cv::countNonZero(guarded(edges.laxer)));
  support.area_se_px = std::hypot(support.area_se_px, from_search, line_error_px * rim_length(support.mask));
}

}  // namespace

SupportArea find_support(const cv::Mat1f& average, const NoiseModel& noise, const SupportOptions& options) {
  validate(options);
  if (average.empty()) throw Error("no pixels to find the support in");
  if (options.method == "none") return whole_frame(average.size());
  SupportArea support = without_vacuum(average, noise, options);
  leave_out_edges(support, average, noise, options);
  return support;
}

}  // namespace sinterscope
