// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/detection_rule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/random.h"
#include "support/particle_world.h"

namespace sinterscope {
namespace {

TEST(DetectionRule, OneFrameIsTheCurveItself) {
  CompletenessCurve curve = test::sharp_curve(6.0, 0.5, 0.9);
  curve.false_density_px2 = 1e-6;
  const DetectionRule rule = detection_rule(curve, 1, 1e6, 10.0, 0.5, 0.05);
  const DetectionLimit limit = detection_limit(rule, curve, 0.15);
  EXPECT_EQ(rule.least_detections(1), 1);
  EXPECT_NEAR(limit.d50_nm, 6.0 * 0.15, 1e-9);
  EXPECT_NEAR(limit.width_nm, 0.5 * 0.15, 1e-9);
  EXPECT_NEAR(limit.plateau, 0.9, 1e-9);
  EXPECT_NEAR(limit.false_density_nm2, 1e-6 / (0.15 * 0.15), 1e-15);
}

TEST(DetectionRule, ATrackSeenOnceInEightFramesDoesNotCount) {
  const DetectionRule rule = detection_rule(test::sharp_curve(), 8, 1e6, 10.0, 0.5, 0.05);
  EXPECT_EQ(rule.least_detections(8), 4);
  EXPECT_EQ(rule.least_detections(2), 1);  // a place that only two frames show
}

TEST(DetectionRule, CountsAPlaceThatHidesParticlesOnceNotOncePerFrame) {
  // Fully shared luck: the hold finds what one frame finds. Independent luck: four frames of eight are
  // reached more sharply.
  CompletenessCurve shared = test::sharp_curve(), independent = shared;
  shared.frame_correlation = 0.97;
  const DetectionRule rule = detection_rule(independent, 8, 1e6, 10.0, 0.5, 0.05);
  EXPECT_NEAR(detection_limit(rule, shared, 1.0).d50_nm, 6.0, 0.1);
  EXPECT_NEAR(detection_limit(rule, shared, 1.0).width_nm, 0.5, 0.05);
  EXPECT_LT(detection_limit(rule, independent, 1.0).width_nm, 0.3);
}

TEST(DetectionRule, AsksForMoreDetectionsWhereFalseOnesAreFrequent) {
  CompletenessCurve curve = test::sharp_curve();
  curve.false_density_px2 = 5e-6;  // five in a frame of 1e6 px
  EXPECT_EQ(detection_rule(curve, 2, 1e6, 10.0, 0.5, 0.05).least_detections(2), 2);
  EXPECT_EQ(detection_rule(test::sharp_curve(), 2, 1e6, 10.0, 0.5, 0.05).least_detections(2), 1);
}

TEST(DetectionRule, ExpectsTheFalseOnesThatReturnInEachFrameOfABlock) {
  CompletenessCurve curve = test::sharp_curve();
  curve.standing_false_density_px2 = 5e-8;
  curve.standing_frames = 8;
  const auto density = [&](int frames) {
    return detection_rule(curve, frames, 1e6, 10.0, 0.5, 0.05).false_track_density_px2;
  };
  EXPECT_NEAR(density(8), 5e-8, 1e-15);
  EXPECT_NEAR(density(16), 1e-7, 1e-15);  // half of the frames: each of the two blocks suffices
  EXPECT_NEAR(density(24), 0.0, 1e-15);   // a third does not
  EXPECT_EQ(detection_rule(curve, 8, 1e6, 10.0, 0.5, 0.05).least_detections(8), 4);
}

TEST(DetectionRule, CountsTheShareOfParticlesThatASimulationCounts) {
  const CompletenessCurve curve = test::sharp_curve(6.0, 0.5, 0.95);
  const DetectionRule rule = detection_rule(curve, 8, 1e6, 10.0, 0.5, 0.05);
  Rng rng(7);
  for (const double diameter : {5.5, 6.0, 6.5, 9.0}) {
    const int trials = 20000;
    int counted = 0;
    for (int trial = 0; trial < trials; ++trial) {
      int seen = 0;
      for (int frame = 0; frame < 8; ++frame) seen += rng.uniform() < curve.probability(diameter) ? 1 : 0;
      counted += seen >= rule.least_detections(8) ? 1 : 0;
    }
    const double share = static_cast<double>(counted) / trials;
    // Four standard errors of a share from 20,000 trials.
    EXPECT_NEAR(probability_counted(rule, curve, diameter), share, 4.0 * 0.5 / std::sqrt(trials));
  }
}

TEST(DetectionRule, ItsLogisticCurveFollowsTheRule) {
  const CompletenessCurve curve = test::sharp_curve(6.0, 0.5, 0.95);
  const DetectionRule rule = detection_rule(curve, 8, 1e6, 10.0, 0.5, 0.05);
  const DetectionLimit limit = detection_limit(rule, curve, 1.0);
  for (double diameter = 4.0; diameter < 9.0; diameter += 0.25) {
    const double logistic = limit.plateau / (1.0 + std::exp(-(diameter - limit.d50_nm) / limit.width_nm));
    // The binomial tail is not a logistic: they meet at the quartiles and part by a few per cent in between.
    EXPECT_NEAR(logistic, probability_counted(rule, curve, diameter), 0.03) << diameter;
  }
  EXPECT_NEAR(limit.d50_nm, curve.d50_px, 0.25);  // half the frames: the limit of one frame
}

}  // namespace
}  // namespace sinterscope
