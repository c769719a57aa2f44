// SPDX-License-Identifier: GPL-3.0-or-later
// Real files of many microscopes against what three independent readers find in them. The files are not part
// of this project: where their folder is absent the tests say so and skip.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <fstream>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_frames.h"
#include "test_files.h"

namespace sinterscope {
namespace {

using nlohmann::json;

const std::filesystem::path formats_folder = test::shared_data() / "formats";

bool is_colour(const json& dataset) {
  return dataset.at("dtype").get<std::string>().front() == '[' || dataset.at("shape").size() == 3;
}

// The reference takes 8-bit colour images apart into channels, sinterscope reduces them to gray.
void compare_colour(const FrameSource& source, const json& dataset, const PixelStatistics& found) {
  const json& shape = dataset.at("shape");
  EXPECT_EQ(source.description().height, shape.at(0).get<int>());
  EXPECT_EQ(source.description().width, shape.at(1).get<int>());
  double sum = dataset.at("sum").get<double>();
  if (shape.size() == 3 && shape.at(2) == 4)
    sum -= 255.0 * shape.at(0).get<double>() * shape.at(1).get<double>();  // opaque alpha
  EXPECT_NEAR(found.sum * 3.0 / sum, 1.0, 1e-4);
}

void compare(const FrameSource& source, const json& dataset) {
  const SourceDescription& found = source.description();
  const PixelStatistics statistics = measure_statistics(source);
  const json& size = dataset.at("pixel_size_nm");
  if (!size.is_null() && size.at("x").is_number() && size.at("y").is_number()) {
    ASSERT_TRUE(found.calibration.calibrated());
    EXPECT_NEAR(*found.calibration.pixel_size_x_nm / size.at("x").get<double>(), 1.0, 1e-6);
    EXPECT_NEAR(*found.calibration.pixel_size_y_nm / size.at("y").get<double>(), 1.0, 1e-6);
  } else {
    EXPECT_FALSE(found.calibration.calibrated()) << found.calibration.source;
  }
  EXPECT_EQ(found.frames, dataset.at("frames").get<std::size_t>());
  if (is_colour(dataset) && found.frames == 1) return compare_colour(source, dataset, statistics);
  const json& shape = dataset.at("shape");
  EXPECT_EQ(found.height, shape.at(shape.size() - 2).get<int>());
  EXPECT_EQ(found.width, shape.at(shape.size() - 1).get<int>());
  EXPECT_EQ(found.dtype, dataset.at("dtype").get<std::string>());
  const auto number = [&dataset](const char* key) {  // the extremes of bool data are true and false
    const json& value = dataset.at(key);
    return value.is_boolean() ? static_cast<double>(value.get<bool>()) : value.get<double>();
  };
  EXPECT_EQ(statistics.minimum, number("min"));
  EXPECT_EQ(statistics.maximum, number("max"));
  // Integers are exact; the sum of floats depends on the order of the terms.
  const double sum = dataset.at("sum").get<double>();
  const bool integers = found.dtype.find("int") != std::string::npos;
  EXPECT_NEAR(statistics.sum, sum, integers ? 0.0 : 1e-9 * std::abs(sum));
}

// Whether the data must be refused: no plane of real numbers in real space.
bool must_be_refused(const std::string& name, const json& dataset) {
  const std::string dtype = dataset.at("dtype").get<std::string>();
  const bool has_unit = dataset.contains("pixel_size") && dataset.at("pixel_size").at("unit").is_string();
  const std::string unit = has_unit ? dataset.at("pixel_size").at("unit").get<std::string>() : "";
  const bool spectrum = dataset.contains("stack_axes") && dataset.at("stack_axes").at(0).at("units") == "eV";
  const bool diffraction = dataset.contains("note") &&
                           dataset.at("note").get<std::string>().find("diffraction") != std::string::npos;
  const bool dm_colour = name.compare(0, 3, "dm/") == 0 && dtype.front() == '[';
  return dataset.at("frames").is_null() || dtype.find("complex") != dtype.npos || dtype == "object" ||
         spectrum || diffraction || dm_colour || unit.find("1 /") != unit.npos ||
         unit.find("1/") != unit.npos;
}

struct Count {
  int read = 0;
  int refused = 0;
};

// Opens and compares, or expects a refusal.
template <typename Compare>
void check(Count& count, const std::string& name, const OpenOptions& options, bool refuse,
           Compare&& compare_with) {
  try {
    const auto source = open_frames(formats_folder / name, options);
    EXPECT_FALSE(refuse) << "was read";
    compare_with(*source);
    ++count.read;
  } catch (const Error& error) {
    EXPECT_TRUE(refuse) << error.what();
    EXPECT_NE(std::string(error.what()).find(std::filesystem::path(name).filename().string()),
              std::string::npos);
    ++count.refused;
  }
}

// The reference widens Velox data; what stands in the file is listed apart, image by image.
void check_velox(Count& count, const std::string& name, const json& images) {
  for (const json& image : images) {
    OpenOptions options;
    options.dataset = image.at("path").get<std::string>() + "/Data";
    SCOPED_TRACE(options.dataset);
    const bool refuse = image.at("PixelUnitX") != "m";
    check(count, name, options, refuse, [&image](const FrameSource& source) {
      const SourceDescription& found = source.description();
      const PixelStatistics statistics = measure_statistics(source);
      const json& shape = image.at("shape_in_file_y_x_frame");
      EXPECT_EQ(found.height, shape.at(0).get<int>());
      EXPECT_EQ(found.width, shape.at(1).get<int>());
      EXPECT_EQ(found.frames, shape.at(2).get<std::size_t>());
      EXPECT_EQ(found.dtype, image.at("dtype_in_file").get<std::string>());
      EXPECT_NEAR(found.calibration.pixel_size_x_nm.value() / image.at("pixel_size_nm").at(0).get<double>(),
                  1.0, 1e-6);
      EXPECT_EQ(statistics.minimum, image.at("min").get<double>());
      EXPECT_EQ(statistics.maximum, image.at("max").get<double>());
      EXPECT_EQ(statistics.sum, image.at("sum").get<double>());
    });
  }
}

TEST(ExpectedFiles, AreReadAsThreeOtherReadersReadThem) {
  std::ifstream stream(formats_folder / "EXPECTED.json");
  if (!stream) GTEST_SKIP() << "no folder " << formats_folder << " with files of other makers";
  const json files = json::parse(stream).at("files");
  Count count;
  for (const auto& [name, entry] : files.items()) {
    SCOPED_TRACE(name);
    if (!std::filesystem::exists(formats_folder / name)) continue;
    if (entry.contains("velox_images_h5py")) {
      check_velox(count, name, entry.at("velox_images_h5py"));
    } else if (!entry.contains("datasets") || entry.at("datasets").empty()) {
      EXPECT_NO_THROW(measure_statistics(*open_frames(formats_folder / name)));  // a file under a wrong name
      ++count.read;
    } else {
      OpenOptions options;
      options.cut_info_bar = false;  // the reference keeps the data bar
      const json& dataset = entry.at("datasets").at(0);
      check(count, name, options, must_be_refused(name, dataset),
            [&dataset](const FrameSource& source) { compare(source, dataset); });
    }
  }
  std::printf("%d images read as expected, %d refused with a reason\n", count.read, count.refused);
  EXPECT_GT(count.read, 0);
}

struct Cost {
  double seconds = 0.0;
  double megabytes = 0.0;  ///< largest resident size
  int status = 0;
};

// What opening and reading a file costs a process of its own. Its exit code: 0 read, 1 refused with the name
// of the file, 2 refused without it; a crash is a signal.
Cost cost_of_reading(const std::filesystem::path& path) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    int answer = 0;
    try {
      measure_statistics(*open_frames(path));
    } catch (const Error& error) {
      answer = std::string(error.what()).find(path.filename().string()) != std::string::npos ? 1 : 2;
    }
    ::_exit(answer);
  }
  Cost cost;
  struct rusage usage = {};
  ::wait4(child, &cost.status, 0, &usage);
  cost.seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (wall > 10.0) cost.seconds = wall;  // it slept: a hang, whatever the processor says
  cost.megabytes = static_cast<double>(usage.ru_maxrss) / 1024.0;
  return cost;
}

TEST(HostileFiles, AreRefusedAtOnceAndWithLittleMemory) {
  std::ifstream stream(formats_folder / "bad" / "REASONS.json");
  if (!stream) GTEST_SKIP() << "no folder " << formats_folder << "/bad with damaged files";
  int refused = 0;
  Cost worst;
  const json reasons = json::parse(stream);
  for (const auto& [name, reason] : reasons.items()) {
    const std::filesystem::path path = formats_folder / "bad" / name;
    if (!std::filesystem::exists(path)) continue;
    SCOPED_TRACE(name + ": " + reason.get<std::string>());
    const Cost cost = cost_of_reading(path);
    ASSERT_TRUE(WIFEXITED(cost.status)) << "signal " << WTERMSIG(cost.status);
    if (name == "hitachi_badsize.tif") {
      EXPECT_EQ(WEXITSTATUS(cost.status), 0);
      EXPECT_FALSE(open_frames(path)->description().calibration.calibrated());
    } else {
      EXPECT_EQ(WEXITSTATUS(cost.status), 1) << "1 = refused by name, 2 = without it, 0 = read";
      ++refused;
    }
    EXPECT_LT(cost.seconds, 1.0);
    EXPECT_LT(cost.megabytes, 200.0);
    worst.seconds = std::max(worst.seconds, cost.seconds);
    worst.megabytes = std::max(worst.megabytes, cost.megabytes);
  }
  std::printf("%d hostile files refused; the worst took %.3f s and %.0f MB\n", refused, worst.seconds,
              worst.megabytes);
}

}  // namespace
}  // namespace sinterscope
