// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/thickness_shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

constexpr int size = 160;
constexpr double probe_px = 1.5;
constexpr double ground = 60.0, facet = 40.0;  // counts

/// Thickness in counts, blurred by the probe, with the noise of counting.
cv::Mat1f seen(cv::Mat1f thickness, std::uint64_t seed) {
  cv::GaussianBlur(thickness, thickness, {}, probe_px);
  Rng rng(seed);
  for (float& pixel : thickness)
    pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  return thickness;
}

void add_hemisphere(cv::Mat1f& image, double diameter, double counts_per_px, double x_px = 0.5 * size) {
  const double radius = 0.5 * diameter, middle = 0.5 * size;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double r2 = (x - x_px) * (x - x_px) + (y - middle) * (y - middle);
      if (r2 < radius * radius)
        image(y, x) += static_cast<float>(counts_per_px * std::sqrt(radius * radius - r2));
    }
}

Particle believed(double diameter) {
  Particle particle;
  particle.x_px = particle.y_px = 0.5 * size;
  particle.diameter_px = diameter;
  particle.contrast = 0.5;
  return particle;
}

/// Counts are electrons here: variance = mean.
bool judged(const cv::Mat1f& image, double diameter, const std::vector<Disk>& others = {}) {
  return may_be_thickness(image, NoiseModel{}, believed(diameter), others, probe_px);
}

TEST(ThicknessShape, AdmitsHemispheresOfAllSizesOnPlainAndSlopingSupports) {
  for (const double diameter : {12.0, 20.0, 30.0, 50.0})
    for (const double slope : {0.0, 0.5}) {  // counts per px; 25 counts across the widest
      cv::Mat1f image(size, size);
      for (int x = 0; x < size; ++x) image.col(x) = ground + slope * x;
      add_hemisphere(image, diameter, 2.0);
      EXPECT_TRUE(judged(seen(image, 3), diameter)) << diameter << " px, slope " << slope;
    }
}

TEST(ThicknessShape, AdmitsAHemisphereAcrossTheEdgeOfAFacet) {
  cv::Mat1f image(size, size, static_cast<float>(ground));
  image(cv::Rect(0, 0, size / 2 + 4, size)) += facet;
  add_hemisphere(image, 30.0, 4.0);
  EXPECT_TRUE(judged(seen(image, 4), 30.0));
}

TEST(ThicknessShape, AdmitsAHemisphereBetweenTwoThatTouchIt) {
  cv::Mat1f image(size, size, static_cast<float>(ground));
  for (const int k : {-1, 0, 1}) add_hemisphere(image, 30.0, 4.0, 0.5 * size + 30.0 * k);
  EXPECT_TRUE(judged(seen(image, 9), 30.0,
                     {{0.5 * size - 30.0, 0.5 * size, 30.0}, {0.5 * size + 30.0, 0.5 * size, 30.0}}));
}

TEST(ThicknessShape, RefusesTheOverlapOfTwoFacets) {
  // Two squares that share a corner region of 30 x 30 px: a circle of the same area is 34 px wide.
  cv::Mat1f image(size, size, static_cast<float>(ground));
  image(cv::Rect(0, 0, size / 2 + 15, size / 2 + 15)) += facet;
  image(cv::Rect(size / 2 - 15, size / 2 - 15, size / 2 + 15, size / 2 + 15)) += facet;
  for (const double diameter : {28.0, 34.0, 40.0}) EXPECT_FALSE(judged(seen(image, 5), diameter)) << diameter;
}

TEST(ThicknessShape, RefusesAPlateauAndTheCornerOfAFacet) {
  cv::Mat1f plateau(size, size, static_cast<float>(ground));
  cv::circle(plateau, {size / 2, size / 2}, 18, ground + facet, cv::FILLED);
  EXPECT_FALSE(judged(seen(plateau, 6), 36.0));
  cv::Mat1f corner(size, size, static_cast<float>(ground));
  corner(cv::Rect(0, 0, size / 2 + 15, size / 2 + 15)) += facet;
  EXPECT_FALSE(judged(seen(corner, 7), 34.0));
}

/// The image as a fit sees it that is told what to look for.
bool followed(const cv::Mat1f& image, double diameter) {
  SizeOptions options;
  options.profile = "cap";
  const Probe probe{probe_px, 0.0};
  const SizedFit fit =
      fit_particles({{image, {}}}, NoiseModel{}, {{0.5 * size, 0.5 * size, diameter}}, probe, options)
          .front();
  return follows_profile(image, NoiseModel{}, fit, probe_px);
}

TEST(ThicknessShape, FollowsHemispheresAlsoAcrossAnEdgeOfTheSupport) {
  for (const double diameter : {14.0, 24.0, 40.0})
    for (const int offset : {-4, 0, 6}) {
      cv::Mat1f image(size, size, static_cast<float>(ground));
      add_hemisphere(image, diameter, 8.0);
      EXPECT_TRUE(followed(seen(image, 11), diameter)) << diameter << " px";
      image(cv::Rect(0, 0, size / 2 + offset, size)) += facet;
      EXPECT_TRUE(followed(seen(image, 12), diameter)) << diameter << " px, edge at " << offset;
    }
}

TEST(ThicknessShape, DoesNotFollowPlateausAndOverlaps) {
  cv::Mat1f plateau(size, size, static_cast<float>(ground)), overlap = plateau.clone(),
                                                             wedge = plateau.clone();
  plateau(cv::Rect(size / 2 - 18, size / 2 - 14, 36, 28)) += 3 * facet;
  EXPECT_FALSE(followed(seen(plateau, 13), 36.0));
  overlap(cv::Rect(0, 0, size / 2 + 15, size / 2 + 15)) += 3 * facet;
  overlap(cv::Rect(size / 2 - 15, size / 2 - 15, size / 2 + 15, size / 2 + 15)) += 3 * facet;
  EXPECT_FALSE(followed(seen(overlap, 14), 34.0));
}

TEST(ThicknessShape, SaysNothingOfWhatIsAllBlur) {
  cv::Mat1f image(size, size, static_cast<float>(ground));
  cv::circle(image, {size / 2, size / 2}, 4, ground + facet, cv::FILLED);
  EXPECT_TRUE(judged(seen(image, 8), 8.0));
}

}  // namespace
}  // namespace sinterscope
