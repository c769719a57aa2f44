// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/search_frames.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"
#include "sinterscope/imaging/variance_stabilisation.h"

namespace sinterscope {
namespace {

constexpr int size = 96;

/// A bright square on dark ground, moved by `shift`, at a brightness, with a disk where asked.
cv::Mat1f scene(cv::Point2d shift, double brightness, bool disk, Rng* noise = nullptr) {
  cv::Mat1f image(size, size);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double u = x - shift.x, v = y - shift.y;
      const double edge = 1.0 / (1.0 + std::exp(-(std::min(u, v) - 30.0) / 1.5));
      double value = 20.0 + 80.0 * edge;
      if (disk) value += 40.0 / (1.0 + std::exp((std::hypot(u - 60.0, v - 60.0) - 5.0) / 0.8));
      value *= brightness;
      if (noise != nullptr) value += std::sqrt(value) * noise->normal();
      image(y, x) = static_cast<float>(value);
    }
  return image;
}

FrameShift shifted(double x, double y) {
  FrameShift shift;
  shift.shift_px = {x, y};
  return shift;
}

TEST(SearchFrames, LeaveOnlyTheParticleWhenTheSupportIsTakenOffWhereverItMovedAndHoweverBright) {
  const FramesInMemory frames(
      std::vector<cv::Mat1f>{scene({0, 0}, 1.0, false), scene({3.4, -2.6}, 1.3, true)});
  SearchFrames search(frames, NoiseModel(), {shifted(0, 0), shifted(3.4, -2.6)}, false);
  EXPECT_FALSE(search.compared(1));
  search.take_off({1, 1, scene({0, 0}, 1.0, false)});
  EXPECT_TRUE(search.compared(1));
  const cv::Mat1f rest = search.load(1).pixels;
  const double level = cv::mean(rest)[0];
  // The disk, 52 high at this brightness, stays; the step of 104 goes but for what interpolation and the
  // straight line through all pixels (the disk among them) leave: a twentieth.
  EXPECT_NEAR(rest(57, 63) - level, 52.0, 5.0);
  for (int y = 10; y < size - 10; ++y)
    for (int x = 10; x < size - 10; ++x)
      if (std::hypot(x - 63.4, y - 57.4) > 10.0) {
        EXPECT_NEAR(rest(y, x), level, 5.5) << x << " " << y;
      }
}

TEST(SearchFrames, TellTheCountsOfTheSupportAtTheFramesPlaceAndBrightness) {
  const cv::Mat1f raw = scene({3.4, -2.6}, 1.3, true);
  const FramesInMemory frames(std::vector<cv::Mat1f>(2, raw));
  SearchFrames search(frames, NoiseModel(), {shifted(0, 0), shifted(3.4, -2.6)}, true);
  const cv::Mat1f alone = scene({0, 0}, 1.0, false);
  search.take_off({1, 1, stabilise(alone, NoiseModel()), alone, 7});
  EXPECT_EQ(search.support_frames(1), 7U);
  const cv::Mat1f support = search.support_in(raw, 1), truth = scene({3.4, -2.6}, 1.3, false);
  for (int y = 10; y < size - 10; ++y)
    for (int x = 10; x < size - 10; ++x) EXPECT_NEAR(support(y, x), truth(y, x), 5.5) << x << " " << y;
}

TEST(SearchFrames, DoNotKnowTheSupportWhereNoParticleFreeFrameShowsIt) {
  const cv::Mat1f raw = scene({7.4, 0.0}, 1.0, false);
  const FramesInMemory frames(std::vector<cv::Mat1f>{raw});
  SearchFrames search(frames, NoiseModel(), {shifted(7.4, 0.0)}, false);
  const cv::Mat1f alone = scene({0, 0}, 1.0, false);
  cv::Mat1b shown(size, size, static_cast<unsigned char>(255));
  shown.rowRange(90, size).setTo(0);
  search.take_off({0, 1, alone, alone, 1, shown});
  const cv::Mat1f support = search.support_in(raw, 0);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      if (x < 7 || y >= 90) {
        EXPECT_TRUE(std::isnan(support(y, x))) << x << " " << y;
      } else if (x > 7) {
        EXPECT_NEAR(support(y, x), raw(y, x), 2.0) << x << " " << y;
      }
  EXPECT_TRUE(cv::checkRange(search.load(0).pixels));
}

TEST(SearchFrames, LoseTheSupportAlsoWhereItsPictureIsAsNoisyAsTheFrame) {
  Rng rng(11);
  // Counts of 0.3 to 1.5 with their noise: between pixels there is as much noise as support.
  const cv::Mat1f with = scene({0, 0}, 0.015, false, &rng), without = scene({0, 0}, 0.015, false, &rng);
  const FramesInMemory frames(std::vector<cv::Mat1f>{with});
  SearchFrames search(frames, NoiseModel(), {shifted(0, 0)}, false);
  search.take_off({0, 1, without});
  const cv::Mat1f rest = search.load(0).pixels;
  const double step =
      cv::mean(rest(cv::Rect(40, 40, 50, 50)))[0] - cv::mean(rest(cv::Rect(0, 0, 25, size)))[0];
  // The step is 1.2. Noise leaves sqrt(2 * (1.5 / 2500 + 0.3 / 2400)) = 0.04 of it, the error of the line
  // 0.03.
  EXPECT_NEAR(step, 0.0, 0.15);
}

TEST(SearchFrames, AreTheCleanFramesWhereNothingIsKnownAndEquallyNoisyWhereCountsAre) {
  Rng rng(3);
  const cv::Mat1f counts = scene({0, 0}, 1.0, false, &rng);
  const FramesInMemory frames(std::vector<cv::Mat1f>{counts});
  EXPECT_EQ(cv::norm(SearchFrames(frames, NoiseModel(), {shifted(0, 0)}, false).load(0).pixels, counts), 0.0);
  const cv::Mat1f even = SearchFrames(frames, NoiseModel(), {shifted(0, 0)}, true).load(0).pixels;
  cv::Scalar mean, dark, bright;
  cv::meanStdDev(even(cv::Rect(0, 0, 22, size)), mean, dark);
  cv::meanStdDev(even(cv::Rect(45, 45, 50, 50)), mean, bright);
  // Gain 1 and no read noise: standard deviation 1 on 20 and on 100 counts; 2000 pixels tell it to 2 %.
  EXPECT_NEAR(dark[0], 1.0, 0.08);
  EXPECT_NEAR(bright[0], 1.0, 0.08);
}

TEST(SearchFrames, RefuseADriftOfAnotherLength) {
  const FramesInMemory frames(std::vector<cv::Mat1f>{scene({0, 0}, 1.0, false)});
  EXPECT_THROW(SearchFrames(frames, NoiseModel(), {}, false), Error);
}

}  // namespace
}  // namespace sinterscope
