// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way on the sample data and on small experiments of its own: truth recovered, nothing seen is
// data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"
#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/describe_stages.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;
const fs::path source_dir = SINTERSCOPE_SOURCE_DIR;

double end_of(const nlohmann::json& quantity, int which, double open) {
  const nlohmann::json& end = quantity.at("interval95").at(static_cast<std::size_t>(which));
  return end.is_number() ? end.get<double>() : open;
}

TEST(SampleData, IsWhatItsScenesAndManifestSay) {
  NoProgress progress;
  const fs::path samples = source_dir / "sample_data";
  const nlohmann::json manifest = read_json_file(samples / "manifest.json");
  std::map<std::string, int> compared;
  for (const auto& [sample, entry] : manifest.items()) {
    TemporaryFolder folder;
    simulate_experiment(samples / entry.at("scene").get<std::string>(), folder.path(), 2, progress);
    for (const auto& [name, hash] : entry.at("sha256").items()) {
      EXPECT_EQ(sha256_of_file(samples / sample / name), hash.get<std::string>()) << sample << name;
      EXPECT_TRUE(read_bytes(samples / sample / name) == read_bytes(folder / name)) << sample << name;
      ++compared[sample];
    }
  }
  // Frames, pipeline.json, truth.csv and truth.json of each; every scene has its sample.
  EXPECT_EQ(compared["pd_ceo2_cycle"], 13);
  EXPECT_EQ(compared["pd_ceo2_10wt"], 35);
  for (const auto& scene : fs::directory_iterator(samples / "scenes"))
    EXPECT_GE(compared[scene.path().stem().string()], 7) << scene.path();
}

TEST(SampleData, IsAnalysedByAPipelineOfItsName) {
  const nlohmann::json manifest = read_json_file(source_dir / "sample_data/manifest.json");
  for (const auto& [sample, entry] : manifest.items()) {
    nlohmann::json expected = read_json_file(source_dir / "sample_data" / sample / "pipeline.json");
    for (nlohmann::json& frames : expected.at("frames"))
      frames["file"] = "../sample_data/" + sample + "/" + frames.at("file").get<std::string>();
    EXPECT_EQ(read_json_file(source_dir / "pipelines" / (sample + ".json")), expected) << sample;
  }
}

TEST(SampleData, GivesBackTheTruthOfTheCycle) {
  TemporaryFolder folder;
  NoProgress progress;
  RunOptions options;
  options.out = folder / "out";
  ASSERT_TRUE(run_pipeline(source_dir / "pipelines/pd_ceo2_cycle.json", options, progress));
  const nlohmann::json truth = read_json_file(source_dir / "sample_data/pd_ceo2_cycle/truth.json");
  const nlohmann::json fit = read_json_file(folder / "out/fit.json");
  const Table holds = read_csv(folder / "out/holds.csv");
  ASSERT_EQ(holds.size(), truth.at("steps").size());
  for (std::size_t row = 0; row < holds.size(); ++row) {
    for (const nlohmann::json& step : truth.at("steps")) {
      if (step.at("region") != holds.text(row, "region") || step.at("hold") != *holds.number(row, "hold"))
        continue;
      const double painted = step.at("particles_in_view").get<double>();
      if (painted == 0.0) {
        EXPECT_EQ(*holds.number(row, "particles_per_frame"), 0.0) << "hold " << row;  // none in the hot ones
        EXPECT_GT(*holds.number(row, "c_np_upper95"), 0.0);
        continue;
      }
      EXPECT_GT(*holds.number(row, "particles_per_frame"), 0.5 * painted) << "hold " << row;
      EXPECT_NEAR(*holds.number(row, "diameter_mean_nm") / step.at("diameter_mean_nm").get<double>(), 1.0,
                  0.05)
          << "hold " << row;
    }
  }
  EXPECT_LE(end_of(fit.at("dh_ev"), 0, -10.0), truth.at("dh_ev").get<double>());
  EXPECT_GE(end_of(fit.at("dh_ev"), 1, 10.0), truth.at("dh_ev").get<double>());
  EXPECT_LE(end_of(fit.at("c_ad"), 0, 0.0), truth.at("c_ad").get<double>());
  EXPECT_GE(end_of(fit.at("c_ad"), 1, 1.0), truth.at("c_ad").get<double>());
  EXPECT_EQ(fit.at("preferred"), "entropy");
  for (const nlohmann::json& hold : fit.at("holds")) EXPECT_TRUE(hold.at("agrees").get<bool>());
  // What INTERFACE calls the outputs is there, and the label stacks open with the frames' scale.
  for (const char* name : {"particles.csv", "tracks.csv", "events.csv", "report.html", "run.json"})
    EXPECT_TRUE(fs::exists(folder / "out" / name)) << name;
  const auto labels = open_frames(folder / "out/labels_cube-1.tif");
  EXPECT_EQ(labels->size(), 15U);
  EXPECT_NEAR(*labels->description().calibration.pixel_size_nm(), 0.2, 1e-6);
  EXPECT_FALSE(run_pipeline(source_dir / "pipelines/pd_ceo2_cycle.json", options, progress))
      << "the second run has nothing to do";
}

TEST(Run, GivesTheSameFilesForAnyNumberOfThreads) {
  TemporaryFolder folder;
  NoProgress progress;
  simulate_experiment(small_scene(folder), folder / "data", 1, progress);
  for (const int threads : {1, 3}) {
    RunOptions options;
    options.out = folder / ("out" + std::to_string(threads));
    options.threads = threads;
    run_pipeline(folder / "data/pipeline.json", options, progress);
  }
  for (const char* name :
       {"particles.csv", "tracks.csv", "events.csv", "holds.csv", "fit.json", "labels.tif", "report.html"})
    EXPECT_TRUE(read_bytes(folder / "out1" / name) == read_bytes(folder / "out3" / name)) << name;
}

TEST(Run, ShowsWhatTheImagingStagesSawOnRequest) {
  TemporaryFolder folder;
  NoProgress progress;
  simulate_experiment(small_scene(folder), folder / "data", 1, progress);
  nlohmann::json pipeline = read_json_file(folder / "data/pipeline.json");
  pipeline["check_images"] = true;
  pipeline["stages"]["denoise"]["method"] = "hold_average";
  RunOptions options;
  options.out = folder / "out";
  ASSERT_TRUE(run_pipeline(write_text(folder / "data/checked.json", pipeline.dump()), options, progress));
  const nlohmann::json run = read_json_file(folder / "out/run.json");
  ASSERT_FALSE(run.at("regions").empty());
  for (const auto& [region, seen] : run.at("regions").items()) {
    EXPECT_GT(seen.at("noise").at("gain").get<double>(), 0.0);
    EXPECT_GE(seen.at("support").at("oxide_px").get<double>(),
              seen.at("support").at("area_px").get<double>());
    EXPECT_EQ(seen.at("drift").at("unreliable_frames").get<int>(), 0);
    EXPECT_FALSE(seen.at("scan_lines").at("row_noise_removed").get<bool>());
    for (const char* file : {"noise.png", "drift.png", "drift.csv", "support.png", "hold_0_raw.png",
                             "hold_0_clean.png", "hold_0_background.png"})
      EXPECT_GT(fs::file_size(folder / "out/check" / (region + "_" + file)), 100U) << region << file;
  }
}

TEST(Run, FlagsClippedParticlesAndSaysThatPixelsAreClipped) {
  TemporaryFolder folder;
  NoProgress progress;
  Rng rng(5);
  std::vector<cv::Mat> frames;
  for (int k = 0; k < 2; ++k) {
    cv::Mat1b frame(128, 128);
    for (int y = 0; y < 128; ++y)
      for (int x = 0; x < 128; ++x) {
        const bool particle = std::hypot(x % 64 - 32, y % 64 - 32) < 9.0;
        frame(y, x) = cv::saturate_cast<uchar>(static_cast<double>(rng.poisson(particle ? 400.0 : 60.0)));
      }
    frames.push_back(frame);
  }
  write_stack(folder / "clipped.tif", frames);
  const auto pipeline = write_text(folder / "p.json", R"j({"schema": "sinterscope/pipeline/1",
    "acquisition": {"pixel_size_nm": 0.2}, "frames": [{"file": "clipped.tif"}],
    "stages": {"support": {"method": "none"}}})j");
  RunOptions options;
  options.out = folder / "out";
  ASSERT_TRUE(run_pipeline(pipeline, options, progress));
  const nlohmann::json run = read_json_file(folder / "out/run.json");
  EXPECT_EQ(run.at("regions").at("1").at("noise").at("saturation").get<double>(), 255.0);
  // Four disks of radius 9 in each 128 x 128 px: 6.2 % of the pixels.
  EXPECT_NEAR(run.at("regions").at("1").at("noise").at("clipped_share").get<double>(), 0.062, 0.006);
  EXPECT_THAT(run.at("warnings").dump(), ::testing::HasSubstr("clipped"));
  const Table particles = read_csv(folder / "out/particles.csv");
  ASSERT_GT(particles.size(), 0U);
  for (std::size_t row = 0; row < particles.size(); ++row)
    EXPECT_THAT(particles.text(row, "flags"), ::testing::HasSubstr("saturated")) << row;
}

TEST(Run, CarriesFramesWithoutAnyParticleThroughEveryStage) {
  TemporaryFolder folder;
  NoProgress progress;
  Rng rng(4);
  std::vector<cv::Mat> frames;
  for (int k = 0; k < 3; ++k) {
    cv::Mat1w frame(128, 128);
    for (std::uint16_t& pixel : frame) pixel = static_cast<std::uint16_t>(rng.poisson(60.0));
    frames.push_back(frame);
  }
  write_stack(folder / "empty.tif", frames);
  const auto pipeline = write_text(folder / "p.json", R"j({"schema": "sinterscope/pipeline/1",
    "sample": {"particle": "PdO", "support": "CeO2(100)"}, "frames": [{"file": "empty.tif", "temperature_c": 500}]})j");
  RunOptions options;
  options.out = folder / "out";
  ASSERT_TRUE(run_pipeline(pipeline, options, progress));
  EXPECT_EQ(read_csv(folder / "out/particles.csv").size(), 0U);
  const Table holds = read_csv(folder / "out/holds.csv");
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_GT(*holds.number(0, "c_np_upper95"), 0.0);
  EXPECT_TRUE(read_json_file(folder / "out/fit.json").at("dh_ev").at("estimate").is_null());
}

TEST(Run, AnalysesAnUncalibratedImageInPixelsAndMakesNoFit) {
  TemporaryFolder folder;
  NoProgress progress;
  simulate_experiment(small_scene(folder), folder / "data", 1, progress);
  const auto source = open_frames(folder / "data/00_200C.tif");
  std::vector<cv::Mat> frames = {source->load_native(0)};
  write_stack(folder / "plain.tif", frames, 0.0);
  const auto pipeline = write_text(folder / "p.json", R"j({"schema": "sinterscope/pipeline/1",
    "sample": {"particle": "PdO", "support": "CeO2(100)"}, "frames": [{"file": "plain.tif"}]})j");
  RunOptions options;
  options.out = folder / "out";
  ASSERT_TRUE(run_pipeline(pipeline, options, progress));
  const Table particles = read_csv(folder / "out/particles.csv");
  ASSERT_GT(particles.size(), 0U);
  EXPECT_FALSE(particles.number(0, "diameter_nm"));
  EXPECT_GT(*particles.number(0, "diameter_px"), 0.0);
  EXPECT_EQ(read_json_file(folder / "out/fit.json").at("messages").at(0).at("code"), "not_fitted");
}

TEST(Run, RefusesADirectoryThatAnotherRunIsWriting) {
  TemporaryFolder folder;
  NoProgress outer;
  simulate_experiment(small_scene(folder), folder / "data", 1, outer);
  /// Starts a second run on the same directory when the first begins to work.
  class Intruder : public NoProgress {
   public:
    explicit Intruder(const TemporaryFolder& place) : place_(place) {}
    void start(std::string_view task, std::size_t) override {
      if (task != "noise") return;
      RunOptions options;
      options.out = place_ / "out";
      NoProgress silent;
      try {
        run_pipeline(place_ / "data/pipeline.json", options, silent);
      } catch (const Error& error) {
        message = error.what();
      }
    }
    std::string message;

   private:
    const TemporaryFolder& place_;
  };
  Intruder intruder(folder);
  RunOptions options;
  options.out = folder / "out";
  EXPECT_TRUE(run_pipeline(folder / "data/pipeline.json", options, intruder));
  EXPECT_THAT(intruder.message, testing::HasSubstr("another run"));
}

TEST(Stages, DumpADefaultPipelineThatReadsBack) {
  TemporaryFolder folder;
  write_stack(folder / "00_200C.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(50))});
  const auto file = write_text(folder / "p.json", default_pipeline_text());
  NoProgress progress;
  RunOptions options;
  options.out = folder / "out";
  EXPECT_NO_THROW(run_pipeline(file, options, progress));
  EXPECT_THAT(describe_stages("detect"), testing::HasSubstr("false_per_frame"));
  EXPECT_THROW(describe_stages("detec"), Error);
}

}  // namespace
}  // namespace sinterscope
