// SPDX-License-Identifier: GPL-3.0-or-later
// Real files of many microscopes against what three independent readers find in them. The files are not part
// of this project: where their folder is absent the tests say so and skip.
#include <gtest/gtest.h>

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

// Folders of formats that are read.
const std::vector<std::string> folders{"tiff/", "png/"};

bool supported(const std::string& name) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return name.compare(0, folder.size(), folder) == 0; });
}

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
  EXPECT_EQ(statistics.minimum, dataset.at("min").get<double>());
  EXPECT_EQ(statistics.maximum, dataset.at("max").get<double>());
  // Integers are exact; the sum of floats depends on the order of the terms.
  const double sum = dataset.at("sum").get<double>();
  const bool integers = found.dtype.find("int") != std::string::npos;
  EXPECT_NEAR(statistics.sum, sum, integers ? 0.0 : 1e-9 * std::abs(sum));
}

// Whether the file must be refused: no plane of real numbers in real space.
bool must_be_refused(const json& dataset) {
  const std::string dtype = dataset.at("dtype").get<std::string>();
  const std::string unit = dataset.contains("pixel_size") && dataset.at("pixel_size").at("unit").is_string()
                               ? dataset.at("pixel_size").at("unit").get<std::string>()
                               : "";
  return dataset.at("frames").is_null() || dtype.find("complex") != dtype.npos ||
         unit.find("1 /") != unit.npos || unit.find("1/") != unit.npos;
}

TEST(ExpectedFiles, AreReadAsThreeOtherReadersReadThem) {
  std::ifstream stream(formats_folder / "EXPECTED.json");
  if (!stream) GTEST_SKIP() << "no folder " << formats_folder << " with files of other makers";
  const json files = json::parse(stream).at("files");
  int read = 0;
  int refused = 0;
  OpenOptions options;
  options.cut_info_bar = false;  // the reference keeps the data bar
  for (const auto& [name, entry] : files.items()) {
    if (!supported(name) || !entry.contains("datasets") || entry.at("datasets").empty()) continue;
    SCOPED_TRACE(name);
    const json& dataset = entry.at("datasets").at(0);
    try {
      const auto source = open_frames(formats_folder / name, options);
      EXPECT_FALSE(must_be_refused(dataset));
      compare(*source, dataset);
      ++read;
    } catch (const Error& error) {
      EXPECT_TRUE(must_be_refused(dataset)) << error.what();
      ++refused;
    }
  }
  RecordProperty("read", read);
  RecordProperty("refused", refused);
  std::printf("%d files read as expected, %d refused with a reason\n", read, refused);
  EXPECT_GT(read, 0);
}

TEST(HostileFiles, AreRefusedAtOnce) {
  std::ifstream stream(formats_folder / "bad" / "REASONS.json");
  if (!stream) GTEST_SKIP() << "no folder " << formats_folder << "/bad with damaged files";
  int refused = 0;
  const json reasons = json::parse(stream);
  for (const auto& [name, reason] : reasons.items()) {
    const std::filesystem::path path = formats_folder / "bad" / name;
    if (!std::filesystem::exists(path)) continue;
    SCOPED_TRACE(name + ": " + reason.get<std::string>());
    const auto start = std::chrono::steady_clock::now();
    const auto read_all = [&path] { measure_statistics(*open_frames(path)); };
    if (name == "hitachi_badsize.tif") {
      EXPECT_FALSE(open_frames(path)->description().calibration.calibrated());
    } else {
      const std::string message = test::message_of(read_all);
      EXPECT_NE(message.find(name), message.npos) << message;
      ++refused;
    }
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 1.0);
  }
  std::printf("%d hostile files refused\n", refused);
}

}  // namespace
}  // namespace sinterscope
