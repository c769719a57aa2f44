// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/corner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr int size = 100;
constexpr double middle = 0.5 * size, probe_px = 1.5;
constexpr double ground = 40.0, facet = 60.0, rim = 45.0;  // counts; the rim on top of the facet
constexpr double rim_px = 5.0;

/// A facet whose two edges meet at (x, y) at an opening of this angle, pointing along `turn`; 180 degrees is
/// a straight edge. Brighter towards its edges, as secondary electrons show it.
cv::Mat1f facet_to(cv::Point2d corner, double opening_deg, double turn_deg) {
  const double half = 0.5 * opening_deg * pi / 180.0, turn = turn_deg * pi / 180.0;
  cv::Mat1f image(size, size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double dx = corner.x - x, dy = corner.y - y;
      const double along = dx * std::cos(turn) + dy * std::sin(turn);
      const double across = std::abs(dy * std::cos(turn) - dx * std::sin(turn));
      const double inside = along * std::sin(half) - across * std::cos(half);
      image(y, x) = static_cast<float>(inside < 0.0 ? ground : facet + rim * std::exp(-inside / rim_px));
    }
  return image;
}

void add_disk(cv::Mat1f& image, cv::Point2d place, double diameter, double counts) {
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      if (std::hypot(x - place.x, y - place.y) < 0.5 * diameter) image(y, x) += static_cast<float>(counts);
}

cv::Mat1f seen(cv::Mat1f image, std::uint64_t seed) {
  cv::GaussianBlur(image, image, {}, probe_px);
  Rng rng(seed);
  for (float& pixel : image)
    pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  return image;
}

SizedFit disk_at(cv::Point2d place, double diameter) {
  SizedFit disk;
  disk.x_px = place.x, disk.y_px = place.y, disk.diameter_px = diameter;
  return disk;
}

NoiseModel counting() {
  NoiseModel noise;
  noise.gain = 1.0;
  return noise;
}

TEST(Corner, OfAFacetIsNoParticleHoweverWideAndHoweverItIsTurned) {
  int corners = 0, all = 0;
  for (const double opening : {70.0, 90.0, 120.0})
    for (const double turn : {0.0, 37.0, 110.0, 250.0}) {
      const double t = turn * pi / 180.0;
      const cv::Mat1f image = seen(facet_to({middle, middle}, opening, turn), 1 + static_cast<unsigned>(all));
      const cv::Point2d inside(middle - 3.0 * std::cos(t), middle - 3.0 * std::sin(t));
      const CornerOrParticle told =
          corner_or_particle(image, counting(), disk_at(inside, 9.0), true, {}, probe_px);
      corners += told.is_corner() ? 1 : 0;
      ++all;
    }
  EXPECT_EQ(corners, all);
}

TEST(Corner, IsNotWhatAParticleBesideAStraightEdgeLooksLike) {
  // 25 counts on 60 over 113 px: 25 * sqrt(113 / 70) = 32 standard errors on an even support.
  for (const double away : {2.0, 6.0, 12.0})
    for (const double turn : {0.0, 50.0, 200.0}) {
      const double t = turn * pi / 180.0;
      const cv::Point2d place(middle - away * std::cos(t), middle - away * std::sin(t));
      cv::Mat1f image = facet_to({middle, middle}, 180.0, turn);
      add_disk(image, place, 12.0, 25.0);
      const CornerOrParticle told =
          corner_or_particle(seen(image, 31), counting(), disk_at(place, 12.0), true, {}, probe_px);
      EXPECT_FALSE(told.is_corner()) << away << " px from an edge turned by " << turn;
    }
}

TEST(Corner, KeepsAParticleThatStandsOnIt) {
  const cv::Point2d place(middle - 8.0, middle);
  cv::Mat1f image = facet_to({middle, middle}, 90.0, 0.0);
  add_disk(image, place, 12.0, 40.0);
  const CornerOrParticle told =
      corner_or_particle(seen(image, 5), counting(), disk_at(place, 12.0), true, {}, probe_px);
  EXPECT_GT(told.on_corner, 5.0);
  EXPECT_FALSE(told.is_corner());
}

TEST(Corner, IsNotSeenWhereTheWindowLiesOutsideOfTheFrame) {
  const CornerOrParticle told = corner_or_particle(cv::Mat1f(size, size, 50.0F), counting(),
                                                   disk_at({-40.0, -40.0}, 9.0), true, {}, probe_px);
  EXPECT_FALSE(told.is_corner());
}

}  // namespace
}  // namespace sinterscope
