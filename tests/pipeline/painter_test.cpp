// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/painter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

constexpr int size = 200;
constexpr double support = 400.0, diameter = 14.0;

PaintLaw law_of(bool by_thickness, double brightness) {
  PaintLaw law;
  law.by_thickness = by_thickness;
  law.brightness = brightness;
  law.probe_sigma_px = 1.6;
  return law;
}

cv::Point2d place_of(int k) { return {25.0 + 37.5 * (k % 5), 25.0 + 37.5 * (k / 5)}; }

/// A slope with a hill of this height beneath each place.
cv::Mat1f support_of(float hill) {
  cv::Mat1f bare(size, size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      bare(y, x) = static_cast<float>(support) + 0.05F * hill * static_cast<float>(x);
      for (int k = 0; k < 25; ++k)
        bare(y, x) +=
            hill *
            static_cast<float>(std::exp(-0.5 * std::pow(cv::norm(cv::Point2d(x, y) - place_of(k)) / 12, 2)));
    }
  return bare;
}

/// A sample whose particles were painted by a law, and the particles as a search would list them.
Products painted_by(const PaintLaw& law, int particles, const cv::Mat1f& bare = support_of(0.0F)) {
  Products products;
  products.config.acquisition.detector = law.by_thickness ? "HAADF" : "SE";
  ThermalEntry entry;
  entry.frames = 1;
  entry.frame_interval_s = 1.0;
  products.history = make_thermal_history({entry});
  RegionProducts region;
  region.probe.sigma_px = law.probe_sigma_px;
  cv::Mat1f raw = bare.clone();
  Rng rng(3);
  for (float& pixel : raw) pixel += static_cast<float>(std::sqrt(support) * rng.normal());
  const ParticlePainter paint = make_painter(law, region);
  for (int k = 0; k < particles; ++k) {
    Particle one;
    one.x_px = place_of(k).x + rng.uniform();
    one.y_px = place_of(k).y + rng.uniform();
    one.diameter_px = diameter;
    one.contrast = 7.0;  // what a fit made of it must not matter
    paint(diameter, rng.stream("shape", static_cast<std::uint64_t>(k)))(raw, one.x_px, one.y_px, rng);
    products.particles.push_back(one);
  }
  region.raw = std::make_unique<FramesInMemory>(std::vector<cv::Mat1f>{raw});
  products.regions.push_back(std::move(region));
  return products;
}

TEST(PaintLaw, GivesBackTheBrightnessThatParticlesWerePaintedWith) {
  // Each aperture of 25 px has an error of 20 counts / 5 (the ring's is a third of that); a cap of 14 px at
  // 20 counts a px is 140 counts high, a disk of 0.3 is 120. The median of 25 is good to 1 %.
  for (const bool by_thickness : {true, false}) {
    const double brightness = by_thickness ? 20.0 : 0.3;
    const PaintLaw law = paint_law_of(painted_by(law_of(by_thickness, brightness), 25), 0);
    EXPECT_FALSE(law.assumed);
    EXPECT_NEAR(law.brightness, brightness, 0.04 * brightness) << by_thickness;
  }
}

/// Compares the only frame with particle-free ones that show this support, all of it or where `shown` says.
void take_off(Products& products, const cv::Mat1f& bare, const cv::Mat1b& shown = {}) {
  RegionProducts& region = products.regions.front();
  region.drift = {FrameShift{}};
  region.search = std::make_unique<SearchFrames>(*region.raw, region.noise, region.drift, false);
  region.search->take_off({0, 1, bare, bare, 4, shown});
}

TEST(PaintLaw, TakesTheKnownBulgeOfAGrainOffTheBrightnessOfItsParticles) {
  // A hill of 60 counts falls by 60 (1 - exp(-0.5 (12.5 / 12)^2)) = 25 from the middle to the ring: a sixth
  // of the 140 counts of a cap. Where particle-free frames show it, it is no part of the particle.
  const cv::Mat1f bare = support_of(60.0F);
  Products products = painted_by(law_of(true, 20.0), 25, bare);
  EXPECT_GT(paint_law_of(products, 0).brightness, 1.1 * 20.0);
  take_off(products, bare);
  EXPECT_NEAR(paint_law_of(products, 0).brightness, 20.0, 0.04 * 20.0);
}

TEST(PaintLaw, AsksNoParticleWhoseSupportIsKnownInPartOnly) {
  const cv::Mat1f bare = support_of(60.0F);
  Products products = painted_by(law_of(true, 20.0), 25, bare);
  cv::Mat1b shown(size, size, static_cast<uchar>(255));
  shown.colRange(0, cvRound(place_of(1).x)) = 0;  // cuts the second column of particles in half
  take_off(products, bare, shown);
  EXPECT_NEAR(paint_law_of(products, 0).brightness, 20.0, 0.05 * 20.0);
}

TEST(PaintLaw, ReadsAParticleThatParticleFreeFramesShowTooFromTheRawPixels) {
  // Particles that stand in the cold and in the hot hold alike: taken off with the support nothing would be
  // left of them.
  Products products = painted_by(law_of(true, 20.0), 25);
  for (const Particle& one : products.particles)
    products.regions.front().standing.push_back({one.x_px, one.y_px, one.diameter_px});
  take_off(products, products.regions.front().raw->load(0).pixels);
  EXPECT_NEAR(paint_law_of(products, 0).brightness, 20.0, 0.04 * 20.0);
}

TEST(PaintLaw, SaysThatItAssumesWhereParticlesAreTooFew) {
  const PaintLaw law = paint_law_of(painted_by(law_of(true, 20.0), 3), 0);
  EXPECT_TRUE(law.assumed);
  // The assumed contrast of a cap of typical_px, half as high as it is wide, on the support's own signal.
  EXPECT_NEAR(law.brightness * 0.5 * law.typical_px / support, assumed_contrast, 0.02);
}

}  // namespace
}  // namespace sinterscope
