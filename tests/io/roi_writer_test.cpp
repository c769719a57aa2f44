// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/roi_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinterscope/io/input_file.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using test::TestFolder;
using ::testing::HasSubstr;

template <typename Number>
Number big(const std::string& bytes, std::size_t at) {
  return number_from<Number>(bytes.data() + at, ByteOrder::big);
}

template <typename Number>
Number little(const std::string& bytes, std::size_t at) {
  return number_from<Number>(bytes.data() + at, ByteOrder::little);
}

// What ij.io.RoiDecoder reads, at its offsets.
TEST(RoiWriter, PutsSubPixelBoundsWhereImageJReadsThem) {
  const std::string roi = roi_bytes({"p1", 10.25, 20.5, 3.0, 4.0, 7});
  EXPECT_EQ(roi.substr(0, 4), "Iout");
  EXPECT_GE(big<std::int16_t>(roi, 4), 223);  // from here on ovals may be sub-pixel
  EXPECT_EQ(roi[6], 2);                       // oval
  EXPECT_EQ(big<std::uint16_t>(roi, 50) & 128, 128);
  // ImageJ counts from the corner of the first pixel: the centre of pixel (10.25, 20.5) is (10.75, 21).
  EXPECT_FLOAT_EQ(big<float>(roi, 18), 10.75F - 1.5F);
  EXPECT_FLOAT_EQ(big<float>(roi, 22), 21.0F - 2.0F);
  EXPECT_FLOAT_EQ(big<float>(roi, 26), 3.0F);
  EXPECT_FLOAT_EQ(big<float>(roi, 30), 4.0F);
  EXPECT_EQ(big<std::int16_t>(roi, 8), 19);  // the whole pixels around it: top, left, bottom, right
  EXPECT_EQ(big<std::int16_t>(roi, 10), 9);
  EXPECT_EQ(big<std::int16_t>(roi, 12), 23);
  EXPECT_EQ(big<std::int16_t>(roi, 14), 13);
  EXPECT_EQ(big<std::int32_t>(roi, 56), 7);
  const auto second = static_cast<std::size_t>(big<std::int32_t>(roi, 60));
  const auto name = static_cast<std::size_t>(big<std::int32_t>(roi, second + 16));
  ASSERT_EQ(big<std::int32_t>(roi, second + 20), 2);
  EXPECT_EQ(roi.substr(name), std::string("\0p\0001", 4));
}

TEST(RoiWriter, PacksASetThatUnzips) {
  const TestFolder folder;
  std::vector<OvalRoi> rois;
  for (int i = 0; i < 3; ++i) rois.push_back({"roi" + std::to_string(i), 1.0 * i, 2.0 * i, 5.0, 5.0, i + 1});
  write_roi_set(folder / "set.zip", rois);
  const std::string zip = test::read_bytes(folder / "set.zip");
  const std::size_t end = zip.size() - 22;
  ASSERT_EQ(zip.substr(end, 4), "PK\x05\x06");
  ASSERT_EQ(little<std::uint16_t>(zip, end + 10), 3);
  std::size_t at = little<std::uint32_t>(zip, end + 16);  // the directory of the archive
  for (const OvalRoi& roi : rois) {
    ASSERT_EQ(zip.substr(at, 4), "PK\x01\x02");
    const auto length = little<std::uint16_t>(zip, at + 28);
    EXPECT_EQ(zip.substr(at + 46, length), roi.name + ".roi");
    const std::size_t file = little<std::uint32_t>(zip, at + 42);
    ASSERT_EQ(zip.substr(file, 4), "PK\x03\x04");
    EXPECT_EQ(zip.substr(file + 30 + length, little<std::uint32_t>(zip, at + 24)), roi_bytes(roi));
    at += 46U + length;
  }
  write_roi_set(folder / "again.zip", rois);
  EXPECT_EQ(test::read_bytes(folder / "again.zip"), zip);
}

TEST(RoiWriter, EndsLargeSetsInAZip64Record) {
  const TestFolder folder;
  constexpr std::size_t count = 65536;  // one more than the short record counts
  std::vector<OvalRoi> rois(count);
  for (std::size_t i = 0; i < count; ++i) rois[i].name = std::to_string(i);
  write_roi_set(folder / "large.zip", rois);
  const std::string zip = test::read_bytes(folder / "large.zip");
  const std::size_t locator = zip.size() - 22 - 20;
  ASSERT_EQ(zip.substr(locator, 4), "PK\x06\x07");
  const auto record = static_cast<std::size_t>(little<std::uint64_t>(zip, locator + 8));
  ASSERT_EQ(zip.substr(record, 4), "PK\x06\x06");
  EXPECT_EQ(little<std::uint64_t>(zip, record + 32), count);
}

TEST(RoiWriter, NamesTheFolderThatIsMissing) {
  EXPECT_THAT(test::message_of([] { write_roi_set("/nowhere/set.zip", {}); }), HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace sinterscope
