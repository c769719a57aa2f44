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

/// A sample whose particles were painted by a law, and the particles as a search would list them.
Products painted_by(const PaintLaw& law, int particles) {
  Products products;
  products.config.acquisition.detector = law.by_thickness ? "HAADF" : "SE";
  ThermalEntry entry;
  entry.frames = 1;
  entry.frame_interval_s = 1.0;
  products.history = make_thermal_history({entry});
  RegionProducts region;
  region.probe.sigma_px = law.probe_sigma_px;
  cv::Mat1f raw(size, size, static_cast<float>(support));
  Rng rng(3);
  for (float& pixel : raw) pixel += static_cast<float>(std::sqrt(support) * rng.normal());
  const ParticlePainter paint = make_painter(law, region);
  for (int k = 0; k < particles; ++k) {
    Particle one;
    one.x_px = 25.0 + 37.5 * (k % 5) + rng.uniform();
    one.y_px = 25.0 + 37.5 * (k / 5) + rng.uniform();
    one.diameter_px = diameter;
    one.contrast = 7.0;  // what a fit made of it must not matter
    paint(raw, one.x_px, one.y_px, diameter, rng.stream("shape", static_cast<std::uint64_t>(k)), rng);
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

TEST(PaintLaw, SaysThatItAssumesWhereParticlesAreTooFew) {
  const PaintLaw law = paint_law_of(painted_by(law_of(true, 20.0), 3), 0);
  EXPECT_TRUE(law.assumed);
  // The assumed contrast of a cap of typical_px, half as high as it is wide, on the support's own signal.
  EXPECT_NEAR(law.brightness * 0.5 * law.typical_px / support, assumed_contrast, 0.02);
}

}  // namespace
}  // namespace sinterscope
