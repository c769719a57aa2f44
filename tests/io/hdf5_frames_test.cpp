// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hdf5_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/core/parallel.h"
#include "sinterscope/io/open_frames.h"
#include "test_files.h"
#include "test_hdf5.h"

namespace sinterscope {
namespace {

using test::Hdf5Writer;
using test::message_of;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Hdf5Frames, AreTheOnlyImageOfAFileWithItsScale) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "one.h5");
    file.dataset("/measurement/data", ramp<ushort>(3 * 5, 7), {3, 5, 7});
    file.dataset("/measurement/time", ramp<float>(1, 3), {3});
    file.number("/measurement/data", "scale", 0.329);
    file.text("/measurement/data", "scale_unit", "nm");
    file.number("/measurement", "frame_interval_s", 2.0);
  }
  const auto source = open_frames(folder / "one.h5");
  const SourceDescription& found = source->description();
  EXPECT_EQ(found.format, "HDF5");
  EXPECT_EQ(source->size(), 3U);
  EXPECT_EQ(source->frame_size(), cv::Size(7, 5));
  EXPECT_DOUBLE_EQ(found.calibration.pixel_size_x_nm.value_or(0), 0.329);
  EXPECT_DOUBLE_EQ(source->load(2).time_s, 4.0);
  EXPECT_TRUE(same_pixels(source->load_native(1), ramp<ushort>(5, 7, 35)));
  ASSERT_EQ(found.datasets.size(), 2U);
  EXPECT_TRUE(found.datasets[0].image);
  EXPECT_EQ(found.datasets[0].shape, "3 x 5 x 7");
  EXPECT_FALSE(found.datasets[1].image);
}

TEST(Hdf5Frames, AskWhichOfSeveralAndTakeTheOneThatIsNamed) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "two.h5");
    file.dataset("/SE", ramp<uchar>(4, 4), {4, 4});
    file.dataset("/HAADF", ramp<float>(4, 4, 0.5), {4, 4});
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "two.h5"); }),
              AllOf(HasSubstr("/HAADF (4 x 4, float32)"), HasSubstr("/SE (4 x 4, uint8)")));
  OpenOptions options;
  options.dataset = "HAADF";
  EXPECT_TRUE(same_pixels(open_frames(folder / "two.h5", options)->load_native(0), ramp<float>(4, 4, 0.5)));
  options.dataset = "HADF";
  EXPECT_THAT(message_of([&] { open_frames(folder / "two.h5", options); }), HasSubstr("nearest: '/HAADF'"));
}

TEST(Hdf5Frames, ReadEveryNumberType) {
  const TestFolder folder;
  const cv::Mat base = ramp<double>(6, 5);
  for (const auto& [depth, name] : std::vector<std::pair<int, std::string>>{{CV_8U, "uint8"},
                                                                            {CV_8S, "int8"},
                                                                            {CV_16U, "uint16"},
                                                                            {CV_16S, "int16"},
                                                                            {CV_32S, "int32"},
                                                                            {CV_32F, "float32"},
                                                                            {CV_64F, "float64"}}) {
    cv::Mat pixels;
    base.convertTo(pixels, depth);
    {
      Hdf5Writer file(folder / "type.h5");
      file.dataset("/data", pixels, {6, 5});
    }
    const auto source = open_frames(folder / "type.h5");
    EXPECT_EQ(source->description().dtype, name);
    EXPECT_TRUE(same_pixels(source->load_native(0), pixels)) << name;
  }
  {
    Hdf5Writer file(folder / "u32.h5");
    file.dataset("/data", (cv::Mat_<int>(2, 2) << -1, 1, 2, 3), {2, 2}, "uint32");
  }
  const auto source = open_frames(folder / "u32.h5");
  EXPECT_EQ(source->description().dtype, "uint32");
  EXPECT_EQ(source->load_native(0).at<double>(0, 0), 4294967295.0);
}

TEST(Hdf5Frames, TakeTheElementSizeOfFiji) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "fiji.h5");
    file.dataset("/t0/channel0", ramp<ushort>(6, 5), {2, 3, 5});
    file.numbers("/t0/channel0", "element_size_um", {1.0, 0.002, 0.001});
  }
  const auto source = open_frames(folder / "fiji.h5");
  EXPECT_DOUBLE_EQ(source->description().calibration.pixel_size_x_nm.value(), 1.0);
  EXPECT_DOUBLE_EQ(source->description().calibration.pixel_size_y_nm.value(), 2.0);
}

TEST(Hdf5Frames, GiveNoScaleWithoutAUnit) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "unitless.h5");
    file.dataset("/data", ramp<uchar>(4, 4), {4, 4});
    file.number("/data", "scale", 0.5);
  }
  const auto source = open_frames(folder / "unitless.h5");
  EXPECT_FALSE(source->description().calibration.calibrated());
  EXPECT_THAT(source->description().warnings.at(0), HasSubstr("no unit"));
}

TEST(Hdf5Frames, FollowNoLinkOutOfTheFile) {
  const TestFolder folder;
  {
    Hdf5Writer secret(folder / "secret.h5");
    secret.dataset("/data", ramp<uchar>(4, 4), {4, 4});
    Hdf5Writer file(folder / "links.h5");
    file.external_link("/image", "secret.h5", "/data");
    file.soft_link("/loop", "/loop");
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "links.h5"); }), HasSubstr("holds no dataset"));
  OpenOptions options;
  options.dataset = "/image";
  EXPECT_THAT(message_of([&] { open_frames(folder / "links.h5", options); }),
              HasSubstr("no dataset '/image'"));
}

TEST(Hdf5Frames, RefuseSizesThatAreNotStored) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "bomb.h5");
    file.empty_dataset("/data", {20000000, 2048, 2048});
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "bomb.h5"); }), HasSubstr("declares"));
}

TEST(Hdf5Frames, RefuseFourAxesAndACutFile) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "four.h5");
    file.dataset("/cube", ramp<float>(6, 6), {2, 3, 2, 3});
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "four.h5"); }), HasSubstr("4 axes"));
  test::truncate_to(folder / "four.h5", 700);
  EXPECT_THAT(message_of([&] { open_frames(folder / "four.h5"); }),
              AllOf(HasSubstr("four.h5: HDF5"), HasSubstr("truncated")));
}

TEST(Hdf5Frames, AreTheSameFromManyThreads) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "many.h5");
    file.dataset("/data", ramp<ushort>(20 * 8, 8), {20, 8, 8});
  }
  const auto source = open_frames(folder / "many.h5");
  std::vector<int> right(200, 0);
  parallel_for(right.size(), 8, [&](std::size_t i) {
    right[i] =
        same_pixels(source->load_native(i % 20), ramp<ushort>(8, 8, 64.0 * static_cast<double>(i % 20))) ? 1
                                                                                                         : 0;
  });
  EXPECT_EQ(std::count(right.begin(), right.end(), 1), 200);
}

}  // namespace
}  // namespace sinterscope
