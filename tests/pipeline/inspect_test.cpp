// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/open_frames.h"

namespace sinterscope {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

cv::Mat1b speckle(int rows, int columns) {
  cv::Mat1b image(rows, columns);
  cv::RNG random(5);
  random.fill(image, cv::RNG::UNIFORM, 10, 200);
  return image;
}

TEST(Inspect, TellsEverythingAsJsonAndUnknownAsNull) {
  const TemporaryFolder folder;
  write_stack(folder / "a b.tif", {speckle(40, 60), speckle(40, 60)});
  write_png(folder / "bare.png", speckle(40, 60));
  InspectRequest request;
  request.file = folder / "a b.tif";
  request.as_json = true;
  const auto json = nlohmann::json::parse(inspect_file(request));
  EXPECT_EQ(json.at("frames"), 2);
  EXPECT_EQ(json.at("height"), 40);
  EXPECT_NEAR(json.at("pixel_size_nm").at("x").get<double>(), 0.2, 1e-9);
  EXPECT_EQ(json.at("datasets").size(), 1U);
  request.file = folder / "bare.png";
  const auto bare = nlohmann::json::parse(inspect_file(request));
  for (const char* key : {"pixel_size_nm", "frame_interval_s", "detector"})
    EXPECT_TRUE(bare.at(key).is_null()) << key;
  request.as_json = false;
  EXPECT_THAT(inspect_file(request), HasSubstr("pixel size  unknown"));
}

TEST(Inspect, WarnsOfBarsSaturationAndEmptyFrames) {
  const TemporaryFolder folder;
  InspectRequest request;
  request.as_json = true;
  const auto warnings_for = [&](const cv::Mat& image) {
    write_png(folder / "x.png", image);
    request.file = folder / "x.png";
    return nlohmann::json::parse(inspect_file(request)).at("warnings").get<std::vector<std::string>>();
  };
  cv::Mat1b bar = speckle(100, 100);
  bar.rowRange(88, 100).setTo(0);
  EXPECT_THAT(warnings_for(bar), Contains(HasSubstr("the bottom 12 rows")));
  cv::Mat1b bright = speckle(100, 100);
  bright.rowRange(0, 5).setTo(255);
  EXPECT_THAT(warnings_for(bright), Contains(HasSubstr("5 % of the pixels are saturated")));
  EXPECT_THAT(warnings_for(cv::Mat1b(50, 50, uchar{0})), Contains(HasSubstr("every pixel is 0")));
}

TEST(Inspect, WritesAThumbnailOfTheFrameAskedFor) {
  const TemporaryFolder folder;
  cv::Mat1b dark_left = speckle(300, 1200);
  dark_left.colRange(0, 600).setTo(0);
  write_stack(folder / "stack.tif", {speckle(300, 1200), dark_left});
  InspectRequest request;
  request.file = folder / "stack.tif";
  request.thumbnail = folder / "thumb.png";
  request.thumbnail_frame = 1;
  inspect_file(request);
  const auto thumbnail = open_frames(folder / "thumb.png");
  EXPECT_EQ(thumbnail->frame_size(), cv::Size(512, 128));
  const cv::Mat1f pixels = thumbnail->load(0).pixels;
  EXPECT_LT(cv::mean(pixels(cv::Rect(0, 0, 200, 60)))[0], 1.0);
  EXPECT_GT(cv::mean(pixels(cv::Rect(300, 0, 200, 60)))[0], 30.0);
  request.thumbnail_frame = 2;
  EXPECT_THROW(inspect_file(request), Error);
}

}  // namespace
}  // namespace sinterscope
