// SPDX-License-Identifier: GPL-3.0-or-later
// PNG, JPEG and BMP: one image a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/image_file.h"
#include "sinterscope/io/open_frames.h"
#include "test_containers.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::ramp;
using test::same_pixels;
using test::TestFolder;
using ::testing::HasSubstr;

void write_jpeg(const std::filesystem::path& path, const cv::Mat& image) {
  test::write_bytes(path, test::jpeg_bytes(image));
}

TEST(PngFrames, ReturnWhatWasWritten) {
  const TestFolder folder;
  const std::vector<std::pair<cv::Mat, std::string>> images{{ramp<uchar>(17, 31), "uint8"},
                                                            {ramp<ushort>(17, 31, 60000), "uint16"}};
  for (const auto& [image, dtype] : images) {
    write_png(folder / "image.png", image);
    const auto source = open_frames(folder / "image.png");
    EXPECT_EQ(source->description().format, "PNG");
    EXPECT_EQ(source->description().dtype, dtype);
    EXPECT_FALSE(source->description().calibration.calibrated());
    EXPECT_TRUE(same_pixels(source->load_native(0), image));
  }
}

TEST(PngFrames, ReduceColourToGray) {
  const TestFolder folder;
  const cv::Mat gray = ramp<uchar>(9, 11);
  cv::Mat rgb;
  cv::merge(std::vector<cv::Mat>{gray, gray, gray}, rgb);
  write_png(folder / "gray.png", rgb);
  EXPECT_TRUE(same_pixels(open_frames(folder / "gray.png")->load_native(0), gray));
  EXPECT_TRUE(open_frames(folder / "gray.png")->description().warnings.empty());
  write_png(folder / "blue.png", cv::Mat(3, 3, CV_8UC3, cv::Scalar(0, 0, 250)));
  const auto blue = open_frames(folder / "blue.png");
  EXPECT_EQ(blue->load_native(0).at<uchar>(1, 1), 28);  // BT.601: 0.114 * 250 = 28.5, rounded to even
  EXPECT_THAT(blue->description().warnings.at(0), HasSubstr("colour"));
}

TEST(PngFrames, AreFoundByContentWhateverTheName) {
  const TestFolder folder;
  write_png(folder / "really_a_png.tif", ramp<uchar>(8, 8));
  EXPECT_EQ(open_frames(folder / "really_a_png.tif")->description().format, "PNG");
}

TEST(PngFrames, RefuseACutFile) {
  const TestFolder folder;
  cv::Mat noise(64, 64, CV_8U);  // does not compress: some 4 kB
  cv::theRNG().state = 7;
  cv::randu(noise, 0, 255);
  write_png(folder / "cut.png", noise);
  test::truncate_to(folder / "cut.png", 200);
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut.png")->load(0); }), HasSubstr("cut.png: PNG"));
  // A header that announces 1e5 x 1e5 pixels over 200 bytes is refused before anything is allocated.
  std::string bytes = test::read_bytes(folder / "cut.png");
  for (const std::size_t at : {16U, 20U}) bytes.replace(at, 4, std::string("\x00\x01\x86\xA0", 4));
  test::write_bytes(folder / "bomb.png", bytes);
  EXPECT_THAT(message_of([&] { open_frames(folder / "bomb.png"); }),
              HasSubstr("cannot come out of 200 bytes"));
}

TEST(JpegFrames, ComeBackWithinTheLossAndWarnOfIt) {
  const TestFolder folder;
  const cv::Mat image =
      ramp<uchar>(40, 48) / 8;  // smooth: at quality 95 the error stays below two gray levels
  write_jpeg(folder / "gray.jpg", image);
  const auto source = open_frames(folder / "gray.jpg");
  EXPECT_LE(cv::norm(source->load_native(0), image, cv::NORM_INF), 3.0);
  EXPECT_THAT(source->description().warnings.at(0), HasSubstr("lossy"));
  write_jpeg(folder / "red.jpg", cv::Mat(16, 16, CV_8UC3, cv::Scalar(200, 0, 0)));
  EXPECT_THAT(open_frames(folder / "red.jpg")->description().warnings.at(1), HasSubstr("colour"));
}

TEST(JpegFrames, RefuseACutFileInsteadOfFillingItUp) {
  const TestFolder folder;
  cv::Mat noise(128, 128, CV_8U);
  cv::theRNG().state = 7;
  cv::randu(noise, 0, 255);
  write_jpeg(folder / "cut.jpg", noise);
  test::truncate_to(folder / "cut.jpg", 5000);
  EXPECT_THAT(message_of([&] { open_frames(folder / "cut.jpg")->load(0); }), HasSubstr("cut.jpg: JPEG"));
}

TEST(BmpFrames, ReadPalettesAndBothRowOrders) {
  const TestFolder folder;
  std::string palette;
  for (int i = 0; i < 256; ++i) palette += std::string(3, static_cast<char>(255 - i)) + '\0';
  // Two rows of three indices, padded to four bytes; the first row of the file is the bottom one.
  const std::string pixels("\x01\x02\x03\x00\x0A\x14\x1E\x00", 8);
  test::write_bytes(folder / "up.bmp", test::bmp_bytes(3, 2, 8, palette, pixels));
  EXPECT_TRUE(same_pixels(open_frames(folder / "up.bmp")->load_native(0),
                          (cv::Mat_<uchar>(2, 3) << 245, 235, 225, 254, 253, 252)));
  test::write_bytes(folder / "down.bmp", test::bmp_bytes(3, -2, 8, palette, pixels));
  EXPECT_TRUE(same_pixels(open_frames(folder / "down.bmp")->load_native(0),
                          (cv::Mat_<uchar>(2, 3) << 254, 253, 252, 245, 235, 225)));
  test::write_bytes(folder / "rgb.bmp", test::bmp_bytes(1, 1, 24, "", std::string("\x07\x07\x07\x00", 4)));
  EXPECT_EQ(open_frames(folder / "rgb.bmp")->load_native(0).at<uchar>(0, 0), 7);
}

TEST(BmpFrames, RefuseWhatTheFileCannotHold) {
  const TestFolder folder;
  test::write_bytes(folder / "big.bmp", test::bmp_bytes(30000, 30000, 24, "", std::string(64, '\0')));
  EXPECT_THAT(message_of([&] { open_frames(folder / "big.bmp"); }), HasSubstr("30000 x 30000"));
  test::write_bytes(folder / "rle.bmp", test::bmp_bytes(8, 8, 4, "", std::string(64, '\0')));
  EXPECT_THAT(message_of([&] { open_frames(folder / "rle.bmp"); }), HasSubstr("4 bits"));
}

TEST(StillImages, TakeTheirScaleFromASidecar) {
  const TestFolder folder;
  write_png(folder / "a.png", ramp<uchar>(10, 12));
  test::write_bytes(folder / "a.txt", "[SemImageFile]\nDataSize=12x10\nPixelSize=1.5\nSignalName=HAADF\n");
  const auto source = open_frames(folder / "a.png");
  EXPECT_DOUBLE_EQ(*source->load(0).calibration.pixel_size_x_nm, 1.5);
  EXPECT_EQ(source->description().detector, "HAADF");
}

}  // namespace
}  // namespace sinterscope
