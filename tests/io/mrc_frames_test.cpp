// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/mrc_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "sinterscope/io/open_frames.h"
#include "test_containers.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::MrcTestFile;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using ::testing::HasSubstr;

TEST(MrcFrames, ReadEveryModeBehindAnExtendedHeader) {
  const TestFolder folder;
  const cv::Mat base = ramp<double>(5, 7);
  for (const auto& [mode, depth] :
       std::vector<std::pair<int, int>>{{0, CV_8S}, {1, CV_16S}, {2, CV_32F}, {6, CV_16U}}) {
    MrcTestFile file;
    file.mode = mode;
    file.extended_bytes = 768;
    for (int i = 0; i < 3; ++i) {
      cv::Mat section;
      base.convertTo(section, depth, 1.0, i);
      file.sections.push_back(section);
    }
    test::write_bytes(folder / "stack.mrc", mrc_bytes(file));
    const auto source = open_frames(folder / "stack.mrc");
    ASSERT_EQ(source->size(), 3U);
    EXPECT_TRUE(same_pixels(source->load_native(2), file.sections[2])) << mode;
    EXPECT_NEAR(*source->description().calibration.pixel_size_x_nm, 0.2, 1e-7);  // the cell is a float
  }
}

TEST(MrcFrames, ReadHalfFloats) {
  const TestFolder folder;
  MrcTestFile file;
  file.mode = 12;
  // 1.0, -2.0, 0.5, 65504 in IEEE 754 binary16.
  file.sections = {(cv::Mat_<ushort>(2, 2) << 0x3C00, 0xC000, 0x3800, 0x7BFF)};
  test::write_bytes(folder / "half.mrc", mrc_bytes(file));
  EXPECT_TRUE(same_pixels(open_frames(folder / "half.mrc")->load_native(0),
                          (cv::Mat1f(2, 2) << 1.0F, -2.0F, 0.5F, 65504.0F)));
}

TEST(MrcFrames, ReadBigEndianAndOldHeaders) {
  const TestFolder folder;
  MrcTestFile file;
  file.mode = 0;
  file.big_endian = true;
  file.sections = {ramp<schar>(4, 6)};
  test::write_bytes(folder / "big.mrc", mrc_bytes(file));
  EXPECT_TRUE(same_pixels(open_frames(folder / "big.mrc")->load_native(0), file.sections[0]));
  file.stamp = "";  // before 2000 there was neither MAP nor a machine stamp
  test::write_bytes(folder / "old.mrc", mrc_bytes(file));
  EXPECT_TRUE(same_pixels(open_frames(folder / "old.mrc")->load_native(0), file.sections[0]));
}

TEST(MrcFrames, TakeScaleAndTimesFromTheBlocksOfThermoFisher) {
  constexpr int block = 888;
  MrcTestFile file;
  file.sections = {ramp<ushort>(3, 4), ramp<ushort>(3, 4), ramp<ushort>(3, 4)};
  file.extended_bytes = 3 * block;
  for (const double cell_angstrom : {0.0, 5.0}) {
    file.pixel_angstrom = cell_angstrom;
    std::string bytes = test::mrc_bytes(file);
    bytes.replace(104, 4, "FEI2");
    for (int i = 0; i < 3; ++i) {
      char* at = bytes.data() + 1024 + i * block;
      const std::int32_t length = block;
      const double days = 44900.5 + i * 0.5 / 86400.0;
      const double pixel_m = 0.25e-9;
      std::memcpy(at, &length, 4);
      std::memcpy(at + 12, &days, 8);
      std::memcpy(at + 156, &pixel_m, 8);
      std::memcpy(at + 164, &pixel_m, 8);
    }
    const TestFolder folder;
    test::write_bytes(folder / "x.mrc", bytes);
    const auto source = open_frames(folder / "x.mrc");
    // The cell of the header wins where there is one.
    EXPECT_DOUBLE_EQ(source->description().calibration.pixel_size_x_nm.value(),
                     cell_angstrom > 0.0 ? 0.5 : 0.25);
    // A double counts days near 44900 in steps of 7e-12: 6e-7 s.
    EXPECT_NEAR(source->load(2).time_s, 1.0, 2e-6);
    EXPECT_NEAR(source->description().frame_interval_s.value(), 0.5, 1e-6);
  }
}

TEST(MrcFrames, GiveNoScaleWithoutACell) {
  const TestFolder folder;
  MrcTestFile file;
  file.sections = {ramp<ushort>(4, 6)};
  for (const double pixel : {0.0, -1.0}) {
    file.pixel_angstrom = pixel;
    test::write_bytes(folder / "no.mrc", mrc_bytes(file));
    const auto source = open_frames(folder / "no.mrc");
    EXPECT_FALSE(source->description().calibration.calibrated());
    EXPECT_THAT(source->description().warnings.at(0), HasSubstr("no pixel size"));
  }
}

TEST(MrcFrames, TakeTheRateFromTheCamerasNote) {
  const TestFolder folder;
  MrcTestFile file;
  file.sections = {ramp<ushort>(4, 6), ramp<ushort>(4, 6)};
  test::write_bytes(folder / "run_movie.mrc", mrc_bytes(file));
  test::write_bytes(folder / "run_info.txt",
                    "Exposure Mode = Normal\nFrames Per Second   = 400\nFrames Per Second (Max) = 959.1\n");
  EXPECT_DOUBLE_EQ(open_frames(folder / "run_movie.mrc")->description().frame_interval_s.value(), 0.0025);
}

TEST(MrcFrames, RefuseDamageWithFieldAndOffset) {
  const TestFolder folder;
  MrcTestFile file;
  file.sections = {ramp<ushort>(4, 6)};
  const std::string good = mrc_bytes(file);
  const auto damaged = [&](std::size_t at, std::int32_t value) {
    std::string bytes = good;
    bytes.replace(at, 4, std::string(reinterpret_cast<const char*>(&value), 4));
    test::write_bytes(folder / "bad.mrc", bytes);
    return message_of([&] { open_frames(folder / "bad.mrc"); });
  };
  EXPECT_THAT(damaged(0, -128), HasSubstr("NX, NY, NZ at offset 0 are -128, 4, 1"));
  EXPECT_THAT(damaged(8, 2147483647), HasSubstr("2147483647 sections"));
  EXPECT_THAT(damaged(12, 99), HasSubstr("MODE 99 at offset 12"));
  EXPECT_THAT(damaged(12, 4), HasSubstr("complex"));
  EXPECT_THAT(damaged(92, -5), HasSubstr("NSYMBT at offset 92 is -5"));
  test::write_bytes(folder / "cut.mrc", good.substr(0, 1050));
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut.mrc"); }), HasSubstr("truncated"));
}

}  // namespace
}  // namespace sinterscope
