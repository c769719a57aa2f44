// SPDX-License-Identifier: GPL-3.0-or-later
// A run that goes on: what it takes over, what it does again, and that nobody can tell from the outputs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/pipeline/archive.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct Mixed {
  double number = 0.0;
  std::optional<double> missing, there;
  std::string text;
  std::vector<bool> switches;
  std::vector<SizedParticle> list;
  cv::Mat1f image;
  cv::Mat1b empty;
  cv::Point2d place;
  std::pair<std::string, int> pair;
};

TEST(Archive, GivesEveryValueBackBitForBit) {
  static_assert(field_count<Mixed> == 10);
  Mixed value;
  value.number = std::nextafter(0.1, 1.0);
  value.there = -0.0;
  value.text = std::string("a\0b", 3);
  value.switches = {true, false, true};
  value.list.resize(2);
  value.list[1].diameter_nm = 1e-310;
  const cv::Mat1f whole = (cv::Mat1f(2, 3) << 1, 2, 3, 4, 5, std::numeric_limits<float>::infinity());
  value.image = whole.colRange(1, 3);  // rows that do not follow each other
  value.place = {1.5, -2.5};
  value.pair = {"x", -7};
  std::stringstream bytes;
  Archive(static_cast<std::ostream&>(bytes))(value);
  Mixed back;
  back.missing = 3.0;
  Archive(static_cast<std::istream&>(bytes))(back);
  EXPECT_EQ(back.number, value.number);
  EXPECT_FALSE(back.missing);
  EXPECT_TRUE(std::signbit(*back.there));
  EXPECT_EQ(back.text, value.text);
  EXPECT_EQ(back.switches, value.switches);
  EXPECT_EQ(back.list.at(1).diameter_nm, 1e-310);
  EXPECT_EQ(std::vector<float>(back.image.begin(), back.image.end()),
            (std::vector<float>{2.0F, 3.0F, 5.0F, std::numeric_limits<float>::infinity()}));
  EXPECT_TRUE(back.empty.empty());
  EXPECT_EQ(back.place, value.place);
  EXPECT_EQ(back.pair, value.pair);
  std::stringstream cut(bytes.str().substr(0, 40));
  EXPECT_THROW(Archive(static_cast<std::istream&>(cut))(back), Error);
}

/// Keeps the names of the tasks that begin and the warnings.
class Recorded : public NoProgress {
 public:
  void start(std::string_view task, std::size_t) override { tasks.emplace_back(task); }
  void warn(const std::string& message) override { warnings.push_back(message); }
  std::vector<std::string> tasks, warnings;
};

/// A small experiment, its pipeline file, and its outputs in one go.
class Resume : public testing::Test {
 protected:
  Resume() {
    NoProgress progress;
    simulate_experiment(small_scene(folder_), folder_ / "data", 1, progress);
    // The clock of a file written a moment ago is not trusted to show its next change.
    for (const fs::directory_entry& file : fs::directory_iterator(folder_ / "data"))
      fs::last_write_time(file.path(), file.last_write_time() - std::chrono::hours(1));
    pipeline_ = read_json_file(folder_ / "data/pipeline.json");
    pipeline_["stages"]["completeness"]["trials"] = 20;
    pipeline_["stages"]["locality"]["replicates"] = 19;
  }

  /// Starts the pipeline as it stands into folder "out".
  Recorded run(const std::string& out = "out") {
    const fs::path file = write_text(folder_ / "data/changed.json", pipeline_.dump());
    RunOptions options;
    options.out = folder_ / out;
    options.overlays = 2;
    Recorded recorded;
    run_pipeline(file, options, recorded);
    return recorded;
  }

  fs::path entry(const std::string& stage) const {
    for (const fs::directory_entry& one : fs::directory_iterator(folder_ / "out/.stages"))
      if (one.path().stem() == stage) return one.path();
    throw Error(stage + " has left nothing");
  }

  void expect_outputs_of_one_go() {
    run("whole");
    for (const char* name :
         {"particles.csv", "tracks.csv", "events.csv", "holds.csv", "fit.json", "labels.tif", "rois.zip",
          "report.html", "sizes.csv", "hold_particles.csv", "locality.csv"})
      EXPECT_TRUE(read_bytes(folder_ / "whole" / name) == read_bytes(folder_ / "out" / name)) << name;
    nlohmann::json one = read_json_file(folder_ / "whole/run.json"),
                   other = read_json_file(folder_ / "out/run.json");
    for (const char* clock : {"finished", "timings_s"}) one.erase(clock), other.erase(clock);
    EXPECT_EQ(one, other);
  }

  TemporaryFolder folder_;
  nlohmann::json pipeline_;
};

TEST_F(Resume, DoesOnlyWhatComesBehindAChangedOption) {
  run();
  pipeline_["stages"]["fit"]["dh_steps"] = 81;
  const Recorded second = run();
  for (const char* kept : {"noise (kept)", "size (kept)", "completeness (kept)", "inventory (kept)"})
    EXPECT_THAT(second.tasks, Contains(kept));
  EXPECT_THAT(second.tasks, Contains("fit"));
  EXPECT_THAT(second.tasks, Not(Contains("size")));
  EXPECT_THAT(second.tasks, Not(Contains("hash inputs"))) << "their digests are remembered";
  expect_outputs_of_one_go();
}

TEST_F(Resume, TakesTheSampleForNewWhereItBeginsToMatter) {
  run();
  pipeline_["sample"]["shape_factor"] = 0.7;
  const Recorded second = run();
  EXPECT_THAT(second.tasks, Contains("events (kept)"));
  EXPECT_THAT(second.tasks, Contains("inventory"));
  expect_outputs_of_one_go();
}

TEST_F(Resume, DoesADamagedStageAgainAndKeepsTheRest) {
  run();
  fs::remove(folder_ / "out/run.json");
  const fs::path size = entry("size"), link = entry("link"), detect = entry("detect");
  std::string bytes = read_bytes(size);
  bytes[bytes.size() / 2] ^= 1;
  write_text(size, bytes);
  fs::resize_file(link, fs::file_size(link) / 2);
  fs::resize_file(detect, 0);
  write_text(folder_ / "out/.stages/.noise.123-0.partial", "half");
  const Recorded second = run();
  EXPECT_EQ(std::count_if(second.warnings.begin(), second.warnings.end(),
                          [](const std::string& one) { return one.find("is damaged") != one.npos; }),
            3);
  EXPECT_THAT(second.warnings, Contains(HasSubstr("'size'")));
  for (const char* again : {"size", "link", "detect", "noise (kept)", "completeness (kept)", "fit (kept)"})
    EXPECT_THAT(second.tasks, Contains(again));
  EXPECT_FALSE(fs::exists(folder_ / "out/.stages/.noise.123-0.partial"));
  expect_outputs_of_one_go();
}

TEST_F(Resume, SeesThatAnInputChangedAndNamesOneThatVanished) {
  run();
  const fs::path frames = folder_ / "data/00_200C.tif";
  fs::rename(frames, folder_ / "data/away.tif");
  try {
    run();
    ADD_FAILURE() << "a missing input passed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("00_200C.tif"));
  }
  EXPECT_TRUE(fs::exists(folder_ / "out/run.json")) << "the finished run stands";
  fs::copy_file(folder_ / "data/01_500C.tif", frames);
  const Recorded second = run();
  EXPECT_THAT(second.tasks, Contains("noise"));
  EXPECT_THAT(second.tasks, Not(Contains("noise (kept)")));
}

TEST_F(Resume, StopsWhereAnInputChangesUnderItsHands) {
  class Meddler : public NoProgress {
   public:
    explicit Meddler(fs::path file) : file_(std::move(file)) {}
    void start(std::string_view task, std::size_t) override {
      if (task == "support") std::ofstream(file_, std::ios::app | std::ios::binary) << "x";
    }

   private:
    fs::path file_;
  };
  Meddler meddler(folder_ / "data/00_200C.tif");
  RunOptions options;
  options.out = folder_ / "out";
  try {
    run_pipeline(folder_ / "data/pipeline.json", options, meddler);
    ADD_FAILURE() << "a change while reading passed";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("changed while it was read"));
  }
  EXPECT_TRUE(fs::exists(entry("noise")));
  EXPECT_THROW(entry("support"), Error) << "made from neither file";
}

TEST_F(Resume, LeavesNoStagesBehindWhereAsked) {
  RunOptions options;
  options.out = folder_ / "out";
  options.keep_stages = false;
  NoProgress progress;
  run_pipeline(write_text(folder_ / "data/changed.json", pipeline_.dump()), options, progress);
  EXPECT_FALSE(fs::exists(folder_ / "out/.stages"));
}

ReportRequest request_for(const fs::path& folder) {
  ReportRequest request;
  request.folder = folder;
  return request;
}

/// What rebuild_report says against a request; empty where it does it.
std::string refusal(const ReportRequest& request) {
  NoProgress progress;
  try {
    rebuild_report(request, progress);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(Resume, RebuildsTheReportByteForByteWithoutWorkingAgain) {
  run();
  const std::string page = read_bytes(folder_ / "out/report.html"),
                    record = read_bytes(folder_ / "out/run.json");
  fs::remove(folder_ / "out/report.html");
  Recorded recorded;
  const ReportFiles files = rebuild_report(request_for(folder_ / "out"), recorded);
  EXPECT_THAT(recorded.tasks, Contains("fit (kept)"));
  EXPECT_THAT(recorded.tasks, Not(Contains("size")));
  EXPECT_EQ(files.page, folder_ / "out/report.html");
  EXPECT_TRUE(files.figures.empty());
  EXPECT_TRUE(read_bytes(files.page) == page);
  EXPECT_EQ(read_bytes(folder_ / "out/run.json"), record);
}

TEST_F(Resume, WritesEveryFigureBesideTheReport) {
  run();
  NoProgress progress;
  ReportRequest request = request_for(folder_ / "out");
  request.out = folder_ / "paper";
  request.figures = true;
  const ReportFiles files = rebuild_report(request, progress);
  EXPECT_TRUE(read_bytes(files.page) == read_bytes(folder_ / "out/report.html"));
  for (const char* name : {"programme", "inventory", "phase-map", "sizes-0"}) {
    const std::string svg = read_bytes(folder_ / "paper/figures" / (name + std::string(".svg")));
    EXPECT_THAT(svg, HasSubstr("<svg")) << name;
    EXPECT_THAT(svg, HasSubstr("font-family")) << name;
  }
  for (const fs::path& figure : files.figures) EXPECT_GT(fs::file_size(figure), 500U) << figure;
}

TEST_F(Resume, MakesThePageAsLargeAsAskedWithoutWorkingAgain) {
  run();
  const auto size = [&](const fs::path& folder) { return fs::file_size(folder / "report.html"); };
  const auto whole = size(folder_ / "out");
  NoProgress progress;
  ReportRequest request = request_for(folder_ / "out");
  request.out = folder_ / "small";
  request.page_budget_MB = 0.2;
  rebuild_report(request, progress);
  EXPECT_LT(size(folder_ / "small"), whole);
  pipeline_["report"] = {{"page_budget_MB", 0.2}};
  const Recorded recorded = run();
  EXPECT_THAT(recorded.tasks, Contains("fit (kept)"));
  EXPECT_THAT(recorded.tasks, Not(Contains("size")));
  EXPECT_LT(size(folder_ / "out"), whole);
}

TEST_F(Resume, SaysWhyThereIsNoReportToRebuild) {
  EXPECT_THAT(refusal(request_for(folder_ / "nowhere")), HasSubstr("no such directory"));
  EXPECT_FALSE(fs::exists(folder_ / "nowhere"));
  EXPECT_THAT(refusal(request_for(folder_ / "data")), HasSubstr("no output directory"));
  run();
  const ReportRequest request = request_for(folder_ / "out");
  const nlohmann::json record = read_json_file(folder_ / "out/run.json");
  fs::rename(folder_ / "out/holds.csv", folder_ / "holds.csv");
  EXPECT_THAT(refusal(request), HasSubstr("holds.csv is missing"));
  fs::rename(folder_ / "holds.csv", folder_ / "out/holds.csv");
  nlohmann::json older = record;
  older["recipe"]["version"] = "0.0.1";
  write_text(folder_ / "out/run.json", older.dump());
  EXPECT_THAT(refusal(request), HasSubstr("another version or build of sinterscope (0.0.1"));
  older.erase("recipe");
  write_text(folder_ / "out/run.json", older.dump());
  EXPECT_THAT(refusal(request), HasSubstr("not a record of a run"));
  fs::remove(folder_ / "out/run.json");
  EXPECT_THAT(refusal(request), HasSubstr("not finished"));
  write_text(folder_ / "out/run.json", record.dump());
  fs::rename(folder_ / "data/changed.json", folder_ / "data/moved.json");
  EXPECT_THAT(refusal(request), HasSubstr("--pipeline"));
  ReportRequest elsewhere = request;
  elsewhere.pipeline = folder_ / "data/moved.json";
  EXPECT_EQ(refusal(elsewhere), "");
  elsewhere.pipeline = folder_ / "data/pipeline.json";
  EXPECT_THAT(refusal(elsewhere), HasSubstr("is not the pipeline"));
  fs::rename(folder_ / "data/moved.json", folder_ / "data/changed.json");
  fs::copy_file(folder_ / "data/01_500C.tif", folder_ / "data/00_200C.tif",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(refusal(request), HasSubstr("were changed since"));
  fs::remove_all(folder_ / "out/.stages");
  EXPECT_THAT(refusal(request), HasSubstr(".stages"));
}

}  // namespace
}  // namespace sinterscope
