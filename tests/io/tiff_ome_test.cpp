// SPDX-License-Identifier: GPL-3.0-or-later
// OME-TIFF as other programs write it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/open_frames.h"
#include "test_files.h"
#include "test_tiff.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::TestFolder;
using test::TiffTestPage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TiffOme : public ::testing::Test {
 protected:
  // Page i is filled with i.
  std::unique_ptr<FrameSource> open_ome(const std::string& pixels, const std::string& inside, int pages,
                                        const OpenOptions& options = {}) {
    std::vector<TiffTestPage> all(static_cast<std::size_t>(pages));
    for (int i = 0; i < pages; ++i)
      all[static_cast<std::size_t>(i)].pixels = cv::Mat(3, 4, CV_8U, cv::Scalar(i));
    all[0].description =
        "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image ID=\"Image:0\"><Pixels\n  SizeX=\"4\" SizeY=\"3\" " +
        pixels + ">" + inside + "</Pixels></Image></OME>";
    test::write_test_tiff(folder_ / "a b \u00B5.ome.tif", all);
    return open_frames(folder_ / "a b \u00B5.ome.tif", options);
  }

  TestFolder folder_;
};

std::vector<int> values_of(const FrameSource& source) {
  std::vector<int> values;
  for (std::size_t i = 0; i < source.size(); ++i) values.push_back(source.load_native(i).at<uchar>(0, 0));
  return values;
}

TEST_F(TiffOme, GivesTheScaleInEveryUnit) {
  const std::vector<std::pair<std::string, double>> units{
      {"nm", 0.5},  {"\u00B5m", 500.0}, {"&#181;m", 500.0}, {"&#xB5;m", 500.0},
      {"pm", 5e-4}, {"\u00C5", 0.05},   {"mm", 5e5}};
  for (const auto& [unit, expected_nm] : units) {
    const auto source = open_ome(
        fmt::format(
            "PhysicalSizeX=\"0.5\" PhysicalSizeXUnit='{0}' PhysicalSizeY = \"1.0\" PhysicalSizeYUnit=\"{0}\"",
            unit),
        "", 1);
    const Calibration& found = source->description().calibration;
    ASSERT_TRUE(found.calibrated()) << unit;
    EXPECT_NEAR(*found.pixel_size_x_nm / expected_nm, 1.0, 1e-12) << unit;
    EXPECT_NEAR(*found.pixel_size_y_nm / expected_nm, 2.0, 1e-12) << unit;
  }
  EXPECT_FALSE(open_ome("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"reference frame\"", "", 1)
                   ->description()
                   .calibration.calibrated());
}

TEST_F(TiffOme, FindsAChannelByNumberNameAndDetectorInEveryOrderOfPlanes) {
  const std::string channels = "<Channel ID=\"a\" Name=\"HAADF\"/><Channel ID=\"b\" Name=\"BF &amp; DF\"/>";
  const std::string sizes = "SizeC=\"2\" SizeZ=\"1\" SizeT=\"3\" DimensionOrder=\"{}\"";
  for (const auto& [order, first, second] :
       {std::tuple("XYCZT", std::vector{0, 2, 4}, std::vector{1, 3, 5}),
        std::tuple("XYZTC", std::vector{0, 1, 2}, std::vector{3, 4, 5})}) {
    const std::string pixels = fmt::format(fmt::runtime(sizes), order);
    EXPECT_EQ(open_ome(pixels, channels, 6)->size(), 6U);  // all pages unless one channel is asked for
    OpenOptions options;
    options.detector = "haadf";
    const auto haadf = open_ome(pixels, channels, 6, options);
    EXPECT_EQ(values_of(*haadf), first) << order;
    EXPECT_EQ(haadf->description().detector, "HAADF");
    options = {};
    options.dataset = "BF & DF";
    EXPECT_EQ(values_of(*open_ome(pixels, channels, 6, options)), second) << order;
    options.dataset = "channel 2";
    EXPECT_EQ(values_of(*open_ome(pixels, channels, 6, options)), second) << order;
    options.dataset = "channel 3";
    EXPECT_THAT(message_of([&] { open_ome(pixels, channels, 6, options); }),
                HasSubstr("no dataset 'channel 3'"));
  }
}

TEST_F(TiffOme, TakesTheTimeOfEveryPlane) {
  const std::string planes =
      "<Plane TheC=\"0\" TheZ=\"0\" TheT=\"0\" DeltaT=\"100\" DeltaTUnit=\"ms\"/>"
      "<Plane TheT=\"2\" TheC=\"0\" TheZ=\"0\" DeltaT=\"1.1\"/>"
      "<Plane TheT=\"1\" TheC=\"0\" TheZ=\"0\" DeltaT=\"0.5\"/>";
  const auto source = open_ome("SizeC=\"1\" SizeZ=\"1\" SizeT=\"3\" DimensionOrder=\"XYCZT\"", planes, 3);
  EXPECT_DOUBLE_EQ(source->load(1).time_s, 0.4);
  EXPECT_DOUBLE_EQ(source->load(2).time_s, 1.0);
  EXPECT_DOUBLE_EQ(source->description().frame_interval_s.value(), 0.5);
  const auto even = open_ome("SizeT=\"3\" TimeIncrement=\"250\" TimeIncrementUnit=\"ms\"", "", 3);
  EXPECT_DOUBLE_EQ(even->description().frame_interval_s.value(), 0.25);
}

TEST_F(TiffOme, SaysWhereOtherFilesBelongToTheSet) {
  const auto source = open_ome("", "<TiffData><UUID FileName=\"other.ome.tif\">x</UUID></TiffData>", 1);
  EXPECT_THAT(source->description().warnings, ElementsAre(HasSubstr("set of several files")));
}

}  // namespace
}  // namespace sinterscope
