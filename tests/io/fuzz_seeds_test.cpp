// SPDX-License-Identifier: GPL-3.0-or-later
// The seeds of the fuzzers, and every damage that a flipped byte or a cut does to them: an answer or an
// Error, always.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "sinterscope/io/emi_file.h"
#include "sinterscope/io/experiment_log.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/spectrum_file.h"
#include "sinterscope/io/table_file.h"
#include "test_files.h"

namespace sinterscope {
namespace {

const std::filesystem::path seeds =
    std::filesystem::path(SINTERSCOPE_SOURCE_DIR) / "tests" / "fuzz" / "seeds";

void read(const std::string& reader, const std::filesystem::path& path) {
  static const std::map<std::string, std::function<void(const std::filesystem::path&)>> texts{
      {"csv", [](const auto& file) { read_csv(file); }},
      {"log", [](const auto& file) { read_experiment_log(file); }},
      {"emi", [](const auto& file) { read_emi(file); }},
      {"spectrum", [](const auto& file) { read_spectrum(file); }}};
  const auto text = texts.find(reader);
  if (text != texts.end()) return text->second(path);
  OpenOptions options;
  options.max_frame_megabytes = 64;
  const auto source = open_frames(path, options);
  for (std::size_t i = 0; i < std::min<std::size_t>(source->size(), 3); ++i) source->load(i);
}

TEST(FuzzSeeds, AreAllRead) {
  std::size_t count = 0;
  for (const auto& folder : std::filesystem::directory_iterator(seeds))
    for (const auto& seed : std::filesystem::directory_iterator(folder)) {
      EXPECT_NO_THROW(read(folder.path().filename().string(), seed.path())) << seed.path();
      ++count;
    }
  EXPECT_GE(count, 25U);
}

// What the fuzzers found, so that it stays found.
TEST(FuzzFindings, EndInAnError) {
  std::size_t count = 0;
  for (const auto& folder : std::filesystem::directory_iterator(seeds.parent_path() / "findings"))
    for (const auto& finding : std::filesystem::directory_iterator(folder)) {
      EXPECT_THROW(read(folder.path().filename().string(), finding.path()), Error) << finding.path();
      ++count;
    }
  EXPECT_GE(count, 1U);
}

TEST(FuzzSeeds, EndInAnAnswerOrAnErrorWhenDamaged) {
  const test::TestFolder folder;
  for (const auto& reader : std::filesystem::directory_iterator(seeds))
    for (const auto& seed : std::filesystem::directory_iterator(reader)) {
      const std::string good = test::read_bytes(seed.path());
      const auto try_bytes = [&](const std::string& bytes) {
        const auto path = folder / seed.path().filename().string();
        test::write_bytes(path, bytes);
        try {
          read(reader.path().filename().string(), path);
        } catch (const Error&) {  // the right answer
        }
      };
      const std::size_t step = std::max<std::size_t>(1, good.size() / 25);
      for (std::size_t at = 0; at < good.size(); at += step) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ '\xFF');
        try_bytes(bytes);
        try_bytes(good.substr(0, at));
      }
    }
}

}  // namespace
}  // namespace sinterscope
