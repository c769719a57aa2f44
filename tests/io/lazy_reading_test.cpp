// SPDX-License-Identifier: GPL-3.0-or-later
// A long stack opens at once, and memory does not grow with the number of its frames: 100,000 frames of 256 x
// 256 pixels (13 GB, sparse on the disk) in every format that has no compression.
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "sinterscope/io/open_frames.h"
#include "test_containers.h"
#include "test_files.h"
#include "test_hdf5.h"
#include "test_tiff.h"

namespace sinterscope {
namespace {

constexpr int frames = 100000;
constexpr int side = 256;
constexpr std::uint64_t frame_bytes = 2ULL * side * side;

double resident_megabytes() {
  std::ifstream status("/proc/self/statm");
  double all = 0.0;
  double resident = 0.0;
  status >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20U);
}

// The header of a file of one frame, patched to announce all, and room for them.
void make_sparse(const std::filesystem::path& path, const std::string& head, std::uint64_t bytes) {
  test::write_bytes(path, head);
  std::filesystem::resize_file(path, bytes);
}

void expect_lazy(const std::filesystem::path& path) {
  const double before_mb = resident_megabytes();
  const std::clock_t start = std::clock();
  const auto source = open_frames(path);
  // Headers only: a fixed number of small reads whatever the length.
  const double opening_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_LT(opening_s, 0.5);
  ASSERT_EQ(source->size(), static_cast<std::size_t>(frames));
  for (int i = 0; i < 200; ++i) source->load(static_cast<std::size_t>(i) * 499 + 300);
  // One frame is 0.1 MB as stored and 0.3 MB as float; what was read is 25 MB.
  const double grown_mb = resident_megabytes() - before_mb;
  std::printf("%s: opened in %.3f s, %.1f MB more after 200 frames\n", path.extension().c_str(), opening_s,
              grown_mb);
  EXPECT_LT(grown_mb, 12.0);
}

template <typename Number>
void patch(std::string& bytes, std::size_t at, Number value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

TEST(LazyReading, MrcStacks) {
  const test::TestFolder folder;
  test::MrcTestFile file;
  file.sections = {cv::Mat1w(side, side, ushort{1})};
  std::string bytes = test::mrc_bytes(file);
  patch(bytes, 8, std::int32_t{frames});
  make_sparse(folder / "long.mrc", bytes, 1024 + frames * frame_bytes);
  expect_lazy(folder / "long.mrc");
}

TEST(LazyReading, ImageJStacksOfOneDirectory) {
  const test::TestFolder folder;
  // Directory and description stand in front of the pixels, as ImageJ puts them.
  std::string head = test::raw_tiff(4, 4, {test::text_tag(270, "ImageJ=1.53t\nimages=100000\n")});
  const std::string strip_entry("\x11\x01\x04\x00\x01\x00\x00\x00", 8);
  patch(head, head.find(strip_entry) + 8, static_cast<std::uint32_t>(head.size()));
  make_sparse(folder / "long.tif", head, head.size() + frames * 16ULL);
  expect_lazy(folder / "long.tif");
}

TEST(LazyReading, Hdf5Datasets) {
  const test::TestFolder folder;
  {
    test::Hdf5Writer file(folder / "long.h5");
    file.empty_dataset("/frames", {frames, 16, 16});  // 51 MB: below what needs proof
  }
  expect_lazy(folder / "long.h5");
}

TEST(LazyReading, Dm4Stacks) {
  const test::TestFolder folder;
  test::DmTestFile file;
  file.version = 4;
  file.thumbnail_first = false;
  test::DmTestImage image;
  image.dimensions = {16, 16, frames};
  image.pixels = std::string(2ULL * 16 * 16 * frames, '\1');
  file.images = {image};
  test::write_bytes(folder / "long.dm4", test::dm_bytes(file));
  expect_lazy(folder / "long.dm4");
}

}  // namespace
}  // namespace sinterscope
