// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

cv::Mat1f noise_frame(int side) {
  Rng rng(3);
  cv::Mat1f frame(side, side);
  for (float& pixel : frame) pixel = static_cast<float>(100 + 10 * rng.normal());
  return frame;
}

double bytes_of(const cv::Mat1f& frame, const PicturePlan& plan, std::size_t frames) {
  const GreyRange range = grey_range(frame, 0.35);
  return static_cast<double>(make_picture(frame, range, plan.side_px, plan.quality).size()) *
         static_cast<double>(frames) / plan.every;
}

TEST(GreyRange, ClipsTheAskedShareAtEachEnd) {
  cv::Mat1f ramp(1, 1001);
  for (int i = 0; i < ramp.cols; ++i) ramp(0, i) = static_cast<float>(i);
  const GreyRange range = grey_range(ramp, 1.0);
  EXPECT_EQ(range.black, 10);
  EXPECT_EQ(range.white, 990);
}

TEST(GreyRange, OfAFlatOrEmptyOrNanFrameIsStillARange) {
  const auto width = [](const cv::Mat1f& frame) {
    const GreyRange range = grey_range(frame, 0.35);
    return range.white - range.black;
  };
  EXPECT_GT(width(cv::Mat1f(4, 4, 7.0F)), 0);
  EXPECT_GT(width(cv::Mat1f()), 0);
  EXPECT_GT(width(cv::Mat1f(4, 4, NAN)), 0);
}

TEST(MakePicture, IsAJpegAndLeavesTheFrameAlone) {
  const cv::Mat1f frame = noise_frame(64), before = frame.clone();
  const std::string picture = make_picture(frame, grey_range(frame, 0.35), 32, 80);
  EXPECT_EQ(picture.substr(0, 3), "\xFF\xD8\xFF");
  EXPECT_EQ(cv::countNonZero(frame != before), 0);
}

TEST(MakePicture, RefusesAnEmptyFrame) { EXPECT_THROW(make_picture({}, {}, 32, 80), Error); }

TEST(PlanPictures, ShowsFewFramesInFull) {
  const std::vector<cv::Mat1f> examples{noise_frame(256)};
  const PicturePlan plan = plan_pictures(examples, 10, {});
  EXPECT_GE(plan.side_px, 256);
  EXPECT_EQ(plan.every, 1);
  EXPECT_TRUE(plan.clean);
}

TEST(PlanPictures, KeepsTheBudgetForAnyNumberOfFrames) {
  const cv::Mat1f frame = noise_frame(512);
  for (const std::size_t frames : {20U, 200U, 2000U, 20000U, 200000U}) {
    const PictureOptions options;
    const PicturePlan plan = plan_pictures(std::vector<cv::Mat1f>{frame}, frames, options);
    // base64 writes 3 bytes as 4; a clean picture beside each raw one is no larger
    EXPECT_LE(bytes_of(frame, plan, frames) * 4 / 3 * (plan.clean ? 2 : 1), options.page_budget_MB * 1e6)
        << frames << " frames";
  }
}

TEST(PlanPictures, TakesSmallerPicturesForMoreFrames) {
  const std::vector<cv::Mat1f> examples{noise_frame(512)};
  int side = 1 << 20;
  for (const std::size_t frames : {20U, 200U, 2000U, 20000U}) {
    const PicturePlan plan = plan_pictures(examples, frames, {});
    EXPECT_LE(plan.side_px, side);
    side = plan.side_px;
  }
}

TEST(PlanPictures, LeavesRoomForTheParticles) {
  const std::vector<cv::Mat1f> examples{noise_frame(512)};
  const PicturePlan few = plan_pictures(examples, 500, {}), many = plan_pictures(examples, 500, {}, 700000);
  EXPECT_LT(bytes_of(examples[0], many, 500), bytes_of(examples[0], few, 500));
}

TEST(PlanPictures, WithoutBudgetShowsNone) {
  PictureOptions options;
  options.page_budget_MB = 0;
  EXPECT_EQ(plan_pictures(std::vector<cv::Mat1f>{noise_frame(64)}, 10, options).side_px, 0);
}

TEST(PlanPictures, NeedsAnExample) { EXPECT_THROW(plan_pictures({}, 10, {}), Error); }

}  // namespace
}  // namespace sinterscope
