// SPDX-License-Identifier: GPL-3.0-or-later
#include "facet_edges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "correlation.h"
#include "robust.h"
#include "sinterscope/core/units.h"
#include "sinterscope/imaging/variance_stabilisation.h"

namespace sinterscope {

namespace {

constexpr int directions = 24;        ///< 7.5 degrees apart: a stretch of eight widths fits one of them
constexpr int working_size_px = 512;  ///< images are binned to about this size
constexpr double share_on_edge = 0.85;
constexpr double mostly_straight = 0.4;  ///< share of the ridges, above which a support is called facetted
constexpr double least_length = 0.5;     ///< of straight ridges, over the root of the area of the support
constexpr double noise_limit = 1.5;      ///< noise standard deviations that every pixel must exceed
constexpr double short_limit = 3.0;      ///< the same for short lines, on which noise has more chances

double angle_of(int direction) { return pi * direction / directions; }

/// What the search works on: signal above the offset, and what noise alone does to a relative height.
struct View {
  int factor;  ///< raw pixels to one of these
  cv::Mat1f signal, noise;
};

View view_of(const cv::Mat1f& image, const NoiseModel& noise, double smoothing_px) {
  View view;
  view.factor = std::max(1, std::min(image.cols, image.rows) / working_size_px);
  const double sigma = std::max(smoothing_px / view.factor, 1.0);
  const NoiseModel own = averaged_noise(noise, static_cast<double>(view.factor) * view.factor);
  cv::GaussianBlur(binned(image, view.factor), view.signal, {}, sigma);
  view.noise.create(view.signal.size());
  // Smoothing leaves 1 / (2 sqrt(pi) sigma) of the noise, and two independent pixels are compared.
  const double left = std::sqrt(2.0) / (2.0 * std::sqrt(pi) * sigma);
  for (int y = 0; y < view.signal.rows; ++y)
    for (int x = 0; x < view.signal.cols; ++x) {
      const double counts = static_cast<double>(view.signal(y, x)), sd = std::sqrt(own.variance(counts));
      const double above = std::max(counts - noise.offset, sd);
      view.signal(y, x) = static_cast<float>(above);
      view.noise(y, x) = static_cast<float>(left * sd / above);
    }
  return view;
}

/// The image read `distance` to the side across a direction.
cv::Mat1f beside(const cv::Mat1f& image, double distance, double angle) {
  cv::Mat1f moved;
  const cv::Matx23d by(1, 0, -std::sin(angle) * distance, 0, 1, std::cos(angle) * distance);
  cv::warpAffine(image, moved, by, image.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return moved;
}

/// How far a pixel stands above both of its sides across a direction, as a share of the higher one, and how
/// far one side stands above the other; how far it stands above the higher of its nearer sides and above the
/// lower of its farther ones.
struct Relief {
  cv::Mat1f ridge, step, narrow, broad;
};

Relief relief_across(const cv::Mat1f& signal, double reach, double angle) {
  const cv::Mat1f left = beside(signal, -0.5 * reach, angle), right = beside(signal, 0.5 * reach, angle);
  // The nearer sides serve narrow facets, the farther ones wide edges.
  const cv::Mat1f near = cv::max(left, right);
  const cv::Mat1f far_left = beside(signal, -reach, angle), far_right = beside(signal, reach, angle);
  return {signal / cv::min(near, cv::max(far_left, far_right)) - 1.0F, near / cv::min(left, right) - 1.0F,
          signal / near - 1.0F, signal / cv::min(far_left, far_right) - 1.0F};
}

/// The pixels of a straight stretch about its middle.
std::vector<cv::Point> line_offsets(double length, double angle) {
  const int half = std::max(1, static_cast<int>(std::lround(0.5 * length)));
  const double longer = std::max(std::abs(std::cos(angle)), std::abs(std::sin(angle)));
  const int steps = static_cast<int>(std::lround(half * longer));
  std::vector<cv::Point> offsets;
  for (int k = -steps; k <= steps; ++k)
    offsets.emplace_back(static_cast<int>(std::lround(k / longer * std::cos(angle))),
                         static_cast<int>(std::lround(k / longer * std::sin(angle))));
  return offsets;
}

/// The pixels of `candidates` (0 or 1) on a stretch nearly all of whose pixels are candidates.
cv::Mat1b straight_part(const cv::Mat1b& candidates, const std::vector<cv::Point>& stretch) {
  const int rim = static_cast<int>(stretch.size());  // a stretch reaches no further than it has pixels
  const cv::Rect inside(rim, rim, candidates.cols, candidates.rows);
  cv::Mat1b padded;
  // An edge that leaves the frame goes on outside of it.
  cv::copyMakeBorder(candidates, padded, rim, rim, rim, rim, cv::BORDER_REPLICATE);
  cv::Mat1b count = cv::Mat1b::zeros(padded.size());
  for (const cv::Point& offset : stretch) count(inside) += padded(inside + offset);
  const cv::Mat1b full = count >= std::ceil(share_on_edge * static_cast<double>(stretch.size()));
  cv::Mat1b near = cv::Mat1b::zeros(candidates.size());
  for (const cv::Point& offset : stretch) near |= full(inside + offset);
  return near & (candidates > 0);
}

/// The strongest straight edge through each pixel, and its direction.
struct Straight {
  cv::Mat1f height;
  cv::Mat1b direction;
  explicit Straight(cv::Size size) : height(cv::Mat1f::zeros(size)), direction(cv::Mat1b::zeros(size)) {}
  void add(const cv::Mat1f& relief, const cv::Mat1f& limit, double stretch, int k) {
    const cv::Mat1b candidates = (relief > limit) & 1;
    const cv::Mat1b better =
        straight_part(candidates, line_offsets(stretch, angle_of(k))) & (relief > height);
    relief.copyTo(height, better);
    direction.setTo(k, better);
  }
};

/// Pixels not exceeded by what lies one and two pixels to either side across the edge.
cv::Mat1b centre_lines(const Straight& edge) {
  cv::Mat1b lines = cv::Mat1b::zeros(edge.height.size());
  std::array<cv::Point2d, directions> normal;
  for (int k = 0; k < directions; ++k)
    normal[static_cast<std::size_t>(k)] = {-std::sin(angle_of(k)), std::cos(angle_of(k))};
  const cv::Rect frame(0, 0, lines.cols, lines.rows);
  for (int y = 0; y < lines.rows; ++y)
    for (int x = 0; x < lines.cols; ++x) {
      const float here = edge.height(y, x);
      if (here <= 0.0F) continue;
      const cv::Point2d across = normal[edge.direction(y, x)];
      bool highest = true;
      for (const int step : {-2, -1, 1, 2}) {
        const cv::Point side(x + static_cast<int>(std::lround(step * across.x)),
                             y + static_cast<int>(std::lround(step * across.y)));
        highest = highest && (!frame.contains(side) || edge.height(side) <= here);
      }
      if (highest) lines(y, x) = 255;
    }
  return lines;
}

/// The same pixels in an image `factor` times finer.
cv::Mat1b spread(const cv::Mat1b& lines, int factor, cv::Size size) {
  if (factor == 1) return lines;
  cv::Mat1b fine = cv::Mat1b::zeros(size);
  for (int y = 0; y < lines.rows; ++y)
    for (int x = 0; x < lines.cols; ++x)
      if (lines(y, x)) fine(cv::Rect(x * factor, y * factor, factor, factor)).setTo(255);
  return fine;
}

cv::Mat1f distance_from(const cv::Mat1b& lines) {
  if (cv::countNonZero(lines) == 0) return cv::Mat1f(lines.size(), 1e6F);
  cv::Mat1f distance;
  cv::distanceTransform(~lines, distance, cv::DIST_L2, cv::DIST_MASK_5);
  return distance;
}

/// The lines that are `length` px long or longer from end to end.
cv::Mat1b long_lines(const cv::Mat1b& lines, double length) {
  cv::Mat1b joined, kept = cv::Mat1b::zeros(lines.size());
  cv::dilate(lines, joined, cv::Mat1b(3, 3, 1));
  cv::Mat1i labels, statistics;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(joined, labels, statistics, centroids, 8, CV_32S);
  for (int k = 1; k < count; ++k) {
    const cv::Rect box(statistics(k, cv::CC_STAT_LEFT), statistics(k, cv::CC_STAT_TOP),
                       statistics(k, cv::CC_STAT_WIDTH), statistics(k, cv::CC_STAT_HEIGHT));
    if (std::hypot(box.width, box.height) >= length) kept(box).setTo(255, labels(box) == k);
  }
  return kept & lines;
}

/// Of the short lines those that join the long ones, nearer than `reach` px: where faces meet at a corner,
/// the third edge may be short. One that crosses a blob (255) away from the long ones is a chord of a
/// particle.
cv::Mat1b joining(const cv::Mat1b& short_lines, const cv::Mat1b& long_lines, const cv::Mat1b& blobs,
                  double reach) {
  const cv::Mat1f distance = distance_from(long_lines);
  cv::Mat1b joined, kept;
  cv::dilate(short_lines, joined, cv::Mat1b(3, 3, 1));
  cv::Mat1i labels;
  const int count = cv::connectedComponents(joined, labels, 8, CV_32S);
  std::vector<uchar> joins(static_cast<std::size_t>(count), 0), crosses(joins);
  for (int y = 0; y < distance.rows; ++y)
    for (int x = 0; x < distance.cols; ++x) {
      const auto line = static_cast<std::size_t>(labels(y, x));
      if (short_lines(y, x) && distance(y, x) < reach) joins[line] = 255;
      if (joined(y, x) && blobs(y, x) && distance(y, x) > 0.5 * reach) crosses[line] = 255;
    }
  for (std::size_t line = 0; line < joins.size(); ++line) joins[line] &= ~crosses[line];
  kept.create(short_lines.size());
  for (int y = 0; y < kept.rows; ++y)
    for (int x = 0; x < kept.cols; ++x)
      kept(y, x) = short_lines(y, x) & joins[static_cast<std::size_t>(labels(y, x))];
  return kept;
}

/// Straight ridges at one contrast, and straight steps.
struct Edges {
  double contrast;
  Straight ridges, steps;
};

}  // namespace

FacetEdges find_facet_edges(const cv::Mat1f& image, const cv::Mat1b& oxide, const NoiseModel& noise,
                            const FacetEdgeSearch& search) {
  const View view = view_of(image, noise, search.smoothing_px);
  const cv::Size size = view.signal.size();
  const double reach = search.reach_px / view.factor, stretch = search.stretch_px / view.factor;
  const auto limit = [&](double contrast, double sds = noise_limit) -> cv::Mat1f {
    return cv::max(sds * view.noise, contrast);
  };
  Straight any(size), straight(size);
  for (int k = 0; k < directions; ++k) {
    const Relief relief = relief_across(view.signal, reach, angle_of(k));
    any.add(relief.ridge, limit(search.contrast), 0.5 * stretch, k);
    straight.add(relief.ridge, limit(search.contrast), 2.0 * stretch, k);
  }
  // Whether there are facets, the rim tells too.
  const auto length_of = [&](const Straight& found) {
    const cv::Mat1b on_oxide = spread(centre_lines(found), view.factor, image.size()) & oxide;
    return cv::countNonZero(on_oxide) / static_cast<double>(view.factor);
  };
  const double straight_px = length_of(straight);
  const bool facetted = straight_px >= std::max(mostly_straight * length_of(any),
                                                least_length * std::sqrt(cv::countNonZero(oxide)));
  if (!facetted) {
    const cv::Mat1b none = cv::Mat1b::zeros(image.size());
    return {none, none, none};
  }
  Straight short_ones(size);
  cv::Mat1b blobs(size, 255);
  std::vector<Edges> edges;
  for (const double share : {1.0, 0.75, 1.33})
    edges.push_back({share * search.contrast, Straight(size), Straight(size)});
  for (int k = 0; k < directions; ++k) {
    const Relief relief = relief_across(view.signal, reach, angle_of(k));
    short_ones.add(relief.ridge, limit(search.contrast, short_limit), 0.5 * stretch, k);
    // As bright as what is near, whatever the direction, and brighter than one side further off.
    blobs &= (relief.narrow < limit(search.contrast)) & (relief.broad > limit(search.contrast));
    for (Edges& one : edges) {
      one.ridges.add(relief.ridge, limit(one.contrast), stretch, k);
      // Beside a large particle a step is straight over more than twice as far as a ridge.
      one.steps.add(relief.step, limit(one.contrast), 2.5 * stretch, k);
    }
  }
  const int widest_tip = cvRound(0.5 * reach);  // of the end of a wide edge, which may be as bright
  cv::morphologyEx(blobs, blobs, cv::MORPH_OPEN,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {widest_tip, widest_tip}));
  const cv::Mat1b fine_blobs = spread(blobs, view.factor, image.size());
  // A rim that is bright on the inside would be found again a little inside of itself.
  const cv::Mat1f inside = distance_from(~oxide);
  const auto lines_of = [&](const Straight& found) -> cv::Mat1b {
    return spread(centre_lines(found), view.factor, image.size()) & (inside > 0.5 * search.reach_px);
  };
  const cv::Mat1b short_ridges = lines_of(short_ones);
  const auto at = [&](const Edges& one) -> cv::Mat1b {
    cv::Mat1b ridges = lines_of(one.ridges);
    ridges |= joining(short_ridges, ridges, fine_blobs, search.reach_px);
    // The flanks of a ridge are steps too, but the ridge says better where it is.
    const cv::Mat1b apart =
        lines_of(one.steps) & (distance_from(ridges) > 1.5 * search.reach_px) & (inside > search.reach_px);
    return ridges | long_lines(apart, 2.5 * search.stretch_px);
  };
  return {at(edges[0]), at(edges[1]), at(edges[2])};
}

double edge_reach_px(const cv::Mat1f& image, const cv::Mat1b& oxide, const cv::Mat1b& lines,
                     double smoothing_px) {
  constexpr int farthest = 48;
  cv::Mat1f smooth;
  cv::GaussianBlur(image, smooth, {}, smoothing_px);
  const cv::Mat1f distance = distance_from(lines | ~oxide);
  std::vector<std::vector<float>> rings(farthest);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      if (oxide(y, x) && distance(y, x) < farthest)
        rings[static_cast<std::size_t>(distance(y, x))].push_back(smooth(y, x));
  std::vector<float> profile;
  for (auto& ring : rings) profile.push_back(median(ring));
  const auto top = std::max_element(profile.begin(), profile.end());
  const float plateau = profile.back(), height = *top - plateau;
  for (auto d = top; d != profile.end(); ++d)
    if (*d - plateau < 0.25F * height) return static_cast<double>(d - profile.begin());
  return 0.0;
}

}  // namespace sinterscope
