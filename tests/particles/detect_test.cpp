// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/detect.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/random.h"
#include "sinterscope/particles/ground_memo.h"
#include "sinterscope/particles/injection.h"

namespace sinterscope {
namespace {

cv::Mat1f noise_frame(int size, double level, double sd, Rng& rng) {
  cv::Mat1f frame(size, size);
  for (float& pixel : frame) pixel = static_cast<float>(level + sd * rng.normal());
  return frame;
}

/// A disk whose pixels count the share of 8 x 8 sub-pixels inside it.
void add_disk(cv::Mat1f& frame, double x, double y, double diameter, double height) {
  const int reach = static_cast<int>(diameter) + 2;
  for (int j = static_cast<int>(y) - reach; j <= static_cast<int>(y) + reach; ++j)
    for (int i = static_cast<int>(x) - reach; i <= static_cast<int>(x) + reach; ++i) {
      if (i < 0 || j < 0 || i >= frame.cols || j >= frame.rows) continue;
      int inside = 0;
      for (int b = 0; b < 8; ++b)
        for (int a = 0; a < 8; ++a)
          inside += std::hypot(i - x + (a - 3.5) / 8.0, j - y + (b - 3.5) / 8.0) < 0.5 * diameter ? 1 : 0;
      frame(j, i) += static_cast<float>(height * inside / 64.0);
    }
}

/// Without the surroundings, which have tests of their own.
DetectOptions by_response() {
  DetectOptions options;
  options.surroundings = "ignored";
  return options;
}

TEST(Detect, StaysNearTheAllowedNumberOfFalseDetectionsOnPlainNoise) {
  // Allowed 3 per frame, 12 frames: 36 expected by the formula. The formula's constant is a mean over scales,
  // so it is asked to hold within a factor 2.5 either way (14 to 90).
  DetectOptions options;
  options.false_per_frame = 3.0;
  std::size_t found = 0;
  for (int seed = 0; seed < 12; ++seed) {
    Rng rng(static_cast<std::uint64_t>(seed) + 100);
    found += detect(noise_frame(512, 100.0, 10.0, rng), {}, options).size();
  }
  EXPECT_GE(found, 14U);
  EXPECT_LE(found, 90U);
}

TEST(Detect, FindsDisksFromFiveToSixtyPixelsAtTheirPlaceAndScale) {
  Rng rng(5);
  cv::Mat1f frame = noise_frame(512, 100.0, 8.0, rng);
  const std::vector<cv::Point3d> disks = {
      {60.3, 70.8, 5}, {200.5, 80.2, 9}, {400.1, 100.7, 16}, {120.6, 300.4, 30}, {350.2, 340.9, 60}};
  for (const cv::Point3d& d : disks) add_disk(frame, d.x, d.y, d.z, 40.0);
  const std::vector<Detection> found = detect(frame, {}, by_response());
  ASSERT_EQ(found.size(), disks.size());
  for (const cv::Point3d& d : disks) {
    double nearest = 1e9, diameter = 0;
    for (const Detection& one : found)
      if (const double distance = std::hypot(one.x_px - d.x, one.y_px - d.y); distance < nearest) {
        nearest = distance;
        diameter = one.diameter_px;
      }
    EXPECT_LT(nearest, 0.15 * d.z + 0.5);
    EXPECT_NEAR(diameter / d.z, 1.0, 0.35);  // scales are a factor 2^(1/3) apart, small disks read wider
  }
}

TEST(Detect, FindsAParticleInTheMiddleOfALumpOnce) {
  // Both pass the threshold, and the particle stands out more than the lump that is seen with it.
  Rng rng(300);
  cv::Mat1f frame = noise_frame(384, 100.0, 8.0, rng);
  std::vector<cv::Point2d> places;
  for (int k = 0; k < 9; ++k) places.emplace_back(64.0 + 128.0 * (k % 3), 64.0 + 128.0 * (k / 3));
  for (const cv::Point2d& place : places) {
    add_disk(frame, place.x, place.y, 28.0, 6.0);
    add_disk(frame, place.x, place.y, 7.0, 30.0);
  }
  const std::vector<Detection> found = detect(frame, {}, by_response());
  for (const cv::Point2d& place : places)
    EXPECT_EQ(std::count_if(found.begin(), found.end(),
                            [&](const Detection& one) {
                              return std::hypot(one.x_px - place.x, one.y_px - place.y) < 14.0;
                            }),
              1);
}

TEST(Detect, SeesDarkParticlesAndTellsThemFromBright) {
  Rng rng(8);
  cv::Mat1f dark = noise_frame(256, 100.0, 8.0, rng);
  for (int k = 0; k < 6; ++k) add_disk(dark, 40.0 + 35.0 * k, 120.0, 9.0, -40.0);
  EXPECT_EQ(choose_polarity({dark}, {}, {}).polarity, "dark");
  DetectOptions options;
  options.polarity = "dark";
  EXPECT_EQ(detect(dark, {}, options).size(), 6U);
  EXPECT_TRUE(detect(dark, {}, {}).empty());
}

TEST(Detect, GivesGapsInTheVacuumNoVoteOnPolarity) {
  Rng rng(8);
  cv::Mat1f frame = noise_frame(256, 100.0, 8.0, rng);
  cv::Mat1b support(frame.size(), 255);
  for (int row = 0; row < 5; ++row)
    for (int k = 0; k < 6; ++k) {
      add_disk(frame, 40.0 + 35.0 * k, 40.0 + 40.0 * row, 9.0, -40.0);
      cv::circle(support, cv::Point(40 + 35 * k, 40 + 40 * row), 9, 0, cv::FILLED);
    }
  EXPECT_EQ(choose_polarity({frame}, {}, {}).polarity, "dark");
  EXPECT_EQ(choose_polarity({frame}, {support}, {}).polarity, "bright");
  EXPECT_EQ(choose_polarity({frame}, {cv::Mat1b(frame.size(), 255)}, {}).polarity, "dark")
      << "thirty dark spots on the support are no gaps";
}

TEST(Detect, DoesNotTakeEdgesRidgesOrCornersForParticlesInSecondaryElectrons) {
  Rng rng(9);
  cv::Mat1f frame = noise_frame(512, 40.0, 6.0, rng);
  // Two overlapping squares, brighter than the ground, with bright seams.
  for (const cv::Rect& square : {cv::Rect(60, 80, 200, 200), cv::Rect(220, 230, 230, 200)}) {
    frame(square) += 60.0F;
    cv::rectangle(frame, square, 190.0, 4);
  }
  cv::GaussianBlur(frame, frame, {}, 1.5);
  for (float& pixel : frame) pixel += static_cast<float>(6.0 * rng.normal());
  DetectOptions options;
  options.surroundings = "judged";
  EXPECT_LE(detect(frame, {}, options).size(), 1U);
}

TEST(Detect, TakesTheResponseAsItIsWhereNothingButNoiseLiesAround) {
  // A disk of 14 px, 7 counts high in noise of 10: a filter of its shape sees 7 / 10 * sqrt(154) = 8.7
  // standard errors, the differences of Gaussians nine tenths of it; some 5 are asked in a frame of this
  // size. Four of five must come back also where edges are looked for that could explain them.
  DetectOptions options;
  options.surroundings = "judged";
  std::size_t painted = 0, found = 0, others = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Rng rng(seed);
    cv::Mat1f frame = noise_frame(512, 100.0, 10.0, rng);
    for (int y = 50; y < 512; y += 82)
      for (int x = 50; x < 512; x += 82, ++painted) add_disk(frame, x + 0.3, y + 0.6, 14.0, 6.5);
    for (const Detection& one : detect(frame, {}, options)) {
      const double x = std::remainder(one.x_px - 50.3, 82.0), y = std::remainder(one.y_px - 50.6, 82.0);
      ++(std::hypot(x, y) < 7.0 ? found : others);
    }
  }
  EXPECT_GE(found, painted * 5 / 6);
  EXPECT_LE(others, 2U);  // 0.1 a frame is allowed
}

TEST(Detect, LooksAtTheScaleAtWhichABlobRisesMostClearlyFromTheNoise) {
  // Gaussian blobs of 2.2 px that a filter of their shape sees at 6.2 standard errors. The Laplacian at which
  // their response is largest sees 0.71 of that, one sqrt(3) times as wide 0.92; some 4.9 are asked in a
  // frame of this size, which three in ten reach the one way and eight in ten the other.
  const DetectOptions options;
  constexpr double width = 2.2, noise_sd = 10.0;
  const double height = 6.2 * noise_sd / (width * std::sqrt(CV_PI));
  std::size_t painted = 0, found = 0, others = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Rng rng(seed);
    cv::Mat1f frame = noise_frame(512, 100.0, noise_sd, rng);
    for (int y = 40; y < 500; y += 60)
      for (int x = 40; x < 500; x += 60, ++painted)
        for (int j = -9; j <= 9; ++j)
          for (int i = -9; i <= 9; ++i)
            frame(y + j, x + i) +=
                static_cast<float>(height * std::exp(-0.5 * (i * i + j * j) / (width * width)));
    for (const Detection& one : detect(frame, {}, options)) {
      const double x = std::remainder(one.x_px - 40.0, 60.0), y = std::remainder(one.y_px - 40.0, 60.0);
      ++(std::hypot(x, y) < 4.0 ? found : others);
    }
  }
  EXPECT_GE(static_cast<double>(found), 0.6 * static_cast<double>(painted));
  EXPECT_LE(others, 3U);  // 0.1 a frame is allowed
}

TEST(Detect, SearchesOnlyWhereItIsAskedTo) {
  Rng rng(10);
  cv::Mat1f frame = noise_frame(256, 100.0, 8.0, rng);
  add_disk(frame, 60, 60, 10, 50);
  add_disk(frame, 190, 60, 10, 50);
  cv::Mat1b left(256, 256, static_cast<unsigned char>(0));
  left(cv::Rect(0, 0, 128, 256)) = 255;
  const std::vector<Detection> found = detect(frame, left, by_response());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LT(found[0].x_px, 128.0);
  EXPECT_TRUE(detect(frame, cv::Mat1b(256, 256, static_cast<unsigned char>(0)), {}).empty());
}

TEST(Detect, AnswersAtThePlacesAskedAboutAsTheWholeSearchDoes) {
  // Faint and clear disks, pairs that touch and one on a large one: what the whole search says at every third
  // place, or that it says nothing there, is what the search that is asked about these alone says.
  Rng rng(21);
  cv::Mat1f frame = noise_frame(512, 100.0, 10.0, rng);
  std::vector<Disk> places;
  for (int k = 0; k < 64; ++k) {
    const Disk one{40.0 + 60.0 * (k % 8) + rng.uniform(), 40.0 + 60.0 * (k / 8) + rng.uniform(),
                   rng.uniform(4.0, 16.0)};
    add_disk(frame, one.x, one.y, one.diameter, 14.0);
    if (k % 4 == 1) add_disk(frame, one.x + one.diameter, one.y, one.diameter, 14.0);
    places.push_back(one);
  }
  add_disk(frame, places[9].x, places[9].y, 45.0, 20.0);
  std::vector<Disk> asked;
  for (std::size_t k = 0; k < places.size(); k += 3) asked.push_back(places[k]);
  const DetectOptions options;
  const Ground ground = measure_ground(frame, {}, options);
  const auto at = [](const std::vector<Detection>& found, const Disk& place) {
    std::vector<double> significance;
    for (const Detection& one : found)
      if (std::hypot(one.x_px - place.x, one.y_px - place.y) < 0.5 * place.diameter + 1.0)
        significance.push_back(one.significance);
    return significance;
  };
  const std::vector<Detection> all = detect(frame, {}, options, ground),
                               some = detect(frame, {}, options, ground, asked);
  std::size_t seen = 0;
  for (const Disk& place : asked) {
    EXPECT_EQ(at(some, place), at(all, place));
    seen += at(all, place).empty() ? 0 : 1;
  }
  EXPECT_GT(seen, 5U);
  EXPECT_LT(seen, asked.size());
  EXPECT_LT(some.size(), all.size());
}

TEST(GroundMemo, MeasuresAGroundOnceAndTellsFramesFromAverages) {
  GroundMemo memo;
  int measured = 0;
  const auto measure = [&measured] {
    Ground ground;
    ground.tail = ++measured;
    return ground;
  };
  EXPECT_EQ(memo.recall(GroundMemo::Of::frame, 3, measure).tail, 1.0);
  EXPECT_EQ(memo.recall(GroundMemo::Of::average, 3, measure).tail, 2.0);
  EXPECT_EQ(memo.recall(GroundMemo::Of::frame, 3, measure).tail, 1.0);
  EXPECT_EQ(measured, 2);
}

TEST(Detect, GivesNothingOnAConstantFrameAndRefusesImpossibleOptions) {
  EXPECT_TRUE(detect(cv::Mat1f(128, 128, 7.0F), {}, {}).empty());
  DetectOptions options;
  options.false_per_frame = 0.0;
  EXPECT_THROW(detect(cv::Mat1f(128, 128, 7.0F), {}, options), Error);
}

TEST(Completeness, RecoversTheCurveItsOutcomesWereDrawnFrom) {
  // Outcomes drawn from a known logistic; d50 must come back within four of its own standard errors.
  Rng rng(12);
  std::vector<InjectionOutcome> outcomes;
  for (int i = 0; i < 400; ++i) {
    const double d = rng.uniform(2.0, 20.0);
    outcomes.push_back({d, rng.uniform() < 1.0 / (1.0 + std::exp(-(d - 9.0) / 0.8)) ? 1 : 0});
  }
  const CompletenessCurve curve = fit_completeness(outcomes);
  EXPECT_GT(curve.d50_se_px, 0.02);
  EXPECT_NEAR(curve.d50_px, 9.0, 4.0 * curve.d50_se_px);
  EXPECT_GT(curve.plateau, 0.97);
  EXPECT_TRUE(std::isinf(fit_completeness({}).d50_px));
}

TEST(Completeness, TellsTheLuckOfThePlaceFromThatOfTheFrame) {
  // Whether a particle is found in two frames, drawn from a limit that varies from place to place (s.d. 1.2
  // px) and from frame to frame (0.9 px): the correlation of the two is 1.44 / (1.44 + 0.81) = 0.64.
  Rng rng(14);
  const auto draw = [&rng](double of_place, double of_frame) {
    std::vector<InjectionOutcome> outcomes;
    for (int i = 0; i < 800; ++i) {
      const double d = rng.uniform(2.0, 16.0), limit = 9.0 + of_place * rng.normal();
      int found = 0;
      for (int frame = 0; frame < 2; ++frame) found += d > limit + of_frame * rng.normal() ? 1 : 0;
      outcomes.push_back({d, found, 2});
    }
    return fit_completeness(outcomes);
  };
  // Some 250 pairs lie in the rise; the s.e. of the correlation is near 0.06.
  EXPECT_NEAR(draw(1.2, 0.9).frame_correlation, 0.64, 0.2);
  EXPECT_LT(draw(0.0, 1.5).frame_correlation, 0.25);
  EXPECT_GT(draw(1.5, 0.0).frame_correlation, 0.85);
}

/// A contrast so low that small disks drown.
ParticleStamp faint_disk(double d, Rng) {
  return [d](cv::Mat1f& raw, double x, double y, Rng&) { add_disk(raw, x, y, d, 12.0); };
}

std::vector<std::vector<cv::Point2d>> search_each(const std::vector<PaintedFrame>& frames) {
  std::vector<std::vector<cv::Point2d>> found;
  for (const PaintedFrame& frame : frames) {
    found.emplace_back();
    for (const Detection& one : detect(frame.raw, {}, {})) found.back().emplace_back(one.x_px, one.y_px);
  }
  return found;
}

TEST(Completeness, PaintsAParticleAtItsPlaceOfTheSpecimenInEachFrame) {
  // The second frame shows the specimen 7 px to the right: what stands in both is looked for there, and
  // places that one of the frames does not show are left out. Bright disks are found wherever they are looked
  // for.
  Rng rng(15);
  InjectionFrame here{noise_frame(384, 100.0, 5.0, rng), {}, {}, {}, {}}, there = here;
  there.raw = noise_frame(384, 100.0, 5.0, rng);
  there.shift_px = {7.0, -3.0};
  InjectionOptions options;
  options.trials = 1;
  options.smallest_diameter_px = 10.0;
  const auto bright = [](double d, Rng) {
    return [d](cv::Mat1f& raw, double x, double y, Rng&) { add_disk(raw, x, y, d, 60.0); };
  };
  std::size_t found = 0, painted = 0;
  for (const InjectionOutcome& one : inject_particles({here, there}, search_each, bright, options, Rng(2))) {
    EXPECT_EQ(one.painted, 2);
    painted += 2, found += static_cast<std::size_t>(one.found);
  }
  ASSERT_GT(painted, 30U);
  EXPECT_GT(static_cast<double>(found), 0.9 * static_cast<double>(painted));
}

TEST(Completeness, PaintsOnlyWhatStandsWhollyOnTheSupportAndInTheFrame) {
  // Of what the border cuts nothing is counted, and what hangs over the vacuum stands on no support: both
  // look other than particles do. The support ends at x = 200; particles are searched and counted everywhere.
  InjectionFrame frame{cv::Mat1f(256, 256, 100.0F), {}, {}, {}, {}};
  frame.support = cv::Mat1b(256, 256, static_cast<uchar>(0));
  frame.support.colRange(0, 200) = 255;
  InjectionOptions options;
  options.trials = 20;
  options.smallest_diameter_px = 4.0, options.largest_diameter_px = 30.0;
  double nearest_to_border = 1e9, nearest_to_vacuum = 1e9;
  const auto note_place = [&](double d, Rng) {
    return [&, d](cv::Mat1f&, double x, double y, Rng&) {
      nearest_to_border = std::min({nearest_to_border, x - 0.5 * d, y - 0.5 * d, 255.0 - y - 0.5 * d});
      nearest_to_vacuum = std::min(nearest_to_vacuum, 200.0 - x - 0.5 * d);
    };
  };
  const auto outcomes = inject_particles({frame}, search_each, note_place, options, Rng(4));
  ASSERT_GT(outcomes.size(), 200U);    // large ones, as none is found, of which fewer find room
  EXPECT_GE(nearest_to_border, -0.5);  // where the first pixel begins
  EXPECT_LT(nearest_to_border, 3.0);   // but no band is left out
  EXPECT_GE(nearest_to_vacuum, -1.0);  // to the pixel
  EXPECT_LT(nearest_to_vacuum, 3.0);
}

TEST(Completeness, SetsTheLimitWhereTheSearchBeginsToFind) {
  // The share found must rise with the diameter through its d50.
  Rng rng(13);
  const InjectionFrame frame{noise_frame(512, 100.0, 20.0, rng), {}, {}, {}, {}};
  InjectionOptions options;
  options.trials = 4;
  const auto outcomes = inject_particles({frame}, search_each, faint_disk, options, Rng(1));
  ASSERT_GT(outcomes.size(), 80U);
  const CompletenessCurve curve = fit_completeness(outcomes);
  int below = 0, below_found = 0, above = 0, above_found = 0;
  for (const InjectionOutcome& one : outcomes) {
    if (one.diameter_px < curve.d50_px - 3.0) ++below, below_found += one.found;
    if (one.diameter_px > curve.d50_px + 3.0) ++above, above_found += one.found;
  }
  ASSERT_GT(below, 5);
  ASSERT_GT(above, 5);
  EXPECT_LT(below_found, 0.2 * below);
  EXPECT_GT(above_found, 0.8 * above);
}

}  // namespace
}  // namespace sinterscope
