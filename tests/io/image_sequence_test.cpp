// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/image_sequence.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/image_file.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/tiff_writer.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::TestFolder;
using ::testing::HasSubstr;

cv::Mat flat(int value, int rows = 4, int columns = 5) {
  return cv::Mat(rows, columns, CV_8U, cv::Scalar(value));
}

TEST(ImageSequence, RunsInNaturalOrder) {
  const TestFolder folder;
  for (const int i : {10, 9, 1, 2, 100}) write_png(folder / ("img" + std::to_string(i) + ".png"), flat(i));
  test::write_bytes(folder / "notes.txt", "temperature 500 C");
  for (const auto& path : {folder.path(), folder / "img*.png"}) {
    const auto source = open_frames(path);
    ASSERT_EQ(source->size(), 5U);
    std::vector<int> order;
    for (std::size_t i = 0; i < 5; ++i) order.push_back(source->load_native(i).at<uchar>(0, 0));
    EXPECT_THAT(order, ::testing::ElementsAre(1, 2, 9, 10, 100));
    EXPECT_EQ(source->load(3).index, 3U);
  }
}

TEST(ImageSequence, WalksFoldersOfFolders) {
  const TestFolder folder;
  for (const int second : {2, 10}) {
    const auto inner = folder.path() / "Hour_00" / "Minute_00" / ("Second_" + std::to_string(second));
    std::filesystem::create_directories(inner);
    write_png(inner / "frame_0.png", flat(second));
  }
  const auto source = open_frames(folder.path());
  ASSERT_EQ(source->size(), 2U);
  EXPECT_EQ(source->load_native(1).at<uchar>(0, 0), 10);
}

TEST(ImageSequence, TakesTheTimeFromTheNamesOfAnInSituCamera) {
  const TestFolder folder;
  for (int frame = 0; frame < 6; ++frame) {  // four frames a second
    const auto second = fmt::format("Second_{:02}", frame / 4);
    const auto inner = folder.path() / "Hour_00" / "Minute_00" / second;
    std::filesystem::create_directories(inner);
    write_png(inner / fmt::format("x_Hour_00_Minute_00_{}_Frame_{:04}.png", second, frame % 4), flat(frame));
  }
  const auto source = open_frames(folder.path());
  ASSERT_EQ(source->size(), 6U);
  EXPECT_DOUBLE_EQ(source->load(3).time_s, 0.75);
  EXPECT_DOUBLE_EQ(source->load(5).time_s, 1.25);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 0.25);
}

TEST(ImageSequence, RefusesAChangeOfMagnification) {
  const TestFolder folder;
  for (const int i : {0, 1}) {
    TiffStackFormat format;
    format.calibration = {0.1 + 0.1 * i, 0.1 + 0.1 * i, "test"};
    TiffStackWriter writer(folder / fmt::format("f{}.tif", i), format);
    writer.write(flat(i));
    writer.finish();
  }
  const auto source = open_frames(folder.path());
  EXPECT_THAT(message_of([&] { source->load(1); }), HasSubstr("has 0.2 nm per pixel, the first image"));
}

TEST(OpenFrames, NamesTheFormatsThatItDoesNotRead) {
  const TestFolder folder;
  const std::vector<std::pair<std::string, std::string>> kinds{{std::string("GIF89a\0\0\0\0", 10), "GIF"},
                                                               {"RIFF....AVI LIST", "AVI"},
                                                               {"PK\x03\x04....", "ZIP"},
                                                               {std::string("\0\0\0\x18"
                                                                            "ftypmp42",
                                                                            12),
                                                                "MP4"}};
  for (const auto& [bytes, name] : kinds) {
    test::write_bytes(folder / "file.tif", bytes);
    EXPECT_THAT(message_of([&] { open_frames(folder / "file.tif"); }), HasSubstr(name));
  }
  std::filesystem::create_directories(folder / "signal.zspy");
  test::write_bytes(folder / "signal.zspy/.zgroup", "{}");
  EXPECT_THAT(message_of([&] { open_frames(folder / "signal.zspy"); }), HasSubstr("save it as .hspy"));
}

TEST(ImageSequence, RefusesMixedSizesFormatsAndNothing) {
  const TestFolder folder;
  EXPECT_THAT(message_of([&] { open_frames(folder.path()); }), HasSubstr("holds no image"));
  EXPECT_THAT(message_of([&] { open_frames(folder / "*.png"); }), HasSubstr("holds no image"));
  write_png(folder / "a1.png", flat(1));
  write_png(folder / "a2.png", flat(2, 8, 8));
  EXPECT_THAT(message_of([&] { open_frames(folder.path())->load(1); }),
              ::testing::AllOf(HasSubstr("a2.png"), HasSubstr("8 x 8")));
  test::write_bytes(folder / "b.bmp",
                    "BM" + std::string(12, '\0') + std::string("\x28\0\0\0", 4) + std::string(60, '\0'));
  EXPECT_THAT(message_of([&] { open_frames(folder.path()); }), HasSubstr("several formats"));
  EXPECT_THAT(message_of([&] { open_frames(folder / "none.tif"); }), HasSubstr("no such file"));
}

}  // namespace
}  // namespace sinterscope
