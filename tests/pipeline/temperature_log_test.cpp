// SPDX-License-Identifier: GPL-3.0-or-later
// Logs of heating holders, cut into holds and joined to frames.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/join_temperatures.h"
#include "sinterscope/pipeline/open_experiment.h"
#include "sinterscope/pipeline/temperature_programme.h"

namespace sinterscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One row a second: 500 C for 100 s, a ramp of 10 K/s, 200 C for 170 s, back to 500 C within a second.
double cycle_c(double time_s) {
  if (time_s <= 100.0) return 500.0;
  if (time_s < 130.0) return 500.0 - 10.0 * (time_s - 100.0);
  return time_s <= 300.0 ? 200.0 : 500.0;
}

ExperimentLog log_of(double noise_K, double last_s = 400.0, double step_s = 1.0) {
  ExperimentLog log;
  Rng rng(7);
  for (double time_s = 0.0; time_s <= last_s; time_s += step_s) {
    LogEntry entry;
    entry.time_s = time_s;
    entry.temperature_K = kelvin_from_celsius(cycle_c(time_s) + noise_K * rng.normal());
    log.entries.push_back(entry);
  }
  return log;
}

TEST(TemperatureProgramme, FindsTheHoldsOfACycleWhateverTheNoise) {
  for (const double noise_K : {0.0, 0.3, 2.0}) {
    const TemperatureProgramme programme(log_of(noise_K), 0.0, 0.0);
    ASSERT_EQ(programme.plateaus().size(), 3U) << noise_K;
    // The band (2 K, or 4 sigma of the noise) is crossed by a ramp of 10 K/s within 1 s; the median of n rows
    // has a standard error of 1.25 sigma / sqrt(n), here at most 0.25 K: four of them and rounding.
    const double band_s = 1.0 + std::max(2.0, 4.0 * 1.3 * noise_K) / 10.0;
    const double starts[] = {0.0, 130.0, 301.0};
    const double temperatures[] = {500.0, 200.0, 500.0};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(programme.plateaus()[i].start_s, starts[i], band_s) << noise_K;
      EXPECT_NEAR(celsius_from_kelvin(programme.plateaus()[i].temperature_K), temperatures[i],
                  1e-9 + 4.0 * 1.25 * noise_K / std::sqrt(100.0));
    }
    EXPECT_FALSE(programme.plateau_at(115.0));  // on the ramp
    EXPECT_NEAR(celsius_from_kelvin(programme.temperature_K_at(115.0).value()), 350.0, 5.0 * noise_K + 1e-9);
  }
}

TEST(TemperatureProgramme, FindsNoHoldInSlowRamps) {
  for (const double rate : {0.05, 0.1, 1.0}) {  // 3 K a minute and more
    ExperimentLog log;
    for (int i = 0; i < 1000; ++i)
      log.entries.push_back({1.0 * i, 300.0 + rate * i, std::nullopt, std::nullopt, {}});
    EXPECT_THAT(TemperatureProgramme(log, 0.0, 0.0).plateaus(), IsEmpty()) << rate;
  }
}

TEST(TemperatureProgramme, ReadsSparseTablesAsSetPointsAndSaysSo) {
  ExperimentLog log;
  for (const auto& [time_s, kelvin] :
       {std::pair(0.0, 773.0), std::pair(600.0, 473.0), std::pair(1200.0, 773.0)})
    log.entries.push_back({time_s, kelvin, std::nullopt, std::nullopt, {}});
  const TemperatureProgramme programme(log, 0.0, 0.0);
  EXPECT_THAT(programme.warnings(), ElementsAre(HasSubstr("read as set points")));
  for (const auto& [time_s, kelvin] :
       {std::pair(0.0, 773.0), std::pair(599.9, 773.0), std::pair(600.0, 473.0), std::pair(5000.0, 773.0)})
    EXPECT_EQ(programme.temperature_K_at(time_s).value_or(0.0), kelvin) << time_s;
}

TEST(TemperatureProgramme, MovesByItsOffsetAndLeavesTheSettlingTimeOut) {
  const TemperatureProgramme programme(log_of(0.0), 1000.0, 20.0);
  EXPECT_FALSE(programme.plateau_at(1001.0));
  EXPECT_EQ(programme.plateau_at(1050.0), 0U);
  EXPECT_FALSE(programme.plateau_at(1140.0));  // 10 s after the hold at 200 C began
  EXPECT_EQ(programme.plateau_at(1151.0), 1U);
}

class JoinTemperatures : public ::testing::Test {
 protected:
  ThermalHistory join(double interval_s, std::size_t frames) {
    FrameEntry entry;
    entry.file = "a.tif";
    entry.frame_interval_s = interval_s;
    entry.temperature_c = given_c_;
    std::string rows = "time_s,temperature_c\n";
    for (int i = 0; i <= 400; ++i) rows += fmt::format("{},{}\n", first_row_s_ + i, cycle_c(i));
    entry.temperature_log = write_text(folder_ / "log.csv", rows);
    PipelineConfig config;
    config.frames = {entry};
    SourceDescription description;
    description.frames = frames;
    return join_times_and_temperatures(config, {{"frames[0] (a.tif)", &description}}, warnings_);
  }

  TemporaryFolder folder_;
  std::optional<double> given_c_;
  double first_row_s_ = 0.0;
  std::vector<std::string> warnings_;
};

TEST_F(JoinTemperatures, CutsOneFileIntoHoldsAndLeavesTheRampUnfitted) {
  const ThermalHistory history = join(5.0, 80);  // 0 to 395 s
  ASSERT_EQ(history.holds.size(), 4U);
  const auto kelvin = [&](std::size_t hold) { return history.holds[hold].temperature_K; };
  EXPECT_EQ(kelvin(0), kelvin_from_celsius(500));
  EXPECT_FALSE(kelvin(1));  // 105 to 125 s: the ramp
  EXPECT_EQ(history.holds[1].frames, (std::vector{21, 22, 23, 24, 25}));
  EXPECT_EQ(kelvin(2), kelvin_from_celsius(200));
  EXPECT_EQ(kelvin(3), kelvin_from_celsius(500));
  EXPECT_NEAR(history.frames[23].temperature_K.value(), kelvin_from_celsius(350), 1e-9);  // at 115 s
  EXPECT_EQ(history.frames[23].time_s, 115.0);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("5 of 80 frames")));
}

TEST_F(JoinTemperatures, CountsOnTheLogsOwnCounter) {
  first_row_s_ = 50.0;  // the log began 50 s after the frames
  const ThermalHistory history = join(5.0, 20);
  EXPECT_FALSE(history.holds.front().temperature_K);
  EXPECT_EQ(history.holds.front().frames.size(), 10U);
  EXPECT_EQ(history.frames[15].temperature_K, kelvin_from_celsius(500));
}

TEST_F(JoinTemperatures, LetsTheEntryWinAndTellsOfADisagreement) {
  given_c_ = 480.0;
  const ThermalHistory history = join(5.0, 10);
  ASSERT_EQ(history.holds.size(), 1U);
  EXPECT_EQ(history.holds[0].temperature_K, kelvin_from_celsius(480));
  EXPECT_THAT(warnings_, ElementsAre(::testing::AllOf(HasSubstr("480 C"), HasSubstr("500 C"))));
}

TEST_F(JoinTemperatures, FollowsRecordedTimesInsteadOfTheInterval) {
  FrameEntry entry;
  SourceDescription description;
  description.frames = 3;
  description.frame_interval_s = 1.0;
  description.times_s = {0.0, 0.5, 7.0};
  PipelineConfig config;
  config.frames = {entry, entry};
  const ThermalHistory history =
      join_times_and_temperatures(config, {{"a", &description}, {"b", &description}}, warnings_);
  EXPECT_EQ(history.frames[2].time_s, 7.0);
  EXPECT_EQ(history.frames[3].time_s, 8.0);  // the second entry follows the first
}

TEST(TemperatureLog, JoinsAPipelineFileWithItsFrames) {
  const TemporaryFolder folder;
  cv::Mat1w noise(64, 64);
  cv::theRNG().fill(noise, cv::RNG::NORMAL, 500, 20);
  write_stack(folder / "movie.tif", std::vector<cv::Mat>(40, noise));
  std::string rows = "time_s,temperature_c\n";
  for (int i = 0; i <= 40; ++i) rows += fmt::format("{},{}\n", i, i < 20 ? 500 : 200);
  write_text(folder / "log.csv", rows);
  const auto pipeline = write_text(folder / "p.json",
                                   R"({"schema": "sinterscope/pipeline/1", "temperature_log": "log.csv",
                                       "frames": [{"file": "movie.tif", "frame_interval_s": 1.0}]})");
  NoProgress progress;
  const Products products = open_experiment(read_pipeline(pipeline), progress);
  ASSERT_EQ(products.history.holds.size(), 2U);
  EXPECT_EQ(products.history.holds[0].frames.size(), 20U);
  EXPECT_EQ(products.history.holds[1].temperature_K, kelvin_from_celsius(200));
  write_text(folder / "log.csv", "time_s,temperature\n0,500\n");
  EXPECT_THROW(open_experiment(read_pipeline(pipeline), progress), Error);
}

}  // namespace
}  // namespace sinterscope
