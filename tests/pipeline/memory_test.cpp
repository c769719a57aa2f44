// SPDX-License-Identifier: GPL-3.0-or-later
// What a run needs of memory does not grow with the number of frames.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <iostream>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "folders.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

/// Peak resident memory of the program with these arguments, in MB; 0 where it fails.
double peak_MB(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{SINTERSCOPE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO), ::dup2(nowhere, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child || status != 0) return 0.0;
  return static_cast<double>(used.ru_maxrss) / 1024.0;
}

/// Deflated frames of 256 x 256 pixels with six particles each, and the pipeline over them.
std::filesystem::path write_experiment(const TemporaryFolder& folder, int frames) {
  const std::string name = std::to_string(frames);
  TiffStackFormat format;
  format.frames = static_cast<std::size_t>(frames);
  format.calibration = {0.2, 0.2, "test"};
  format.deflate = true;  // one strip a frame, read by libtiff
  TiffStackWriter writer(folder / (name + ".tif"), format);
  cv::Mat1f scene(256, 256, 200.0F);
  for (int k = 0; k < 6; ++k)
    cv::circle(scene, {40 + 35 * k, 60 + 70 * (k % 3)}, 5, {320.0}, cv::FILLED, cv::LINE_AA);
  cv::GaussianBlur(scene, scene, {}, 1.2);
  for (int i = 0; i < frames; ++i) {
    Rng rng = Rng(3).stream("frame", static_cast<std::size_t>(i));
    cv::Mat1w frame(scene.size());
    for (int y = 0; y < scene.rows; ++y)
      for (int x = 0; x < scene.cols; ++x) {
        const double level = static_cast<double>(scene(y, x));
        frame(y, x) = cv::saturate_cast<std::uint16_t>(level + std::sqrt(level) * rng.normal());
      }
    writer.write(frame);
  }
  writer.finish();
  return write_text(folder / (name + ".json"), R"j({"schema": "sinterscope/pipeline/1", "name": "memory",
    "sample": {"particle": "PdO", "support": "CeO2(100)"}, "acquisition": {"detector": "SE"},
    "frames": [{"file": ")j" + name + R"j(.tif", "temperature_c": 200, "start_s": 0, "frame_interval_s": 1}],
    "stages": {"completeness": {"trials": 0}}})j");
}

double peak_of_run(const TemporaryFolder& folder, int frames) {
  const std::string out = (folder / ("out" + std::to_string(frames))).string();
  return peak_MB(
      {"run", write_experiment(folder, frames).string(), "--out", out, "--threads", "1", "--quiet"});
}

TEST(Memory, OfARunIsTheSameForFewAndForManyFrames) {
  const TemporaryFolder folder;
  const double few = peak_of_run(folder, 20), many = peak_of_run(folder, 400);
  ASSERT_GT(few, 0.0) << "the program failed";
  ASSERT_GT(many, 0.0) << "the program failed";
  // The 400 frames are 27 MB as they are stored and 100 MB as floats, their pictures on the page 20 MB: of
  // each of these a tenth of the peak (60 MB) would be exceeded, were it kept.
  EXPECT_LT(many, 1.1 * few);
  std::cout << "20 frames: " << few << " MB, 400 frames: " << many << " MB\n";
}

}  // namespace
}  // namespace sinterscope
