// SPDX-License-Identifier: GPL-3.0-or-later
// Many experiments: failures listed, shards that add up to the whole, names that every shard gives alike.

#include "sinterscope/pipeline/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

/// A frame of nothing but background: the whole way in a second.
void empty_experiment(const TemporaryFolder& folder, const std::string& name) {
  cv::Mat1w frame(64, 64);
  for (int y = 0; y < frame.rows; ++y)
    for (int x = 0; x < frame.cols; ++x)
      frame(y, x) = static_cast<std::uint16_t>(60 + (7 * x + 13 * y * y) % 11);
  fs::create_directories(folder / "in");
  write_stack(folder / "in" / (name + ".tif"), {frame, frame});
  write_text(folder / "in" / (name + ".json"), R"j({"schema": "sinterscope/pipeline/1",
    "stages": {"completeness": {"trials": 0}}, "frames": [{"file": ")j" +
                                                   name + R"j(.tif"}]})j");
}

BatchRequest request_for(const TemporaryFolder& folder, const std::string& out) {
  BatchRequest request;
  request.sources = {(folder / "in").string()};
  request.out = folder / out;
  request.jobs = 2;
  request.program = SINTERSCOPE_PROGRAM;
  return request;
}

TEST(Batch, GoesOnAfterAFailureAndSaysWhichFailedAndWhy) {
  TemporaryFolder folder;
  NoProgress progress;
  simulate_experiment(small_scene(folder), folder / "good", 1, progress);
  write_text(folder / "bad.json",
             R"j({"schema": "sinterscope/pipeline/1", "frames": [{"file": "gone.tif"}]})j");
  BatchRequest request = request_for(folder, "out");
  request.sources = {(folder / "bad.json").string(), (folder / "good/pipe*.json").string()};
  const BatchResult result = run_batch(request, progress);
  EXPECT_EQ(result.total, 2);
  EXPECT_EQ(result.failed, 1);
  const Table table = read_csv(folder / "out/batch.csv");
  EXPECT_EQ(table.text(0, "state"), "failed");
  EXPECT_THAT(table.text(0, "reason"), testing::HasSubstr("gone.tif"));
  EXPECT_EQ(table.text(1, "state"), "done") << table.text(1, "reason");
  EXPECT_EQ(*table.number(1, "holds"), 2.0);
  EXPECT_EQ(*table.number(1, "frames"), 4.0);
  EXPECT_EQ(*table.number(1, "full_hold_c"), 200.0);
  EXPECT_EQ(*table.number(1, "empty_hold_c"), 500.0);
  EXPECT_NEAR(*table.number(1, "diameter_mean_nm"), 2.05, 0.3);
  EXPECT_GT(*table.number(1, "full_coverage"), 0.0);
  EXPECT_THAT(read_bytes(folder / "out/batch.html"), testing::HasSubstr("pipeline/report.html"));
}

TEST(Batch, ShardsAddUpToTheWhole) {
  TemporaryFolder folder;
  NoProgress progress;
  for (const char* name : {"a", "b", "c", "d", "e"}) empty_experiment(folder, name);
  write_text(folder / "in/broken.json", R"j({"schema": "sinterscope/pipeline/1", "frames": []})j");
  EXPECT_EQ(run_batch(request_for(folder, "whole"), progress).failed, 1);
  BatchRequest shard = request_for(folder, "shards");
  int experiments = 0;
  for (const char* part : {"1/3", "2/3"}) {
    shard.shard = part;
    experiments += run_batch(shard, progress).total;
  }
  shard.shard.clear();
  const BatchResult early = merge_batch(shard);  // "broken" and "e" belong to a shard that has not run
  EXPECT_EQ(early.failed, 2);
  EXPECT_THAT(early.summary, testing::HasSubstr("not run"));
  shard.shard = "3/3";
  experiments += run_batch(shard, progress).total;
  EXPECT_EQ(experiments, 6);
  shard.shard.clear();
  EXPECT_EQ(merge_batch(shard).failed, 1);
  for (const char* file : {"batch.csv", "batch.html"})
    EXPECT_EQ(read_bytes(folder / "whole" / file), read_bytes(folder / "shards" / file)) << file;
  shard.shard = "4/3";
  EXPECT_THROW(run_batch(shard, progress), Error);
}

TEST(Batch, GivesEveryExperimentAFolderOfItsOwnWhicheverShardRunsIt) {
  TemporaryFolder folder;
  const std::string pipeline = R"j({"schema": "sinterscope/pipeline/1"})j";
  for (const char* name : {"x", "y", "out/x/data"}) {
    fs::create_directories(folder / name);
    write_text(folder / name / "pipeline.json", pipeline);
  }
  write_text(folder / "y/other.json", R"j({"schema": "sinterscope/kmc/1"})j");
  write_text(folder / "list.txt", "# two of a kind\nx\ny/*.json\nx/pipeline.json\n");
  const auto experiments = list_experiments({(folder / "list.txt").string()}, folder / "out");
  std::vector<std::string> names;
  for (const Experiment& one : experiments) names.push_back(one.name);
  EXPECT_THAT(names, testing::ElementsAre("x_pipeline", "other", "y_pipeline"));
  EXPECT_EQ(experiments[1].kind, ExperimentKind::kmc);
  // Products of an earlier batch below --out are no sources.
  EXPECT_EQ(list_experiments({folder.path().string()}, folder / "out").size(), 3U);
  EXPECT_THROW(list_experiments({(folder / "no*.json").string()}, folder / "out"), Error);
}

TEST(Batch, TakesScenesAndLatticesLikeExperiments) {
  TemporaryFolder folder;
  NoProgress progress;
  small_scene(folder);
  write_text(folder / "lattice.json", R"j({"schema": "sinterscope/kmc/1",
    "lattice": {"side": 32, "atoms": 40, "samples": 64}, "program": [{"temperature_k": 500, "events": 2e4}]})j");
  BatchRequest request = request_for(folder, "out");
  request.sources = {folder.path().string()};
  const BatchResult result = run_batch(request, progress);
  const Table table = read_csv(folder / "out/batch.csv");
  EXPECT_EQ(result.failed, 0) << result.summary;
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(*table.number(0, "holds"), 1.0);
  EXPECT_EQ(*table.number(1, "frames"), 4.0);
  EXPECT_TRUE(fs::exists(folder / "out/scene/data/truth.json"));
}

}  // namespace
}  // namespace sinterscope
