// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/open_frames.h"
#include "test_files.h"
#include "test_tiff.h"

namespace sinterscope {
namespace {

using test::raw_tiff;
using test::RawTag;
using test::TestFolder;
using ::testing::HasSubstr;

class TiffCalibration : public ::testing::Test {
 protected:
  SourceDescription describe(const std::vector<RawTag>& tags, int width = 64, int height = 48,
                             const OpenOptions& options = {}) {
    test::write_bytes(folder_ / "image.tif", raw_tiff(width, height, tags));
    return open_frames(folder_ / "image.tif", options)->description();
  }
  TestFolder folder_;
};

std::vector<RawTag> resolution(std::uint32_t over, std::uint32_t under, int unit) {
  return {test::rational_tag(282, over, under), test::rational_tag(283, over, under),
          test::short_tag(296, unit)};
}

std::vector<RawTag> imagej(const std::string& lines) {
  std::vector<RawTag> tags = resolution(4, 1, 1);
  tags.push_back(test::text_tag(270, "ImageJ=1.53t\n" + lines));
  return tags;
}

TEST_F(TiffCalibration, ReadsImageJInEveryUnit) {
  // 4 pixels per unit.
  const std::vector<std::pair<std::string, double>> units{
      {"nm", 0.25},        {"micron", 250.0}, {"um", 250.0},    {"\u00B5m", 250.0},
      {"\\u00B5m", 250.0}, {"cm", 2.5e6},     {"inch", 6.35e6}, {"mm", 2.5e5}};
  for (const auto& [unit, size_nm] : units) {
    const SourceDescription found = describe(imagej("unit=" + unit + "\n"));
    ASSERT_TRUE(found.calibration.calibrated()) << unit;
    EXPECT_NEAR(*found.calibration.pixel_size_x_nm / size_nm, 1.0, 1e-12) << unit;
    EXPECT_THAT(found.calibration.source, HasSubstr("ImageJ"));
  }
  EXPECT_FALSE(describe(imagej("unit=pixel\n")).calibration.calibrated());
  EXPECT_FALSE(describe(imagej("")).calibration.calibrated());
}

TEST_F(TiffCalibration, TakesTheFrameIntervalButNotThePlaybackSpeed) {
  EXPECT_DOUBLE_EQ(describe(imagej("finterval=0.5\n")).frame_interval_s.value(), 0.5);
  EXPECT_DOUBLE_EQ(describe(imagej("finterval=20\ntunit=ms\n")).frame_interval_s.value(), 0.02);
  EXPECT_FALSE(describe(imagej("fps=7\n")).frame_interval_s.has_value());
}

TEST_F(TiffCalibration, TakesPlainResolutionOnlyWhereItIsAMicroscopes) {
  // 26,017,784 px per cm = 0.38435 nm; 72 dpi, 1/1 and 0/0 are no scale.
  EXPECT_NEAR(*describe(resolution(26017784, 1, 3)).calibration.pixel_size_x_nm, 1e7 / 26017784, 1e-12);
  EXPECT_FALSE(describe(resolution(72, 1, 2)).calibration.calibrated());
  EXPECT_FALSE(describe(resolution(1, 1, 1)).calibration.calibrated());
  EXPECT_FALSE(describe(resolution(0, 0, 3)).calibration.calibrated());
  EXPECT_FALSE(describe(resolution(0, 5, 3)).calibration.calibrated());
}

TEST_F(TiffCalibration, ReadsFeiPixelsAndCutsTheBarBelowTheImage) {
  const std::string text =
      "[User]\r\nDate=01/02/"
      "2020\r\n[Scan]\r\nPixelWidth=3.5e-009\r\nPixelHeight=3.5e-009\r\n[Image]\r\nResolutionX=64\r\n"
      "ResolutionY=40\r\n[Detectors]\r\nName=ETD\r\n[PrivateFei]\r\nDatabarHeight=8\r\n";
  const SourceDescription found = describe({test::text_tag(34682, text)});
  EXPECT_NEAR(*found.calibration.pixel_size_y_nm, 3.5, 1e-12);
  EXPECT_EQ(found.detector, "ETD");
  EXPECT_EQ(found.height, 40);
  OpenOptions options;
  options.cut_info_bar = false;
  const SourceDescription whole = describe({test::text_tag(34682, text)}, 64, 48, options);
  EXPECT_EQ(whole.height, 48);
  EXPECT_THAT(whole.warnings.at(0), HasSubstr("8 rows are a data bar"));
}

TEST_F(TiffCalibration, ScalesZeissPixelsFromTheScreenToTheImage) {
  // AP_PIXEL_SIZE is that of a screen of 1024 columns: an image of 64 has pixels 16 times as large.
  const std::string head = "0\r\n0\r\n0\r\n5.824988e-009\r\n";
  const std::string screen = "AP_PIXEL_SIZE\r\nPixel Size = 5.825 nm\r\n";
  EXPECT_NEAR(*describe({test::text_tag(34118, head + screen)}).calibration.pixel_size_x_nm, 5.824988 * 16,
              1e-9);
  // Without the first lines the rounded value has to do; the micro sign is a Latin-1 byte.
  EXPECT_NEAR(*describe({test::text_tag(34118, "AP_PIXEL_SIZE\rPixel Size = 1.5 \xB5m\r")})
                   .calibration.pixel_size_x_nm,
              24000.0, 1e-6);
  // The image's own value stands above the screen's.
  const std::string own = "AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 12.33 nm\r\n";
  EXPECT_NEAR(*describe({test::text_tag(34118, screen + own)}).calibration.pixel_size_x_nm, 12.33, 1e-12);
}

TEST_F(TiffCalibration, ReadsTvipsByItsResolution) {
  std::vector<RawTag> tags = resolution(7038270, 1, 3);
  tags.push_back(test::long_tag(37706, 2));
  const SourceDescription found = describe(tags);
  EXPECT_NEAR(*found.calibration.pixel_size_x_nm, 1.42080, 1e-5);
  EXPECT_THAT(found.calibration.source, HasSubstr("TVIPS"));
}

TEST_F(TiffCalibration, ReadsOlympusSisBlocks) {
  // A block "SIS0" with one entry of type 1 that lies behind it: exponent -9, 2.5 x 2.5.
  const auto number = [](auto value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  std::string plain = raw_tiff(8, 8, {test::long_tag(33560, 0)});
  const auto start = static_cast<std::uint32_t>(plain.size());
  std::string bytes = raw_tiff(8, 8, {test::long_tag(33560, start)});
  std::string block = "SIS0" + std::string(54, '\0') + number(std::uint16_t{1}) + number(std::uint16_t{1}) +
                      number(std::uint16_t{1}) + number(std::uint32_t{start + 68});
  block += std::string(10, '\0') + number(std::int16_t{-9}) + number(2.5) + number(2.5);
  test::write_bytes(folder_ / "sis.tif", bytes + block);
  const auto found = open_frames(folder_ / "sis.tif")->description();
  EXPECT_NEAR(found.calibration.pixel_size_x_nm.value_or(0), 2.5, 1e-12);
}

TEST_F(TiffCalibration, ReadsJeolMagnificationAndRefusesItsDiffraction) {
  std::vector<RawTag> tags = resolution(93, 1, 2);
  const auto xml = [](const std::string& mode, const std::string& eos) {
    return test::text_tag(270, "<?xml version=\"1.0\"?><TemReporter><EosMode>" + eos +
                                   "</EosMode><ModeString>" + mode +
                                   "</ModeString><SelectorValue>150000</SelectorValue></TemReporter>");
  };
  tags.push_back(xml("MAG", "eosTEM"));
  EXPECT_NEAR(*describe(tags).calibration.pixel_size_x_nm, 0.0254 / 93 / 150000 * 1e9, 1e-9);
  tags.back() = xml("MAG", "eosASID");
  EXPECT_FALSE(describe(tags).calibration.calibrated());
  tags.back() = xml("DIFF", "eosTEM");
  EXPECT_THAT(test::message_of([&] { describe(tags); }), HasSubstr("diffraction"));
}

TEST_F(TiffCalibration, ReadsDigitalMicrographTagsWithUnequalPixels) {
  const SourceDescription found =
      describe({test::text_tag(65003, "\xB5m"), test::text_tag(65004, "nm"), test::text_tag(65005, "s"),
                test::double_tag(65009, 0.5), test::double_tag(65010, 7.0), test::double_tag(65011, 2.5)});
  EXPECT_NEAR(*found.calibration.pixel_size_x_nm, 500.0, 1e-9);
  EXPECT_NEAR(*found.calibration.pixel_size_y_nm, 7.0, 1e-12);
  EXPECT_FALSE(found.calibration.square());
  EXPECT_DOUBLE_EQ(found.frame_interval_s.value(), 2.5);
  EXPECT_THAT(
      test::message_of([&] {
        describe({test::text_tag(65003, "1/nm"), test::double_tag(65009, 1.0), test::double_tag(65010, 1.0)});
      }),
      HasSubstr("1/nm"));
}

TEST_F(TiffCalibration, ReadsOmeWithItsDefaultUnits) {
  const auto ome = [](const std::string& attributes) {
    return std::vector<RawTag>{
        test::text_tag(270, "<?xml version=\"1.0\"?><OME><Image><Pixels DimensionOrder=\"XYZCT\" " +
                                attributes + "></Pixels></Image></OME>")};
  };
  EXPECT_NEAR(*describe(ome("PhysicalSizeX=\"0.002\" PhysicalSizeY=\"0.003\"")).calibration.pixel_size_y_nm,
              3.0, 1e-12);
  const SourceDescription found = describe(ome(
      "PhysicalSizeX=\"1.5\" PhysicalSizeXUnit=\"\u00C5\" TimeIncrement=\"40\" TimeIncrementUnit=\"ms\""));
  EXPECT_NEAR(*found.calibration.pixel_size_x_nm, 0.15, 1e-12);
  EXPECT_DOUBLE_EQ(found.frame_interval_s.value(), 0.04);
}

TEST_F(TiffCalibration, SaysWhereTwoSourcesDisagree) {
  std::vector<RawTag> tags = imagej("unit=nm\n");  // 0.25 nm
  tags.push_back(test::text_tag(65003, "nm"));
  tags.push_back(test::text_tag(65004, "nm"));
  tags.push_back(test::double_tag(65009, 0.5));
  tags.push_back(test::double_tag(65010, 0.5));
  const SourceDescription found = describe(tags);
  EXPECT_DOUBLE_EQ(*found.calibration.pixel_size_x_nm, 0.5);
  EXPECT_THAT(found.warnings.at(0), ::testing::AllOf(HasSubstr("0.5 nm"), HasSubstr("0.25 nm")));
}

TEST_F(TiffCalibration, ReadsTheHitachiSidecarOfTheSameSizeOnly) {
  const std::string text = "[SemImageFile]\r\nSignalName=SE\r\nDataSize=64x48\r\nPixelSize=0.3843525\r\n";
  std::string utf16("\xFF\xFE", 2);
  for (const char c : text) utf16 += std::string{c, '\0'};
  for (const std::string& bytes : {text, utf16}) {
    test::write_bytes(folder_ / "image.txt", bytes);
    const SourceDescription found = describe({});
    EXPECT_NEAR(found.calibration.pixel_size_x_nm.value_or(0), 0.3843525, 1e-12);
    EXPECT_EQ(found.detector, "SE");
  }
  const SourceDescription other = describe({}, 32, 24);
  EXPECT_FALSE(other.calibration.calibrated());
  EXPECT_THAT(other.warnings.at(0), HasSubstr("DataSize"));
  test::write_bytes(folder_ / "image.txt", "[SemImageFile]\nPixelSize=abc\n");
  const SourceDescription broken = describe({});
  EXPECT_FALSE(broken.calibration.calibrated());
  EXPECT_THAT(broken.warnings.at(0), HasSubstr("abc"));
}

}  // namespace
}  // namespace sinterscope
