// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/thermal_history.h"

namespace sinterscope {
namespace {

ThermalEntry entry(const std::string& region, int frames, double start_s, std::optional<double> kelvin) {
  return {region, frames, start_s, 2.0, kelvin};
}

TEST(ThermalHistory, JoinsConsecutiveEntriesOfOneTemperatureIntoAHoldPerRegion) {
  const ThermalHistory history =
      make_thermal_history({entry("a", 2, 0, 773.0), entry("b", 1, 0, 773.0), entry("a", 3, 10, 773.0),
                            entry("a", 1, 100, 473.0), entry("a", 1, 200, 773.0)});
  ASSERT_EQ(history.frames.size(), 8U);
  const auto holds = history.holds_of_region(0);
  ASSERT_EQ(holds.size(), 3U);  // 773, 473, 773: the last is a hold of its own
  EXPECT_THAT(holds[0]->frames, testing::ElementsAre(0, 1, 3, 4, 5));
  EXPECT_EQ(holds[2]->hold, 2);
  EXPECT_EQ(history.frames[3].region_frame, 2);
  EXPECT_EQ(history.holds_of_region(1).size(), 1U);
  EXPECT_EQ(history.hold_of(6).temperature_K, 473.0);
  EXPECT_DOUBLE_EQ(holds[0]->end_s, 16.0);
}

TEST(ThermalHistory, KeepsAHoldWithoutTemperatureApart) {
  const ThermalHistory history =
      make_thermal_history({entry("1", 1, 0, std::nullopt), entry("1", 1, 10, 473.0)});
  ASSERT_EQ(history.holds.size(), 2U);
  EXPECT_FALSE(history.holds[0].temperature_K);
}

TEST(ThermalHistory, RefusesEntriesOutOfOrderOrWithoutFrames) {
  EXPECT_THROW(make_thermal_history({entry("1", 5, 0, 473.0), entry("1", 1, 3, 773.0)}), Error);
  EXPECT_THROW(make_thermal_history({entry("1", 0, 0, 473.0)}), Error);
  EXPECT_THROW(make_thermal_history({entry("1", 1, 0, -5.0)}), Error);
}

TEST(Sample, CountsTheAtomsOfAHemisphereOfPdO) {
  Sample sample;
  sample.volume_per_metal_atom_nm3 = 0.0247099;  // PdO, two metal atoms in 3.043 x 3.043 x 5.337 A^3
  sample.shape_factor = 0.5;
  EXPECT_NEAR(sample.atoms(2.05), 91.3, 0.05);  // half of (pi/6) 2.05^3 nm^3 over that volume
}

TEST(FramesInMemory, RefusesFramesOfDifferentSize) {
  EXPECT_THROW(FramesInMemory({cv::Mat1f(4, 4, 0.0F), cv::Mat1f(4, 5, 0.0F)}), Error);
}

TEST(Statistics, AreExactOverAllFramesAndASelectionKeepsOrder) {
  const FramesInMemory source({cv::Mat1f(2, 2, 1.0F), cv::Mat1f(2, 2, 5.0F)});
  const PixelStatistics s = measure_statistics(source);
  EXPECT_EQ(s.sum, 24.0);
  EXPECT_EQ(s.minimum, 1.0);
  EXPECT_EQ(s.maximum, 5.0);
  const FrameSelection last(source, {1});
  EXPECT_EQ(last.size(), 1U);
  EXPECT_EQ(last.load(0).pixels(0, 0), 5.0F);
  EXPECT_THROW(FrameSelection(source, {2}), Error);
}

TEST(CompletenessCurve, InvertsItself) {
  CompletenessCurve curve;
  curve.d50_px = 6.0;
  curve.width_px = 0.7;
  curve.plateau = 0.97;
  EXPECT_NEAR(curve.probability(curve.diameter_at(0.9)), 0.9, 1e-12);
  EXPECT_TRUE(std::isinf(curve.diameter_at(0.98)));
}

TEST(ParticleFlags, AreWords) {
  ParticleFlags flags;
  EXPECT_EQ(to_text(flags), "");
  flags.set(ParticleFlag::poor_fit);
  flags.set(ParticleFlag::touching);
  EXPECT_EQ(to_text(flags), "poor_fit|touching");
}

}  // namespace
}  // namespace sinterscope
