// SPDX-License-Identifier: GPL-3.0-or-later
// The command kmc: files to files. The physics is tested in room kmc.

#include "sinterscope/pipeline/kmc_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/kmc/lattice.h"
#include "sinterscope/pipeline/height_maps.h"
#include "sinterscope/pipeline/json_reader.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path source_dir = SINTERSCOPE_SOURCE_DIR;
constexpr const char* two_runs = R"("lattice": {"side": 20, "atoms": 20, "samples": 256, "snapshots": 8},
  "program": [{"temperature_k": 500, "events": 2e5}, {"from_k": 500, "to_k": 300, "events": 2e4}],
  "runs": [{"name": "gas"}, {"name": "island", "lattice": {"start": "particle", "flat": true}, "repeat": 2}])";

class KmcCommand : public testing::Test {
 protected:
  fs::path config(const std::string& content) {
    return write_text(folder_ / "run.json", R"({"schema": "sinterscope/kmc/1", )" + content + "}");
  }
  std::string run(const fs::path& file, const std::string& out, int threads = 1,
                  Progress* progress = nullptr) {
    NoProgress silent;
    KmcRequest request;
    request.config = file;
    request.out = folder_ / out;
    request.threads = threads;
    request.overrides = overrides_;
    request.shard = shard_;
    return run_lattices(request, progress != nullptr ? *progress : silent);
  }
  /// The message of the usage error; nothing may be left behind.
  std::string refusal(const std::string& content) {
    try {
      run(config(content), "refused");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Error::Kind::usage) << error.what();
      EXPECT_FALSE(fs::exists(folder_ / "refused")) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown for " << content;
    return "";
  }
  /// Every result file with its bytes; run.json without what is different every time.
  std::map<std::string, std::string> results(const std::string& out) {
    std::map<std::string, std::string> bytes;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_ / out))
      if (entry.is_regular_file() && entry.path().filename() != ".lock")
        bytes[fs::relative(entry.path(), folder_ / out).string()] = read_bytes(entry.path());
    nlohmann::json run = nlohmann::json::parse(bytes.at("run.json"));
    run.erase("finished");
    run.erase("timings_s");
    bytes["run.json"] = run.dump();
    return bytes;
  }

  TemporaryFolder folder_;
  KmcOverrides overrides_;
  std::string shard_;
};

TEST_F(KmcCommand, WritesEveryResultOfEveryRun) {
  EXPECT_THAT(run(config(two_runs), "out"), AllOf(HasSubstr("gas"), HasSubstr("island_2")));
  const auto files = results("out");
  for (const char* run_name : {"gas", "island_1", "island_2"})
    for (const char* file : {"series.csv", "sizes.csv", "maps.csv", "heights.tif", "final.tif", "scene.json",
                             "film.png", "course.svg", "snapshots/0000.png"})
      EXPECT_TRUE(files.count(std::string(run_name) + "/" + file)) << run_name << " " << file;
  for (const char* file : {"holds.csv", "averages.csv", "island.scene.json", "snapshots.svg"})
    EXPECT_TRUE(files.count(file)) << file;
  EXPECT_FALSE(fs::exists(folder_ / "out/checkpoints"));

  const nlohmann::json run_json = nlohmann::json::parse(files.at("run.json"));
  EXPECT_EQ(run_json.at("recipe").at("seed"), 1);
  EXPECT_EQ(run_json.at("recipe").at("program").get<std::string>().size(), 64u);
  EXPECT_EQ(run_json.at("recipe").at("runs").at(0).at("lattice").at("stack_ratio"), 0.5) << "defaults too";
  EXPECT_EQ(run_json.at("files").size() + 1, files.size()) << "names all it wrote but itself";

  const Table holds = read_csv(folder_ / "out/holds.csv");
  ASSERT_EQ(holds.size(), 3u) << "one hold a run; the ramp is not averaged";
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(holds.number(row, "events"), 2e5);
    EXPECT_NEAR(*holds.number(row, "c_ad"), *holds.number(row, "monomers") / 400.0, 1e-12);
    EXPECT_EQ(holds.number(row, "dh_ground_ev"), holds.number(row, "dh_ev"));
  }
  const Table series = read_csv(folder_ / "out/gas/series.csv");
  EXPECT_EQ(series.number(series.size() - 1, "step"), 1.0);
  EXPECT_NE(files.at("island_1/series.csv"), files.at("island_2/series.csv")) << "repeats differ";
}

TEST_F(KmcCommand, KeepsSnapshotsAsHeightMapsOfAllAtoms) {
  run(config(two_runs), "out");
  const Table maps = read_csv(folder_ / "out/gas/maps.csv");
  const auto heights = open_frames(folder_ / "out/gas/heights.tif");
  ASSERT_EQ(heights->size(), maps.size());
  for (std::size_t i = 0; i < heights->size(); ++i)
    EXPECT_EQ(cv::sum(heights->load(i).pixels)[0], 20.0) << "map " << i;
}

TEST_F(KmcCommand, GivesTheSameFilesForAnyNumberOfThreads) {
  const fs::path file = config(two_runs);
  run(file, "one", 1);
  run(file, "three", 3);
  EXPECT_EQ(results("one"), results("three"));
}

/// Breaks a run off by throwing where it tells of its progress, as a kill would: between two pieces.
class BreakOff : public Progress {
 public:
  explicit BreakOff(int after) : left_(after) {}
  void start(std::string_view, std::size_t) override {}
  void advance(std::size_t) override {
    if (--left_ < 0) throw Error("broken off");
  }
  void warn(const std::string&) override {}

 private:
  int left_;
};

TEST_F(KmcCommand, ContinuesABrokenOffRunBitForBit) {
  const fs::path file = config(R"("lattice": {"side": 20, "atoms": 20, "samples": 256, "snapshots": 8},
    "program": [{"temperature_k": 500, "events": 2e7}], "runs": [{"name": "a"}, {"name": "b"}],
    "output": {"checkpoint_s": 0})");
  run(file, "whole");
  for (const int after : {1, 4, 13}) {  // of ten pieces a run: early, in the middle, in the second run
    const std::string out = "broken" + std::to_string(after);
    BreakOff broken(after);
    EXPECT_THROW(run(file, out, 1, &broken), Error);
    EXPECT_FALSE(fs::exists(folder_ / out / "run.json"));
    EXPECT_TRUE(fs::exists(folder_ / out / "checkpoints/00000.state"));
    run(file, out);
    EXPECT_EQ(results(out), results("whole"));
  }
}

TEST_F(KmcCommand, DoesNotContinueUnderOtherOptions) {
  const std::string rest = R"("lattice": {"side": 20, "atoms": 20, "samples": 256, "snapshots": 8},
    "program": [{"temperature_k": 500, "events": 2e7}], "output": {"checkpoint_s": 0})";
  BreakOff broken(3);
  EXPECT_THROW(run(config(R"("seed": 1, )" + rest), "out", 1, &broken), Error);
  const fs::path other = config(R"("seed": 2, )" + rest);
  run(other, "out");
  run(other, "fresh");
  EXPECT_EQ(results("out"), results("fresh"));
}

/// Keeps what it is warned of.
class Warned : public Progress {
 public:
  std::vector<std::string> warnings;
  void start(std::string_view, std::size_t) override {}
  void advance(std::size_t) override {}
  void warn(const std::string& message) override { warnings.push_back(message); }
};

TEST_F(KmcCommand, GivesTheSameBytesFromShards) {
  const fs::path file = config(two_runs);
  run(file, "whole");
  for (const char* part : {"2/2", "1/2"}) {
    shard_ = part;
    run(file, "parts");
  }
  EXPECT_FALSE(fs::exists(folder_ / "parts/run.json")) << "a shard leaves ends, no results";
  EXPECT_TRUE(fs::exists(folder_ / "parts/checkpoints/shard_1_of_2/00002.state"));
  EXPECT_TRUE(fs::exists(folder_ / "parts/checkpoints/shard_2_of_2/00001.state"));
  EXPECT_FALSE(fs::exists(folder_ / "parts/checkpoints/shard_2_of_2/00002.state")) << "run 3 is of the first";
  shard_.clear();
  run(file, "parts");
  EXPECT_EQ(results("parts"), results("whole"));
}

TEST_F(KmcCommand, TakesOverWhatShardsLeftAndDoesTheRest) {
  const fs::path file = config(two_runs);
  run(file, "whole");
  shard_ = "1/2";
  run(file, "parts");
  // Damaged, so that it says that it looked there; the runs of shard 2 are missing altogether.
  write_text(folder_ / "parts/checkpoints/shard_1_of_2/00002.state", "damaged");
  shard_.clear();
  Warned warned;
  run(file, "parts", 1, &warned);
  EXPECT_THAT(warned.warnings, testing::Contains(HasSubstr("run 3 starts again")));
  EXPECT_THAT(warned.warnings, testing::Not(testing::Contains(HasSubstr("run 1 starts again"))));
  auto parts = results("parts"), whole = results("whole");
  EXPECT_NE(parts.at("run.json"), whole.at("run.json")) << "the damage is told there";
  parts.erase("run.json"), whole.erase("run.json");
  EXPECT_EQ(parts, whole);
}

TEST_F(KmcCommand, SharesTheGridOfAPhaseDiagram) {
  const fs::path file = config(R"("lattice": {"side": 16, "atoms": 12},
    "phase_diagram": {"from_k": 300, "to_k": 700, "temperatures": 3, "from_dh_ev": -0.2, "to_dh_ev": -0.1,
                      "enthalpies": 2, "runs": 2, "events": 2e4})");
  run(file, "whole");
  for (const char* part : {"1/3", "2/3", "3/3"}) {
    shard_ = part;
    run(file, "parts");
  }
  shard_.clear();
  run(file, "parts");
  EXPECT_EQ(results("parts"), results("whole"));
}

TEST_F(KmcCommand, RefusesAShardThatIsNone) {
  for (const char* part : {"0/2", "3/2", "1", "1/2x", "-1/2"}) {
    shard_ = part;
    EXPECT_THAT(refusal(two_runs), HasSubstr("--shard")) << part;
  }
}

TEST_F(KmcCommand, LeavesAFinishedRunAndReplacesAnotherOne) {
  const fs::path file = config(two_runs);
  const std::string told = run(file, "out");
  const auto written = fs::last_write_time(folder_ / "out/holds.csv");
  EXPECT_EQ(run(file, "out"), told);
  EXPECT_EQ(fs::last_write_time(folder_ / "out/holds.csv"), written) << "not done again";
  write_text(folder_ / "out/notes.txt", "mine");
  run(config(R"("lattice": {"side": 20, "atoms": 20}, "program": [{"temperature_k": 500, "events": 1e4}])"),
      "out");
  EXPECT_TRUE(fs::exists(folder_ / "out/series.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "out/gas/series.csv")) << "of the run before";
  EXPECT_EQ(read_bytes(folder_ / "out/notes.txt"), "mine");
}

TEST_F(KmcCommand, StartsFromTheStateThatAnotherRunLeft) {
  run(config(R"("lattice": {"side": 24, "atoms": 30}, "program": [{"temperature_k": 300, "events": 1e5}])"),
      "first");
  run(config(
          R"("start_state": {"file": "first/final.tif"}, "program": [{"temperature_k": 300, "events": 1e4}])"),
      "second");
  const Table holds = read_csv(folder_ / "second/holds.csv");
  EXPECT_EQ(holds.number(0, "side"), 24.0);
  EXPECT_EQ(holds.number(0, "atoms"), 30.0);
  const cv::Mat1i last = read_height_map(folder_ / "first/final.tif", std::nullopt);
  const cv::Mat1i first = read_height_map(folder_ / "second/heights.tif", 0);
  EXPECT_EQ(cv::norm(last, first, cv::NORM_INF), 0.0);
}

TEST_F(KmcCommand, VariesOptionsOverLists) {
  run(config(R"("lattice": {"side": 20, "samples": 64}, "program": [{"temperature_k": 500, "events": 1e4}],
    "runs": [{"name": "r", "repeat": 2, "vary": {"atoms": [10, 20], "temperature_k": [300, 400, 500]}}],
    "output": {"pictures": false, "film": false})"),
      "out");
  const Table holds = read_csv(folder_ / "out/holds.csv");
  ASSERT_EQ(holds.size(), 12u);
  EXPECT_EQ(holds.text(0, "run"), "r_10atoms_300K_1");
  EXPECT_EQ(holds.text(11, "run"), "r_20atoms_500K_2");
  EXPECT_EQ(holds.number(11, "temperature_k"), 500.0);
  const Table averages = read_csv(folder_ / "out/averages.csv");
  ASSERT_EQ(averages.size(), 6u);
  EXPECT_NEAR(*averages.number(0, "monomers"),
              (*holds.number(0, "monomers") + *holds.number(1, "monomers")) / 2.0, 1e-9);
}

TEST_F(KmcCommand, PutsTheFormulasBesideThePhaseDiagram) {
  run(config(R"("lattice": {"side": 40, "atoms": 50},
    "phase_diagram": {"from_k": 350, "to_k": 500, "temperatures": 4, "from_dh_ev": -0.16, "to_dh_ev": -0.32,
                      "enthalpies": 2, "events": 1e6})"),
      "out", 2);
  const Table transitions = read_csv(folder_ / "out/transitions.csv");
  ASSERT_EQ(transitions.size(), 2u);
  // THEORY: c* = 50/1600 at 762.8 K, DeltaG(50) = 0 at 572.1 K; both proportional to dh.
  EXPECT_NEAR(*transitions.number(0, "c_star_k"), 762.8, 0.1);
  EXPECT_NEAR(*transitions.number(0, "delta_g_zero_k"), 572.1, 0.1);
  EXPECT_NEAR(*transitions.number(1, "c_star_k"), 2 * 762.8, 0.2);
  EXPECT_NEAR(*transitions.number(0, "transition_k"), 420.0, 25.0) << "1e6 hops: a few correlation times";
  EXPECT_FALSE(transitions.number(1, "transition_k")) << "beyond the grid";
  EXPECT_EQ(read_csv(folder_ / "out/points.csv").size(), 8u);
  EXPECT_TRUE(fs::exists(folder_ / "out/phase_diagram.svg"));
}

// The three cases of the paper, short: dispersed, sintered, sintered.
TEST_F(KmcCommand, ShowsTheThreeCasesOfThePaper) {
  overrides_.events = 2e6;
  run(source_dir / "pipelines/figure2.json", "out", 2);
  const Table holds = read_csv(folder_ / "out/holds.csv");
  ASSERT_EQ(holds.size(), 3u);
  EXPECT_LT(*holds.number(0, "largest_atoms"), 10.0);
  EXPECT_GT(*holds.number(1, "largest_atoms"), 45.0);
  EXPECT_GT(*holds.number(2, "largest_atoms"), 45.0);
  EXPECT_NEAR(*holds.number(0, "c_star"), 0.032, 0.0005);
  EXPECT_NEAR(*holds.number(1, "c_star"), 2.1e-5, 5e-7);
  EXPECT_NEAR(*holds.number(2, "c_star"), 7.5e-4, 5e-6);
  EXPECT_TRUE(fs::exists(folder_ / "out/snapshots.svg"));
}

TEST_F(KmcCommand, EveryCommittedFileIsRead) {
  int read = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(source_dir / "pipelines"))
    if (read_json_file(entry.path()).value("schema", "") == kmc_schema) {
      EXPECT_NO_THROW(read_kmc_config(entry.path())) << entry.path();
      ++read;
    }
  EXPECT_GE(read, 3);
}

TEST_F(KmcCommand, ReadsItsOwnDefaultFile) {
  const KmcConfig defaults = read_kmc_config(write_text(folder_ / "default.json", default_kmc_text()));
  ASSERT_EQ(defaults.runs.size(), 1u);
  EXPECT_EQ(defaults.runs[0].run.program.size(), 3u);
  EXPECT_EQ(defaults.lattice.dh_eV, KmcOptions().dh_eV);
  EXPECT_THAT(describe_kmc_options(), AllOf(HasSubstr("stack_ratio"), HasSubstr("checkpoint_s")));
}

TEST_F(KmcCommand, RefusesAWrongLatticeByName) {
  const std::string program = R"(, "program": [{"temperature_k": 773, "events": 1e5}])";
  const auto lattice = [&](const std::string& fields) {
    return refusal("\"lattice\": {" + fields + "}" + program);
  };
  EXPECT_THAT(lattice(R"("side": 2)"), AllOf(HasSubstr("run.json"), HasSubstr("'side' is 2")));
  EXPECT_THAT(lattice(R"("atoms": 0)"), HasSubstr("'atoms' is 0"));
  EXPECT_THAT(lattice(R"("side": 10, "atoms": 100, "flat": true)"), HasSubstr("fewer than 100"));
  EXPECT_THAT(lattice(R"("side": 4, "atoms": 5000, "start": "particle")"), HasSubstr("does not fit"));
  EXPECT_THAT(lattice(R"("dh_ev": 0.16)"), HasSubstr("'dh_ev' is 0.16"));
  EXPECT_THAT(lattice(R"("atoms": 1)"), HasSubstr("needs 2 atoms"));
  EXPECT_THAT(lattice(R"("atms": 5)"), AllOf(HasSubstr("'atms'"), HasSubstr("'atoms'")));
  EXPECT_THAT(lattice(R"("side": "big")"), HasSubstr("lattice.side is \"big\""));
}

TEST_F(KmcCommand, RefusesAWrongProgramByName) {
  EXPECT_THAT(refusal(R"("seed": 1)"), HasSubstr("program is missing"));
  EXPECT_THAT(refusal(R"("program": [])"), HasSubstr("at least one step"));
  EXPECT_THAT(refusal(R"("program": [{"temperature_k": 0, "events": 1e5}])"),
              HasSubstr("program[0].temperature_k is 0"));
  EXPECT_THAT(refusal(R"("program": [{"temperature_c": -280, "events": 1e5}])"),
              HasSubstr("temperature_c is -280"));
  EXPECT_THAT(refusal(R"("program": [{"temperature_k": 300}])"), HasSubstr("has no end"));
  EXPECT_THAT(refusal(R"("program": [{"temprature_k": 300, "events": 1}])"), HasSubstr("'temperature_k'"));
  EXPECT_THAT(refusal(R"("program": [{"temperature_k": 300, "temperature_c": 27, "events": 1}])"),
              HasSubstr("not both"));
  EXPECT_THAT(refusal(R"("program": [{"from_k": 300, "events": 1}])"), HasSubstr("from_k and to_k"));
}

TEST_F(KmcCommand, RefusesOtherMistakesByName) {
  const std::string program = R"("program": [{"temperature_k": 773, "events": 1e5}], )";
  EXPECT_THAT(refusal(program + R"("seed": -1)"), HasSubstr("18446744073709551615"));
  EXPECT_THAT(refusal(program + R"("seed": 18446744073709551616)"), HasSubstr("seed is"));
  EXPECT_THAT(refusal(program + R"("seed": 1e400)"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal(program + R"("runs": [])"), HasSubstr("at least one run"));
  EXPECT_THAT(refusal(program + R"("runs": [{"name": "a"}, {"name": "a"}])"),
              HasSubstr("two runs are called 'a'"));
  EXPECT_THAT(refusal(program + R"("runs": [{"name": "../a"}])"), HasSubstr("it names a folder"));
  EXPECT_THAT(refusal(program + R"("repeat": 0)"), HasSubstr("repeat is 0"));
  EXPECT_THAT(refusal(program + R"("vary": {"dh_ev": [-0.1, 0.2]})"), HasSubstr("vary.dh_ev"));
  EXPECT_THAT(refusal(program + R"("microscope": {"sample": {"particle": "PdX"}})"),
              HasSubstr("did you mean 'Pd'"));
  EXPECT_THAT(refusal(program + R"("phase_diagram": {})"), HasSubstr("makes its own runs"));
  EXPECT_THAT(refusal(R"("phase_diagram": {"from_k": 500, "to_k": 400})"), HasSubstr("must be below 'to_k'"));
  EXPECT_THROW(run(config(program + R"("start_state": {"file": "nowhere.tif"})"), "out"), Error);
  overrides_.events = 0.0;
  EXPECT_THAT(refusal(program + R"("seed": 1)"), HasSubstr("--events is 0"));
}

TEST_F(KmcCommand, TakesEverySeed) {
  const auto final_state = [&](const std::string& seed) {
    const std::string out = "seed" + seed;
    run(config("\"seed\": " + seed + R"(, "lattice": {"side": 20, "atoms": 20},
        "program": [{"temperature_k": 773, "events": 1e4}], "output": {"pictures": false, "film": false})"),
        out);
    return read_bytes(folder_ / out / "final.tif");
  };
  EXPECT_NE(final_state("0"), final_state("18446744073709551615"));
}

TEST_F(KmcCommand, SaysWhereItCannotWrite) {
  write_text(folder_ / "file", "");
  try {
    run(config(two_runs), "file/out");
    ADD_FAILURE() << "wrote into a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Error::Kind::failed);
    EXPECT_THAT(error.what(), HasSubstr("cannot be made"));
  }
}

}  // namespace
}  // namespace sinterscope
