// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/ser_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/open_frames.h"
#include "test_containers.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::ramp;
using test::same_pixels;
using test::SerTestFile;
using test::TestFolder;
using ::testing::HasSubstr;

SerTestFile two_frames() {
  SerTestFile file;
  file.frames = {ramp<ushort>(5, 4), ramp<ushort>(5, 4, 100)};
  return file;
}

TEST(SerFrames, ReadBothOffsetSizesAndTurnTheRows) {
  const TestFolder folder;
  for (const int version : {0x210, 0x220}) {
    SerTestFile file = two_frames();
    file.version = version;
    test::write_bytes(folder / "series_1.ser", ser_bytes(file));
    const auto source = open_frames(folder / "series_1.ser");
    ASSERT_EQ(source->size(), 2U);
    EXPECT_NEAR(*source->description().calibration.pixel_size_x_nm, 0.5, 1e-12);
    EXPECT_TRUE(same_pixels(source->load_native(1), file.frames[1]));
  }
}

TEST(SerFrames, TakeTheValidFramesOfAnAbortedSeries) {
  const TestFolder folder;
  SerTestFile file = two_frames();
  file.announced = 200;
  file.clocks = {1000, 1004};
  test::write_bytes(folder / "aborted_1.ser", ser_bytes(file));
  const auto source = open_frames(folder / "aborted_1.ser");
  EXPECT_EQ(source->size(), 2U);
  EXPECT_TRUE(same_pixels(source->load_native(1), file.frames[1]));
  // The tag offsets stand behind all 200 data offsets, not behind the valid ones.
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 4.0);
  EXPECT_THAT(source->description().warnings.at(0), HasSubstr("200 frames announced, 2 recorded"));
}

TEST(SerFrames, LearnTimeDetectorAndModeFromTheEmi) {
  const TestFolder folder;
  for (const int n : {1, 2}) {
    SerTestFile file = two_frames();
    file.frames[0] = ramp<ushort>(5, 4, 1000.0 * n);
    test::write_bytes(folder / ("scan_" + std::to_string(n) + ".ser"), ser_bytes(file));
  }
  const std::string block =
      "<Data><Label>Mode</Label><Value>STEM nP SA Zoom "
      "Diffraction</Value></Data><AcquireInfo><FrameTime>0.25</FrameTime></AcquireInfo>";
  test::write_bytes(folder / "scan.emi",
                    "JK" + std::string("\0\x02", 2) + " Acquire BF Scanning Display1 <ObjectInfo>" + block +
                        "</ObjectInfo> Acquire DF4 Scanning Display1 <ObjectInfo>" + block + "</ObjectInfo>");
  const auto second = open_frames(folder / "scan_2.ser");
  EXPECT_EQ(second->description().detector, "DF4");
  EXPECT_DOUBLE_EQ(second->description().frame_interval_s.value(), 0.25);
  EXPECT_DOUBLE_EQ(second->load(1).time_s, 0.25);

  const auto first = open_frames(folder / "scan.emi");
  EXPECT_EQ(first->description().detector, "BF");
  EXPECT_EQ(first->description().datasets.size(), 2U);
  EXPECT_THAT(first->description().warnings.at(0), HasSubstr("2 series"));
  OpenOptions options;
  options.detector = "DF4";
  EXPECT_EQ(open_frames(folder / "scan.emi", options)->load_native(0).at<ushort>(0, 0), 2000);
  options.detector = "HAADF";
  EXPECT_THAT(message_of([&] { open_frames(folder / "scan.emi", options); }),
              HasSubstr("no image of detector 'HAADF'; there is BF, DF4"));
}

TEST(SerFrames, RefuseDiffractionAndSpectra) {
  const TestFolder folder;
  SerTestFile file = two_frames();
  file.delta_m = 1e8;  // "metres"
  test::write_bytes(folder / "d_1.ser", ser_bytes(file));
  EXPECT_THAT(message_of([&] { open_frames(folder / "d_1.ser"); }), HasSubstr("diffraction"));
  file.delta_m = 1e-9;
  test::write_bytes(folder / "m_1.ser", ser_bytes(file));
  test::write_bytes(folder / "m.emi",
                    test::emi_bytes({"<Label>Mode</Label><Value>TEM uP SA Zoom Diffraction</Value>"}));
  EXPECT_THAT(message_of([&] { open_frames(folder / "m_1.ser"); }), HasSubstr("TEM uP SA Zoom Diffraction"));
  file.kind = 0x4120;
  test::write_bytes(folder / "s_1.ser", ser_bytes(file));
  EXPECT_THAT(message_of([&] { open_frames(folder / "s_1.ser"); }), HasSubstr("spectra"));
}

TEST(SerFrames, RefuseDamageWithAnOffset) {
  const TestFolder folder;
  const std::string good = ser_bytes(two_frames());
  const auto damaged = [&](std::size_t at, std::uint32_t value) {
    std::string bytes = good;
    bytes.replace(at, 4, std::string(reinterpret_cast<const char*>(&value), 4));
    test::write_bytes(folder / "bad_1.ser", bytes);
    return message_of([&] { open_frames(folder / "bad_1.ser"); });
  };
  EXPECT_THAT(damaged(14, 0xFFFFFFFFU), HasSubstr("offsets of 4294967295 elements"));  // announced
  EXPECT_THAT(damaged(18, 1000000), HasSubstr("1000000 valid elements"));
  EXPECT_THAT(damaged(22, 0xFFFFFFF0U), HasSubstr("offset 4294967280"));
  EXPECT_THAT(damaged(30, 0x7FFFFFF0U), HasSubstr("calibration"));  // offset of frame 0
  const std::size_t type_at = 30 + 16 + 40;  // offset arrays of two frames, calibrations
  EXPECT_THAT(damaged(type_at, 77), HasSubstr("data type 77"));
  EXPECT_THAT(damaged(type_at + 2, 1U << 30U), HasSubstr("1073741824 x 5"));
  test::write_bytes(folder / "cut_1.ser", good.substr(0, good.size() - 20));
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut_1.ser")->load(1); }), HasSubstr("truncated"));
}

}  // namespace
}  // namespace sinterscope
