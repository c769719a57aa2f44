// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include <chrono>
#include <limits>

#include "sinterscope/core/parallel.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/tiff_writer.h"
#include "test_files.h"
#include "test_tiff.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using test::TiffTestPage;
using test::write_test_tiff;
using ::testing::HasSubstr;

TiffTestPage page_of(const cv::Mat& pixels) {
  TiffTestPage page;
  page.pixels = pixels;
  return page;
}

TEST(TiffFrames, ReturnEverySampleTypeUnchanged) {
  const TestFolder folder;
  const cv::Mat base = ramp<double>(19, 23, -100.0);
  const std::vector<std::pair<int, std::string>> types{
      {CV_8U, "uint8"},  {CV_8S, "int8"},     {CV_16U, "uint16"}, {CV_16S, "int16"},
      {CV_32S, "int32"}, {CV_32F, "float32"}, {CV_64F, "float64"}};
  for (const auto& [depth, name] : types) {
    cv::Mat pixels;
    base.convertTo(pixels, depth);
    write_test_tiff(folder / (name + ".tif"), {page_of(pixels)});
    const auto source = open_frames(folder / (name + ".tif"));
    EXPECT_EQ(source->description().dtype, name);
    EXPECT_EQ(source->size(), 1U);
    EXPECT_TRUE(same_pixels(source->load_native(0), pixels)) << name;
  }
}

TEST(TiffFrames, KeepUnsigned32BitNumbersAboveTwoBillion) {
  const TestFolder folder;
  // The bits of 4294967295, 3000000000, 1, 0 as OpenCV can hold them.
  TiffTestPage page = page_of((cv::Mat_<int>(2, 2) << -1, static_cast<int>(3000000000U), 1, 0));
  page.sample_format = SAMPLEFORMAT_UINT;
  write_test_tiff(folder / "u32.tif", {page});
  const auto source = open_frames(folder / "u32.tif");
  EXPECT_EQ(source->description().dtype, "uint32");
  EXPECT_TRUE(
      same_pixels(source->load_native(0), (cv::Mat_<double>(2, 2) << 4294967295.0, 3000000000.0, 1.0, 0.0)));
}

TEST(TiffFrames, ReadBigEndianBigTiffTilesAndCompressionsAlike) {
  const TestFolder folder;
  const cv::Mat pixels = ramp<ushort>(45, 37, 250.0);
  TiffTestPage tiled = page_of(pixels);
  tiled.tile = 16;
  std::vector<std::pair<TiffTestPage, const char*>> kinds{
      {page_of(pixels), "w"}, {page_of(pixels), "wb"}, {page_of(pixels), "w8"}, {tiled, "w"}, {tiled, "wb8"}};
  for (const int compression :
       {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_DEFLATE}) {
    kinds.emplace_back(page_of(pixels), "w");
    kinds.back().first.compression = compression;
    kinds.emplace_back(tiled, "w");
    kinds.back().first.compression = compression;
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    write_test_tiff(folder / "kind.tif", {kinds[i].first, kinds[i].first}, kinds[i].second);
    const auto source = open_frames(folder / "kind.tif");
    ASSERT_EQ(source->size(), 2U) << i;
    EXPECT_TRUE(same_pixels(source->load_native(1), pixels)) << "kind " << i;
  }
}

TEST(TiffFrames, TurnWhiteIsZeroSoThatBrightIsHigh) {
  const TestFolder folder;
  TiffTestPage page = page_of((cv::Mat_<uchar>(2, 2) << 0, 10, 200, 255));
  page.photometric = PHOTOMETRIC_MINISWHITE;
  write_test_tiff(folder / "white.tif", {page});
  EXPECT_TRUE(same_pixels(open_frames(folder / "white.tif")->load_native(0),
                          (cv::Mat_<uchar>(2, 2) << 255, 245, 55, 0)));
}

TEST(TiffFrames, ReduceGrayRgbAndWarnOfColour) {
  const TestFolder folder;
  const cv::Mat gray = ramp<uchar>(12, 15, 3.0);
  cv::Mat rgb;
  cv::merge(std::vector<cv::Mat>{gray, gray, gray}, rgb);
  TiffTestPage page = page_of(rgb);
  page.photometric = PHOTOMETRIC_RGB;
  for (const bool planar : {false, true}) {
    page.planar = planar;
    write_test_tiff(folder / "gray.tif", {page});
    const auto source = open_frames(folder / "gray.tif");
    EXPECT_TRUE(same_pixels(source->load_native(0), gray));
    EXPECT_TRUE(source->description().warnings.empty());
  }
  page.planar = false;
  page.pixels = cv::Mat(4, 4, CV_8UC3, cv::Scalar(200, 0, 0));  // pure red
  write_test_tiff(folder / "red.tif", {page});
  const auto source = open_frames(folder / "red.tif");
  EXPECT_EQ(source->load_native(0).at<uchar>(0, 0), 60);  // BT.601: 0.299 * 200 = 59.8
  ASSERT_EQ(source->description().warnings.size(), 1U);
  EXPECT_THAT(source->description().warnings[0], HasSubstr("colour"));
}

TEST(TiffFrames, LeaveThumbnailsAndOtherShapesOut) {
  const TestFolder folder;
  TiffTestPage thumbnail = page_of(ramp<ushort>(5, 6));
  thumbnail.thumbnail = true;
  const TiffTestPage frame = page_of(ramp<ushort>(20, 30));
  write_test_tiff(folder / "mixed.tif", {thumbnail, frame, page_of(ramp<uchar>(20, 30)), frame, frame});
  const auto source = open_frames(folder / "mixed.tif");
  EXPECT_EQ(source->size(), 3U);
  EXPECT_EQ(source->frame_size(), cv::Size(30, 20));
  EXPECT_EQ(source->description().datasets.size(), 3U);  // the stack and the two pages left out
  EXPECT_THAT(source->description().warnings.at(0), HasSubstr("2 of 5 pages"));
}

TEST(TiffFrames, ReadImageJStacksOfOneDirectory) {
  const TestFolder folder;
  std::string bytes =
      test::raw_tiff(6, 5,
                     {test::text_tag(270, "ImageJ=1.53t\nimages=3\nframes=3\nunit=nm\nfinterval=0.5\n"),
                      test::rational_tag(282, 4, 1), test::rational_tag(283, 4, 1), test::short_tag(296, 1)});
  // ImageJ puts the directory in front: here the frames must follow the first, so the whole is built around
  // them.
  const std::string pixels = bytes.substr(8, 30);
  std::string more;
  for (int frame = 1; frame < 3; ++frame)
    for (const char c : pixels) more.push_back(static_cast<char>(c + frame));
  // All offsets above the pixels move by the length of the new frames: make the strip point behind the
  // directory.
  const std::size_t strip = bytes.size();
  const std::string old_offset("\x11\x01\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00", 12);
  const std::size_t at = bytes.find(old_offset);
  ASSERT_NE(at, std::string::npos);
  for (int i = 0; i < 4; ++i) bytes[at + 8 + i] = static_cast<char>(strip >> (8 * i) & 0xFFU);
  test::write_bytes(folder / "stack.tif", bytes + pixels + more);
  const auto source = open_frames(folder / "stack.tif");
  ASSERT_EQ(source->size(), 3U);
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 0.25);
  EXPECT_DOUBLE_EQ(source->load(2).time_s, 1.0);
  for (int frame = 0; frame < 3; ++frame) EXPECT_EQ(source->load_native(frame).at<uchar>(4, 5), 29 + frame);

  test::write_bytes(folder / "short.tif", bytes + pixels);  // two frames are missing
  EXPECT_THAT(message_of([&] { open_frames(folder / "short.tif"); }), HasSubstr("announces 3 frames"));
}

TEST(TiffFrames, ReadStacksOfOneDirectoryThatTifffileCutShort) {
  const TestFolder folder;
  std::string head =
      test::raw_tiff(6, 5, {test::text_tag(270, "{\"truncated\": true, \"shape\": [2, 5, 6]}")});
  const std::string strip_entry("\x11\x01\x04\x00\x01\x00\x00\x00", 8);
  const auto start = static_cast<std::uint32_t>(head.size());
  std::memcpy(head.data() + head.find(strip_entry) + 8, &start, sizeof(start));
  test::write_bytes(folder / "cut.tif", head + std::string(30, '\1') + std::string(30, '\2'));
  const auto source = open_frames(folder / "cut.tif");
  ASSERT_EQ(source->size(), 2U);
  EXPECT_EQ(source->load_native(1).at<uchar>(4, 5), 2);
}

TEST(TiffFrames, ChooseAChannelWhereTwoAlternate) {
  const TestFolder folder;
  std::vector<TiffTestPage> pages;
  for (int i = 0; i < 4; ++i) pages.push_back(page_of(ramp<uchar>(4, 4, 10.0 * i)));
  pages[0].description = "ImageJ=1.53t\nimages=4\nchannels=2\nframes=2\n";
  write_test_tiff(folder / "two.tif", pages);
  EXPECT_EQ(open_frames(folder / "two.tif")->size(), 4U);
  OpenOptions options;
  options.dataset = "channel 2";
  const auto second = open_frames(folder / "two.tif", options);
  ASSERT_EQ(second->size(), 2U);
  EXPECT_EQ(second->load_native(1).at<uchar>(0, 0), 30);
  options.dataset = "channel 3";
  EXPECT_THAT(message_of([&] { open_frames(folder / "two.tif", options); }), HasSubstr("channel 3"));
}

TEST(TiffFrames, AreTheSameFromManyThreads) {
  const TestFolder folder;
  std::vector<TiffTestPage> pages;
  for (int i = 0; i < 40; ++i) {
    pages.push_back(page_of(ramp<ushort>(64, 64, 100.0 * i)));
    pages.back().compression = COMPRESSION_LZW;
  }
  write_test_tiff(folder / "many.tif", pages);
  const auto source = open_frames(folder / "many.tif");
  std::vector<int> right(400, 0);
  parallel_for(right.size(), 8, [&](std::size_t i) {
    const std::size_t frame = i * 7 % pages.size();
    right[i] = same_pixels(source->load_native(frame), pages[frame].pixels) ? 1 : 0;
  });
  EXPECT_EQ(std::count(right.begin(), right.end(), 1), 400);
}

TEST(TiffFrames, OpenALongStackAtOnce) {
  const TestFolder folder;
  constexpr int frames = 100000;
  {
    TiffStackFormat format;
    format.frames = frames;
    format.deflate = true;  // every directory counts
    TiffStackWriter writer(folder / "long.tif", format);
    for (int i = 0; i < frames; ++i) writer.write(ramp<uchar>(2, 3));
    writer.finish();
  }
  const std::clock_t start = std::clock();
  const auto source = open_frames(folder / "long.tif");
  EXPECT_EQ(source->size(), static_cast<std::size_t>(frames));
  EXPECT_EQ(source->load_native(frames - 1).at<uchar>(1, 2), 5);
  // Linear in the number of pages: four small reads a page, 0.3 s in all. A walk through the chain for each
  // page would take frames^2 / 2 = 5e9 directory reads, hours.
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 5.0);
}

TEST(TiffFrames, CutTheDataBar) {
  const TestFolder folder;
  write_test_tiff(folder / "bar.tif", {page_of(ramp<uchar>(20, 10))});
  OpenOptions options;
  options.cut_bottom_rows = 4;
  const auto source = open_frames(folder / "bar.tif", options);
  EXPECT_EQ(source->frame_size(), cv::Size(10, 16));
  EXPECT_EQ(source->load(0).pixels.size(), cv::Size(10, 16));
  options.cut_bottom_rows = 20;
  EXPECT_THAT(message_of([&] { open_frames(folder / "bar.tif", options); }),
              HasSubstr("cut_bottom_rows is 20"));
}

TEST(TiffFrames, RefuseNaNAndInfinityByPlaceAndNumber) {
  const TestFolder folder;
  cv::Mat1f good = ramp<float>(6, 7);
  cv::Mat1f bad = good.clone();
  bad(2, 5) = std::numeric_limits<float>::quiet_NaN();
  bad(4, 1) = std::numeric_limits<float>::infinity();
  write_test_tiff(folder / "nan.tif", {page_of(good), page_of(bad)});
  const auto source = open_frames(folder / "nan.tif");
  EXPECT_NO_THROW(source->load(0));
  const std::string message = message_of([&] { source->load(1); });
  EXPECT_THAT(message, HasSubstr("nan.tif: frame 1: 2 of 42 pixels"));
  EXPECT_THAT(message, HasSubstr("x = 5, y = 2"));
}

TEST(TiffFrames, RefuseBrokenFilesWithFileAndPlace) {
  const TestFolder folder;
  write_test_tiff(folder / "cut.tif", {page_of(ramp<ushort>(40, 40)), page_of(ramp<ushort>(40, 40))});
  test::truncate_to(folder / "cut.tif", 2000);
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut.tif")->load(0); }),
              ::testing::AllOf(HasSubstr("cut.tif: TIFF"), HasSubstr("truncated")));

  std::string loop = test::raw_tiff(4, 4, {});
  const auto directory = static_cast<unsigned char>(loop[4]);
  loop[loop.size() - 4] = static_cast<char>(directory);  // the next directory is this one
  test::write_bytes(folder / "loop.tif", loop);
  EXPECT_THAT(message_of([&] { open_frames(folder / "loop.tif"); }), HasSubstr("circle"));

  // 60000 x 60000 pixels in a strip of 16 bytes.
  std::string bomb = test::raw_tiff(4, 4, {});
  for (const int tag : {256, 257}) {
    const std::string entry{static_cast<char>(tag & 0xFF), 1, 3, 0, 1, 0, 0, 0, 4, 0};
    const std::size_t at = bomb.find(entry);
    ASSERT_NE(at, std::string::npos);
    bomb[at + 8] = '\x60';
    bomb[at + 9] = '\xEA';
  }
  test::write_bytes(folder / "bomb.tif", bomb);
  EXPECT_THAT(message_of([&] { open_frames(folder / "bomb.tif"); }), HasSubstr("60000 x 60000"));

  TiffTestPage odd = page_of(ramp<uchar>(8, 8));
  odd.bits = 4;
  write_test_tiff(folder / "bits.tif", {odd});
  EXPECT_THAT(message_of([&] { open_frames(folder / "bits.tif"); }), HasSubstr("4 bits"));
}

}  // namespace
}  // namespace sinterscope
