// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/animated_png.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>

#include "sinterscope/core/error.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/open_frames.h"
#include "test_files.h"

namespace sinterscope {
namespace {

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

struct Chunk {
  std::string type, data;
};

/// The chunks of a PNG; fails where a checksum is wrong.
std::vector<Chunk> chunks_of(const std::string& png) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = number_at(png, at);
    const std::string body = png.substr(at + 4, length + 4);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())),
              number_at(png, at + 8 + length));
    chunks.push_back({body.substr(0, 4), body.substr(4)});
    at += length + 12;
  }
  return chunks;
}

std::vector<std::string> pictures() {
  std::vector<std::string> result;
  for (const int value : {10, 90, 200})
    result.push_back(png_bytes(cv::Mat(6, 9, CV_8UC3, cv::Scalar::all(value))));
  return result;
}

TEST(AnimatedPng, AnnouncesEveryPictureInOrder) {
  const std::vector<Chunk> chunks = chunks_of(animated_png(pictures(), 4.0));
  ASSERT_GT(chunks.size(), 7u);
  EXPECT_EQ(chunks[0].type, "IHDR");
  EXPECT_EQ(chunks[1].type, "acTL");
  EXPECT_EQ(number_at(chunks[1].data, 0), 3u);
  EXPECT_EQ(chunks.back().type, "IEND");
  std::uint32_t sequence = 0;
  std::map<std::string, int> count;
  for (const Chunk& chunk : chunks) {
    ++count[chunk.type];
    if (chunk.type != "fcTL" && chunk.type != "fdAT") continue;
    EXPECT_EQ(number_at(chunk.data, 0), sequence++) << "one numbering for controls and pictures";
    if (chunk.type != "fcTL") continue;
    EXPECT_EQ(number_at(chunk.data, 4), 9u);
    EXPECT_EQ(number_at(chunk.data, 8), 6u);
    EXPECT_EQ(number_at(chunk.data, 20), 250u << 16 | 1000u) << "250 of 1000 parts of a second";
  }
  EXPECT_EQ(count["fcTL"], 3);
  EXPECT_EQ(count["IDAT"], 1) << "the first picture, which every reader shows";
  EXPECT_EQ(count["fdAT"], 2);
}

TEST(AnimatedPng, IsAPngOfItsFirstPictureForEveryReader) {
  const test::TestFolder folder;
  test::write_bytes(folder / "film.png", animated_png(pictures(), 10.0));
  const auto source = open_frames(folder / "film.png");
  EXPECT_EQ(source->size(), 1u);
  EXPECT_EQ(source->load(0).pixels(3, 3), 10.0F);
}

TEST(AnimatedPng, RefusesWhatIsNoFilm) {
  EXPECT_THROW(animated_png({}, 10.0), Error);
  EXPECT_THROW(animated_png(pictures(), 0.0), Error);
  EXPECT_THROW(animated_png({"GIF89a"}, 10.0), Error);
  std::vector<std::string> mixed = pictures();
  mixed.push_back(png_bytes(cv::Mat(6, 8, CV_8UC3, cv::Scalar::all(1))));
  EXPECT_THROW(animated_png(mixed, 10.0), Error);
  mixed = pictures();
  mixed[1].resize(mixed[1].size() / 2);
  EXPECT_THROW(animated_png(mixed, 10.0), Error);
}

}  // namespace
}  // namespace sinterscope
