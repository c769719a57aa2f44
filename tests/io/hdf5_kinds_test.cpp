// SPDX-License-Identifier: GPL-3.0-or-later
// Velox, EMD and HyperSpy files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// Metadata as Velox writes them: every number a string, three digits of exponent.
std::string velox_json(const std::string& detector, const std::string& unit, int clock,
                       const std::string& scan = "\"FrameTime\":\"0.5\"") {
  return "{\r\n\"BinaryResult\":{\"DetectorIndex\":\"4\",\"Detector\":\"x\",\"PixelSize\":{\"width\":\"2.5e-"
         "010\",\"height\":\"5.0e-010\"},\"PixelUnitX\":\"" +
         unit + "\"},\"Scan\":{" + scan + "},\"Detectors\":{\"Detector-4\":{\"DetectorName\":\"" + detector +
         "\",\"ExposureTime\":\"0.8\"}}," + "\"Acquisition\":{\"AcquisitionStartDatetime\":{\"DateTime\":\"" +
         std::to_string(clock) + "\"}}}";
}

// One column a frame.
void write_metadata(Hdf5Writer& file, const std::string& path, const std::vector<std::string>& columns) {
  constexpr int bytes = 2000;
  cv::Mat1b table(bytes, static_cast<int>(columns.size()), uchar{0});
  for (int column = 0; column < table.cols; ++column)
    for (std::size_t i = 0; i < columns[static_cast<std::size_t>(column)].size(); ++i)
      table(static_cast<int>(i), column) = static_cast<uchar>(columns[static_cast<std::size_t>(column)][i]);
  file.dataset(path, table, {bytes, columns.size()});
}

TEST(VeloxFrames, StandInTheLastAxisAndCarryScaleAndTime) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "stack.emd");
    file.text_dataset("/Version", "{\"format\":\"Velox\",\"version\":\"8\"}");
    file.dataset("/Data/Image/abc/Data", ramp<ushort>(3, 4 * 2), {3, 4, 2});
    write_metadata(file, "/Data/Image/abc/Metadata",
                   {velox_json("HAADF", "m", 1000), velox_json("HAADF", "m", 1000)});
  }
  const auto source = open_frames(folder / "stack.emd");
  const SourceDescription& found = source->description();
  EXPECT_EQ(found.format, "Velox EMD");
  ASSERT_EQ(source->size(), 2U);
  EXPECT_EQ(source->frame_size(), cv::Size(4, 3));
  EXPECT_NEAR(*found.calibration.pixel_size_x_nm, 0.25, 1e-12);
  EXPECT_NEAR(*found.calibration.pixel_size_y_nm, 0.5, 1e-12);
  EXPECT_EQ(found.detector, "HAADF");
  EXPECT_DOUBLE_EQ(source->load(1).time_s, 0.5);
  for (int frame = 0; frame < 2; ++frame)
    EXPECT_EQ(source->load_native(frame).at<ushort>(2, 1), 2 * 8 + 1 * 2 + frame);
}

TEST(VeloxFrames, AreChosenByDetectorNeverByPosition) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "scan.emd");
    int value = 10;
    for (const char* detector : {"BF", "DF4", "HAADF"}) {
      const std::string group = std::string("/Data/Image/") + std::to_string(9 - value / 10) + "hash";
      file.dataset(group + "/Data", ramp<uchar>(3, 4, value), {3, 4, 1});
      write_metadata(file, group + "/Metadata", {velox_json(detector, "m", 1000)});
      value += 10;
    }
  }
  const auto haadf = open_frames(folder / "scan.emd");
  EXPECT_EQ(haadf->description().detector, "HAADF");
  EXPECT_EQ(haadf->load_native(0).at<uchar>(0, 0), 30);
  EXPECT_THAT(haadf->description().warnings.at(0), AllOf(HasSubstr("BF"), HasSubstr("DF4")));
  OpenOptions options;
  options.detector = "bf";
  EXPECT_EQ(open_frames(folder / "scan.emd", options)->load_native(0).at<uchar>(0, 0), 10);
  options.detector = "SE";
  EXPECT_THAT(message_of([&] { open_frames(folder / "scan.emd", options); }),
              HasSubstr("no image of detector 'SE'"));
}

TEST(VeloxFrames, UseTheRecordedTimesWhereFramesWereNotEvenlySpaced) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "slow.emd");
    file.dataset("/Data/Image/abc/Data", ramp<ushort>(3, 4 * 3), {3, 4, 3});
    write_metadata(
        file, "/Data/Image/abc/Metadata",
        {velox_json("HAADF", "m", 1000), velox_json("HAADF", "m", 1010), velox_json("HAADF", "m", 1030)});
  }
  const auto source = open_frames(folder / "slow.emd");
  EXPECT_DOUBLE_EQ(source->load(1).time_s, 10.0);
  EXPECT_DOUBLE_EQ(source->load(2).time_s, 30.0);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 15.0);
}

TEST(VeloxFrames, RefuseDiffractionAndBrokenMetadata) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "fft.emd");
    file.dataset("/Data/Image/abc/Data", ramp<ushort>(3, 4), {3, 4, 1});
    write_metadata(file, "/Data/Image/abc/Metadata", {velox_json("BM-Ceta", "1/m", 1000)});
    Hdf5Writer cut(folder / "cut.emd");
    cut.dataset("/Data/Image/abc/Data", ramp<ushort>(3, 4), {3, 4, 1});
    write_metadata(cut, "/Data/Image/abc/Metadata", {velox_json("HAADF", "m", 1000).substr(0, 100)});
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "fft.emd"); }), HasSubstr("diffraction"));
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut.emd"); }), HasSubstr("no JSON"));
}

// An EMD array group with axes of two positions each.
void write_emd(Hdf5Writer& file, const std::string& group, const cv::Mat& pixels,
               const std::vector<hsize_t>& shape, const std::vector<std::pair<double, std::string>>& axes,
               const std::vector<std::string>& names, int first_axis = 1) {
  file.dataset(group + "/data", pixels, shape);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string path = group + "/dim" + std::to_string(static_cast<int>(i) + first_axis);
    file.dataset(path, (cv::Mat_<double>(1, 2) << 5.0, 5.0 + axes[i].first), {2});
    file.text(path, "name", names[i]);
    file.text(path, "units", axes[i].second);
  }
}

TEST(EmdFrames, TakeScaleAndTimeFromTheirAxes) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "ncem.emd");
    write_emd(file, "/data/series", ramp<float>(6, 4), {2, 3, 4},
              {{0.5, "[s]"}, {2.0, "[n_m]"}, {1.0, "[n_m]"}}, {"time", "y", "x"});
    file.integer("/data/series", "emd_group_type", 1);
    Hdf5Writer py(folder / "py4dstem.h5");
    write_emd(py, "/root/image", ramp<float>(3, 4), {3, 4}, {{1.0, "A"}, {1.0, "A"}}, {"Rx", "Ry"}, 0);
    py.text("/root/image", "emd_group_type", "array");
  }
  const auto source = open_frames(folder / "ncem.emd");
  EXPECT_EQ(source->description().format, "EMD");
  ASSERT_EQ(source->size(), 2U);
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 1.0);
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_y_nm, 2.0);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 0.5);
  EXPECT_TRUE(same_pixels(source->load_native(1), ramp<float>(3, 4, 12)));
  EXPECT_DOUBLE_EQ(open_frames(folder / "py4dstem.h5")->description().calibration.pixel_size_x_nm.value_or(0),
                   0.1);
}

TEST(EmdFrames, TurnPrismaticPlanesAndFindTheFrameAxis) {
  const TestFolder folder;
  {
    Hdf5Writer file(folder / "prismatic.h5");
    write_emd(file, "/sim/realslices/virtual", ramp<float>(2 * 3, 5), {2, 3, 5},
              {{0.25, "[n_m]"}, {0.5, "[n_m]"}, {1.0, "[mrad]"}}, {"R_x", "R_y", "angle"});
    file.integer("/sim/realslices/virtual", "emd_group_type", 1);
  }
  const auto source = open_frames(folder / "prismatic.h5");
  ASSERT_EQ(source->size(), 5U);
  EXPECT_EQ(source->frame_size(), cv::Size(2, 3));  // x is the first axis
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 0.25);
  // Element (x, y, angle) = 15 x + 5 y + angle.
  EXPECT_EQ(source->load_native(4).at<float>(2, 1), 15.0F + 10.0F + 4.0F);
}

TEST(EmdFrames, RefuseFourAxesAndDiffraction) {
  const TestFolder folder;
  {
    Hdf5Writer four(folder / "four.emd");
    write_emd(four, "/cube", ramp<float>(6, 6), {2, 3, 2, 3},
              {{1, "nm"}, {1, "nm"}, {1, "A^-1"}, {1, "A^-1"}}, {"Rx", "Ry", "Qx", "Qy"});
    four.integer("/cube", "emd_group_type", 1);
    Hdf5Writer pattern(folder / "pattern.emd");
    write_emd(pattern, "/p", ramp<float>(3, 4), {3, 4}, {{1, "[1/n_m]"}, {1, "[1/n_m]"}}, {"ky", "kx"});
    pattern.integer("/p", "emd_group_type", 1);
  }
  EXPECT_THAT(message_of([&] { open_frames(folder / "four.emd"); }), HasSubstr("4 axes"));
  EXPECT_THAT(message_of([&] { open_frames(folder / "pattern.emd"); }), HasSubstr("diffraction"));
}

void write_hyperspy(const std::filesystem::path& path, const std::vector<hsize_t>& shape,
                    const std::vector<int>& navigate, const std::vector<std::string>& units) {
  Hdf5Writer file(path);
  file.text("/", "file_format", "HyperSpy");
  cv::Mat pixels = ramp<ushort>(1, 24);
  file.dataset("/Experiments/some title/data", pixels, shape);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::string axis = "/Experiments/some title/axis-" + std::to_string(i);
    file.group(axis);
    file.number(axis, "scale", 0.5 + static_cast<double>(i));
    file.text(axis, "units", units[i]);
    file.integer(axis, "navigate", navigate[i]);
  }
}

TEST(HyperSpyFrames, RunOverTheNavigationAxis) {
  const TestFolder folder;
  write_hyperspy(folder / "movie.hspy", {2, 3, 4}, {1, 0, 0}, {"s", "nm", "\u00B5m"});
  const auto source = open_frames(folder / "movie.hspy");
  EXPECT_EQ(source->description().format, "HyperSpy");
  ASSERT_EQ(source->size(), 2U);
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_x_nm, 2500.0);
  EXPECT_DOUBLE_EQ(*source->description().calibration.pixel_size_y_nm, 1.5);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 0.5);
  EXPECT_TRUE(same_pixels(source->load_native(1), ramp<ushort>(3, 4, 12)));
}

TEST(HyperSpyFrames, RefuseSpectrumImages) {
  const TestFolder folder;
  write_hyperspy(folder / "si.hspy", {2, 3, 4}, {1, 1, 0}, {"nm", "nm", "eV"});
  EXPECT_THAT(message_of([&] { open_frames(folder / "si.hspy"); }), HasSubstr("1 signal axes"));
}

// The layout that nionswift-io and RosettaSciIO read: attributes for single tags, calibrations fastest axis
// first, a thumbnail in front.
void write_dm5(const std::filesystem::path& path, const std::string& unit, int data_type) {
  Hdf5Writer file(path);
  file.dataset("/ImageList/[0]/ImageData/Data", ramp<uchar>(4, 4), {4, 4});
  file.group("/Thumbnails/[0]");
  file.integer("/Thumbnails/[0]", "ImageIndex", 0);
  file.dataset("/ImageList/[1]/ImageData/Data", ramp<ushort>(6, 4), {2, 3, 4});
  file.integer("/ImageList/[1]/ImageData", "DataType", data_type);
  file.text("/ImageList/[1]", "Name", "HAADF movie");
  const double scales[] = {0.25, 0.5, 2.0};
  for (int axis = 0; axis < 3; ++axis) {
    const std::string group =
        "/ImageList/[1]/ImageData/Calibrations/Dimension/[" + std::to_string(axis) + "]";
    file.group(group);
    file.number(group, "Scale", scales[axis]);
    file.text(group, "Units", axis < 2 ? unit : "s");
  }
  file.group("/ImageList/[1]/ImageTags/DataBar");
  file.text("/ImageList/[1]/ImageTags/DataBar", "Signal Name", "HAADF");
}

TEST(Dm5Frames, TakeScaleTimeAndDetectorFromTheTags) {
  const TestFolder folder;
  write_dm5(folder / "movie.dm5", "nm", 10);
  const auto source = open_frames(folder / "movie.dm5");
  const SourceDescription& found = source->description();
  EXPECT_EQ(found.format, "DM5");
  ASSERT_EQ(source->size(), 2U);
  EXPECT_EQ(source->frame_size(), cv::Size(4, 3));
  EXPECT_DOUBLE_EQ(*found.calibration.pixel_size_x_nm, 0.25);
  EXPECT_DOUBLE_EQ(*found.calibration.pixel_size_y_nm, 0.5);
  EXPECT_DOUBLE_EQ(found.frame_interval_s.value(), 2.0);
  EXPECT_EQ(found.detector, "HAADF");
  EXPECT_TRUE(same_pixels(source->load_native(1), ramp<ushort>(3, 4, 12)));
}

TEST(Dm5Frames, RefuseDiffractionAndColourByName) {
  const TestFolder folder;
  write_dm5(folder / "pattern.dm5", "1/nm", 10);
  EXPECT_THAT(message_of([&] { open_frames(folder / "pattern.dm5"); }), HasSubstr("diffraction"));
  write_dm5(folder / "colour.dm5", "nm", 23);
  EXPECT_THAT(message_of([&] { open_frames(folder / "colour.dm5"); }), HasSubstr("RGBA"));
}

}  // namespace
}  // namespace sinterscope
