// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small files that the tests of this room write themselves.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope::test {

/// Files of other makers, which are not part of this project: the environment variable
/// SINTERSCOPE_SHARED_DATA_DIR, or the folder `shared/data` beside the project. Tests skip where it is
/// absent.
inline std::filesystem::path shared_data() {
  const char* folder = std::getenv("SINTERSCOPE_SHARED_DATA_DIR");
  return folder != nullptr ? folder : SINTERSCOPE_SHARED_DATA_DIR;
}

/// A folder of its own for one test, removed at the end.
class TestFolder {
 public:
  TestFolder() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) /
            (std::string("sinterscope_") + info->test_suite_name() + "_" + info->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// Keeps the first `bytes` bytes of a file.
inline void truncate_to(const std::filesystem::path& path, std::uintmax_t bytes) {
  std::filesystem::resize_file(path, bytes);
}

/// The message of the Error that `work` throws; fails the test where it throws none.
template <typename Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

/// Pixel (x, y) = start + x + columns * y: every pixel differs from its neighbours, so flips and swaps show.
template <typename Sample>
cv::Mat_<Sample> ramp(int rows, int columns, double start = 0.0) {
  cv::Mat_<Sample> image(rows, columns);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) image(y, x) = cv::saturate_cast<Sample>(start + x + columns * y);
  return image;
}

/// A stack of these frames by one of the writers.
template <typename Writer, typename Format>
void write_frames(const std::filesystem::path& path, const std::vector<cv::Mat>& frames, Format format) {
  format.frames = frames.size();
  Writer writer(path, format);
  for (const cv::Mat& frame : frames) writer.write(frame);
  writer.finish();
}

/// Whether two matrices hold the same numbers.
inline bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0.0;
}

}  // namespace sinterscope::test
