// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hyperspy_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/hdf5_file.h"
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
                 const HyperSpyFormat& format) {
  test::write_frames<HyperSpyWriter>(path, frames, format);
}

TEST(HyperSpyWriter, StacksComeBackWithScaleTimeAndType) {
  const TestFolder folder;
  for (const cv::Mat& first : {cv::Mat(ramp<ushort>(5, 7)), cv::Mat(ramp<float>(5, 7, 0.5)),
                               cv::Mat(ramp<int>(5, 7, -3)), cv::Mat(ramp<uchar>(5, 7))}) {
    const std::vector<cv::Mat> frames{first, first + 1, first + 2};
    write_stack(folder / "stack.hspy", frames, {"labels", 0, {0.15, 0.3, "test"}, 2.5});
    const auto source = open_frames(folder / "stack.hspy");
    EXPECT_EQ(source->description().format, "HyperSpy");
    ASSERT_EQ(source->size(), 3U);
    EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 0.15);
    EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_y_nm, 0.3);
    EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 2.5);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(same_pixels(source->load_native(i), frames[i]));
  }
}

// The names that rsciio's reader of format 3 asks for.
TEST(HyperSpyWriter, HoldsEverythingThatHyperSpyAsksFor) {
  const TestFolder folder;
  write_stack(folder / "one.hspy", {ramp<uchar>(4, 6)}, {"a/b", 0, {}, std::nullopt});
  const Hdf5File file(folder / "one.hspy");
  EXPECT_EQ(file.text_attribute("/", "file_format").value_or(""), "HyperSpy");
  EXPECT_EQ(file.text_attribute("/", "file_format_version").value_or(""), "3.1");
  const std::string group = "/Experiments/a-b";
  for (const char* below : {"/metadata", "/original_metadata", "/metadata/General", "/metadata/Signal"})
    EXPECT_THAT(file.groups(), ::testing::Contains(group + below));
  const double sizes[] = {1.0, 4.0, 6.0};
  for (int axis = 0; axis < 3; ++axis) {
    const std::string name = group + "/axis-" + std::to_string(axis);
    EXPECT_EQ(file.text_attribute(name, "_type").value_or(""), "UniformDataAxis");
    EXPECT_EQ(file.number_attribute(name, "size"), sizes[axis]);
    EXPECT_EQ(file.number_attribute(name, "navigate"), axis == 0 ? 1.0 : 0.0);
    EXPECT_EQ(file.text_attribute(name, "units").value_or("?"), "");  // no scale, no unit
  }
  EXPECT_FALSE(open_frames(folder / "one.hspy")->description().calibration.calibrated());
}

TEST(HyperSpyWriter, GivesTheSameBytesTwiceAndNoFileUnlessFinished) {
  const TestFolder folder;
  for (const char* name : {"a.hspy", "b.hspy"})
    write_stack(folder / name, {ramp<ushort>(8, 8), ramp<ushort>(8, 8, 9)}, {"x", 0, {1.0, 1.0, "t"}, 1.0});
  EXPECT_EQ(test::read_bytes(folder / "a.hspy"), test::read_bytes(folder / "b.hspy"));
  {
    HyperSpyWriter writer(folder / "c.hspy", {"x", 2, {}, std::nullopt});
    writer.write(ramp<uchar>(3, 3));
    EXPECT_THAT(message_of([&] { writer.write(ramp<uchar>(3, 4)); }), HasSubstr("frame 1 is 4 x 3"));
    EXPECT_THAT(message_of([&] { writer.finish(); }), HasSubstr("2 frames announced, 1 written"));
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

}  // namespace
}  // namespace sinterscope
