// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/open_frames.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using ::testing::HasSubstr;

void write_stack(const std::filesystem::path& path, const std::vector<cv::Mat>& frames,
                 const TiffStackFormat& format = {}) {
  test::write_frames<TiffStackWriter>(path, frames, format);
}

TEST(TiffWriter, StacksComeBackWithScaleAndTime) {
  const TestFolder folder;
  TiffStackFormat format;
  format.calibration = {0.15, 0.15, "test"};
  format.frame_interval_s = 2.5;
  for (const bool deflate : {false, true}) {
    format.deflate = deflate;
    const std::vector<cv::Mat> frames{ramp<ushort>(30, 20), ramp<ushort>(30, 20, 1000),
                                      ramp<ushort>(30, 20, 2000)};
    write_stack(folder / "stack.tif", frames, format);
    const auto source = open_frames(folder / "stack.tif");
    ASSERT_EQ(source->size(), 3U);
    // XResolution is a rational of two 32-bit numbers: better than 1e-6.
    EXPECT_NEAR(*source->description().calibration.pixel_size_x_nm / 0.15, 1.0, 1e-6);
    EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 2.5);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(same_pixels(source->load_native(i), frames[i]));
  }
}

TEST(TiffWriter, WritesOmeThatComesBack) {
  const TestFolder folder;
  TiffStackFormat format;
  format.ome = true;
  format.calibration = {0.15, 0.3, "test"};
  format.frame_interval_s = 2.5;
  for (const cv::Mat& first :
       {cv::Mat(ramp<ushort>(9, 7)), cv::Mat(ramp<float>(9, 7)), cv::Mat(ramp<int>(9, 7))}) {
    write_stack(folder / "stack.ome.tif", {first, first + 1}, format);
    const auto source = open_frames(folder / "stack.ome.tif");
    const Calibration& found = source->description().calibration;
    ASSERT_EQ(source->size(), 2U);
    EXPECT_EQ(found.source, "OME PhysicalSizeX");
    EXPECT_DOUBLE_EQ(*found.pixel_size_x_nm, 0.15);
    EXPECT_DOUBLE_EQ(*found.pixel_size_y_nm, 0.3);
    EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 2.5);
    EXPECT_TRUE(source->description().warnings.empty());
    EXPECT_TRUE(same_pixels(source->load_native(1), first + 1));
  }
}

TEST(TiffWriter, PutsFramesWithoutAGapWhereImageJExpectsThem) {
  // ImageJ (TiffDecoder) reads "images=N" as N frames without a gap behind the first and does not look at the
  // other directories; compressed frames have no common length, so there every directory must count.
  const TestFolder folder;
  TiffStackFormat format;
  write_stack(folder / "plain.tif", {ramp<uchar>(3, 5), ramp<uchar>(3, 5, 15), ramp<uchar>(3, 5, 30)},
              format);
  const std::string plain = test::read_bytes(folder / "plain.tif");
  EXPECT_NE(plain.find("images=3"), plain.npos);
  for (std::size_t i = 0; i < 45; ++i)
    EXPECT_EQ(static_cast<unsigned char>(plain[8 + i]), i);  // behind the header
  format.deflate = true;
  write_stack(folder / "deflate.tif", {ramp<uchar>(3, 5), ramp<uchar>(3, 5, 15)}, format);
  const std::string deflate = test::read_bytes(folder / "deflate.tif");
  EXPECT_NE(deflate.find("ImageJ=1."), deflate.npos);
  EXPECT_EQ(deflate.find("images="), deflate.npos);
}

TEST(TiffWriter, CalibratesFromPicometresToMicrometres) {
  const TestFolder folder;
  for (const double size_nm : {0.0012345678, 0.15, 1.0, 87.654321, 12345.678}) {
    TiffStackFormat format;
    format.calibration = {size_nm, 2.0 * size_nm, "test"};
    write_stack(folder / "scale.tif", {ramp<uchar>(3, 5)}, format);
    const Calibration found = open_frames(folder / "scale.tif")->description().calibration;
    EXPECT_NEAR(found.pixel_size_x_nm.value_or(0) / size_nm, 1.0, 1e-5) << size_nm;
    EXPECT_NEAR(found.pixel_size_y_nm.value_or(0) / size_nm, 2.0, 2e-5) << size_nm;
  }
}

TEST(TiffWriter, WritesEveryTypeItNames) {
  const TestFolder folder;
  const cv::Mat base = ramp<double>(9, 8);
  for (const int depth : {CV_8U, CV_16U, CV_16S, CV_32S, CV_32F}) {
    cv::Mat frame;
    base.convertTo(frame, depth);
    write_stack(folder / "type.tif", {frame});
    EXPECT_TRUE(same_pixels(open_frames(folder / "type.tif")->load_native(0), frame)) << depth;
  }
  EXPECT_THAT(message_of([&] { write_stack(folder / "f64.tif", {base}); }), HasSubstr("f64.tif"));
}

TEST(TiffWriter, WritesPartsOfLargerImagesAndTheSameBytesTwice) {
  const TestFolder folder;
  const cv::Mat part = cv::Mat(ramp<float>(20, 20))(cv::Rect(3, 4, 10, 11));
  write_stack(folder / "a.tif", {part, part});
  write_stack(folder / "b.tif", {part, part});
  EXPECT_TRUE(same_pixels(open_frames(folder / "a.tif")->load_native(1), part.clone()));
  EXPECT_EQ(test::read_bytes(folder / "a.tif"), test::read_bytes(folder / "b.tif"));
}

TEST(TiffWriter, LeavesNoFileBehindUnlessFinished) {
  const TestFolder folder;
  {
    TiffStackFormat format;
    format.frames = 2;
    TiffStackWriter writer(folder / "half.tif", format);
    writer.write(ramp<uchar>(4, 4));
    EXPECT_THAT(message_of([&] { writer.write(ramp<uchar>(5, 4)); }), HasSubstr("frame 1 is 4 x 5"));
    EXPECT_THAT(message_of([&] { writer.finish(); }), HasSubstr("2 frames announced, 1 written"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace sinterscope
