// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/dm_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "sinterscope/io/open_frames.h"
#include "test_containers.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::DmTestFile;
using test::DmTestImage;
using test::message_of;
using test::pixels_of;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

DmTestImage image_of(const cv::Mat& pixels, int data_type) {
  DmTestImage image;
  image.data_type = data_type;
  image.dimensions = {static_cast<std::uint32_t>(pixels.cols), static_cast<std::uint32_t>(pixels.rows)};
  image.pixels = pixels_of(pixels);
  return image;
}

class DmFrames : public ::testing::Test {
 protected:
  std::unique_ptr<FrameSource> open(const DmTestFile& file, const OpenOptions& options = {}) {
    test::write_bytes(folder_ / "image.dm", dm_bytes(file));
    return open_frames(folder_ / "image.dm", options);
  }
  TestFolder folder_;
};

TEST_F(DmFrames, ReadEveryRealTypeInBothVersions) {
  const cv::Mat base = ramp<double>(5, 4);
  const std::vector<std::tuple<int, int, std::string>> types{
      {1, CV_16S, "int16"}, {2, CV_32F, "float32"}, {6, CV_8U, "uint8"},     {7, CV_32S, "int32"},
      {9, CV_8S, "int8"},   {10, CV_16U, "uint16"}, {12, CV_64F, "float64"}, {14, CV_8U, "bool"}};
  for (const int version : {3, 4})
    for (const auto& [data_type, depth, name] : types) {
      cv::Mat pixels;
      base.convertTo(pixels, depth);
      DmTestFile file;
      file.version = version;
      file.images = {image_of(pixels, data_type)};
      const auto source = open(file);
      EXPECT_EQ(source->description().format, version == 3 ? "DM3" : "DM4");
      EXPECT_EQ(source->description().dtype, name);
      EXPECT_TRUE(same_pixels(source->load_native(0), pixels)) << name;
    }
}

TEST_F(DmFrames, TurnBigEndianValues) {
  cv::Mat pixels = ramp<ushort>(3, 4, 1000);
  DmTestFile file;
  file.little = false;
  file.images = {image_of(pixels, 10)};
  std::string& bytes = file.images[0].pixels;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
  file.images[0].scales = {0.25, 0.25};
  file.images[0].units = {"nm", "nm"};
  const auto source = open(file);
  EXPECT_TRUE(same_pixels(source->load_native(0), pixels));
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 0.25);
}

TEST_F(DmFrames, ReadStacksWithScaleTimeAndDetector) {
  DmTestFile file;
  file.version = 4;
  file.images = {image_of(ramp<ushort>(6, 4), 10)};
  file.images[0].dimensions = {4, 3, 2};
  file.images[0].scales = {0.002, 0.004, 0.5};
  file.images[0].units = {"\xB5m", "\xB5m", "s"};
  file.images[0].signal = "HAADF";
  const auto source = open(file);
  ASSERT_EQ(source->size(), 2U);
  EXPECT_NEAR(*source->description().calibration.pixel_size_x_nm, 2.0, 1e-12);
  EXPECT_NEAR(*source->description().calibration.pixel_size_y_nm, 4.0, 1e-12);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 0.5);
  EXPECT_EQ(source->description().detector, "HAADF");
  EXPECT_TRUE(same_pixels(source->load_native(1), ramp<ushort>(3, 4, 12)));
  // The thumbnail is listed, not read.
  EXPECT_EQ(source->description().datasets.size(), 2U);
  EXPECT_EQ(source->description().datasets[1].note, "thumbnail");
}

TEST_F(DmFrames, TakeAStackWithFewerCalibrationsThanAxes) {
  DmTestFile file;
  file.images = {image_of(ramp<ushort>(6, 4), 10)};
  file.images[0].dimensions = {4, 2, 3};
  file.images[0].scales = {0.25, 0.25};
  file.images[0].units = {"nm", "nm"};
  const auto source = open(file);
  EXPECT_EQ(source->size(), 3U);
  EXPECT_FALSE(source->description().frame_interval_s.has_value());
}

TEST_F(DmFrames, TellImagesOfOneNameApartAndChooseByDetector) {
  DmTestFile file;
  file.images = {image_of(ramp<ushort>(3, 4), 10), image_of(ramp<ushort>(3, 4, 100), 10)};
  file.images[0].signal = "BF";
  file.images[1].signal = "HAADF";
  OpenOptions options;
  options.detector = "BF";
  EXPECT_EQ(open(file, options)->load_native(0).at<ushort>(0, 0), 0);
  options = {};
  options.dataset = "frame (2)";
  EXPECT_EQ(open(file, options)->load_native(0).at<ushort>(0, 0), 100);
  const auto preferred = open(file);
  EXPECT_EQ(preferred->load_native(0).at<ushort>(0, 0), 100);  // HAADF, said aloud
  EXPECT_FALSE(preferred->description().warnings.empty());
}

TEST_F(DmFrames, GiveNoScaleWithoutALength) {
  DmTestFile file;
  file.images = {image_of(ramp<ushort>(3, 4), 10)};
  file.images[0].scales = {1.0, 1.0};
  file.images[0].units = {"", ""};
  EXPECT_FALSE(open(file)->description().calibration.calibrated());
}

TEST_F(DmFrames, RefuseWhatIsNoImageByName) {
  DmTestFile file;
  file.images = {image_of(ramp<double>(3, 4), 3)};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("complex64"));
  file.images = {image_of(ramp<int>(3, 4), 23)};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("RGBA"));
  file.images = {image_of(ramp<float>(3, 4), 2)};
  file.images[0].scales = {0.1, 0.1};
  file.images[0].units = {"1/nm", "1/nm"};
  EXPECT_THAT(message_of([&] { open(file); }), AllOf(HasSubstr("diffraction"), HasSubstr("1/nm")));
  file.images[0].units = {"nm", "eV"};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("spectrum"));
  file.images = {image_of(ramp<float>(1, 8), 2)};
  file.images[0].dimensions = {8};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("spectrum"));
}

TEST_F(DmFrames, AskWhichOfTwoImages) {
  DmTestFile file;
  file.images = {image_of(ramp<ushort>(3, 4), 10), image_of(ramp<ushort>(3, 4, 50), 10)};
  file.images[1].name = "second";
  EXPECT_THAT(message_of([&] { open(file); }),
              AllOf(HasSubstr("frame (3 x 4, uint16)"), HasSubstr("second (3 x 4, uint16)")));
  OpenOptions options;
  options.dataset = "second";
  EXPECT_EQ(open(file, options)->load_native(0).at<ushort>(0, 0), 50);
}

TEST_F(DmFrames, RefuseDamageWithAnOffset) {
  DmTestFile file;
  file.images = {image_of(ramp<ushort>(30, 40), 10)};
  file.images[0].dimensions = {40, 3000};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("2400 stored bytes for 240000"));
  file.images[0].dimensions = {0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU};
  EXPECT_THAT(message_of([&] { open(file); }), HasSubstr("overflow"));
  file.images[0].dimensions = {40, 30};
  std::string bytes = dm_bytes(file);
  test::write_bytes(folder_ / "cut.dm3", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(message_of([&] { open_frames(folder_ / "cut.dm3"); }),
              AllOf(HasSubstr("cut.dm3: DM"), HasSubstr("offset")));
  bytes[3] = 9;
  test::write_bytes(folder_ / "version.dm3", bytes);
  EXPECT_THAT(message_of([&] { open_frames(folder_ / "version.dm3"); }), HasSubstr("version 9 at offset 0"));
}

TEST_F(DmFrames, RefuseGroupsNestedWithoutEnd) {
  // 20,000 groups, each in the one before: a recursion without a limit would run out of stack.
  std::string bytes("\0\0\0\x03\0\0\0\0\0\0\0\x01", 12);
  const std::string group("\x01\x00\0\0\0\x01\x14\0\0", 9);
  for (int i = 0; i < 20000; ++i) bytes += group;
  test::write_bytes(folder_ / "deep.dm3", bytes);
  EXPECT_THAT(message_of([&] { open_frames(folder_ / "deep.dm3"); }), HasSubstr("64 deep"));
}

}  // namespace
}  // namespace sinterscope
