// SPDX-License-Identifier: GPL-3.0-or-later
// Bad input must be answered with file, field, value and what to do, and must leave nothing half-written.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/fit_table.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadInput : public testing::Test {
 protected:
  std::string pipeline(const std::string& frames, const std::string& extra = "") {
    return write_text(folder_ / "p.json",
                      R"j({"schema": "sinterscope/pipeline/1", "name": "t", )j"
                      R"j("sample": {"particle": "PdO", "support": "CeO2(100)"}, "frames": [)j" +
                          frames + "]" + extra + "}")
        .string();
  }

  /// The message of the error that running the pipeline throws; the output folder must hold no result.
  std::string message(const std::string& file, Error::Kind kind) {
    NoProgress progress;
    RunOptions options;
    options.out = folder_ / "out";
    try {
      run_pipeline(file, options, progress);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      for (const char* name : {"run.json", "particles.csv", "fit.json", "report.html"})
        EXPECT_FALSE(std::filesystem::exists(folder_ / "out" / name)) << name;
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }

  TemporaryFolder folder_;
};

TEST_F(BadInput, MissingPipelineFile) {
  EXPECT_THAT(message((folder_ / "nowhere.json").string(), Error::Kind::usage), HasSubstr("nowhere.json"));
}

TEST_F(BadInput, NotJson) {
  EXPECT_THAT(message(write_text(folder_ / "p.json", "{\"schema\": ").string(), Error::Kind::usage),
              AllOf(HasSubstr("p.json"), HasSubstr("not valid JSON")));
}

TEST_F(BadInput, MissingImageFile) {
  EXPECT_THAT(message(pipeline(R"j({"file": "gone.tif"})j"), Error::Kind::failed),
              AllOf(HasSubstr("frames[0]"), HasSubstr("gone.tif")));
}

TEST_F(BadInput, TruncatedTiff) {
  write_stack(folder_ / "cut.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(100)),
                                    cv::Mat1w(64, 64, static_cast<std::uint16_t>(90))});
  const std::string whole = read_bytes(folder_ / "cut.tif");
  write_text(folder_ / "cut.tif", whole.substr(0, whole.size() / 3));
  EXPECT_THAT(message(pipeline(R"j({"file": "cut.tif"})j"), Error::Kind::failed), HasSubstr("cut.tif"));
}

TEST_F(BadInput, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(message(pipeline(R"j({"file": "a.tif", "temprature_c": 500})j"), Error::Kind::usage),
              AllOf(HasSubstr("frames[0]"), HasSubstr("temprature_c"), HasSubstr("temperature_c")));
  EXPECT_THAT(message(pipeline(R"j({"file": "a.tif"})j", R"j(, "acquisition": {"pixelsize_nm": 1})j"),
                      Error::Kind::usage),
              AllOf(HasSubstr("acquisition"), HasSubstr("pixelsize_nm"), HasSubstr("pixel_size_nm")));
}

TEST_F(BadInput, UnknownStageAndOptionNameTheNearest) {
  EXPECT_THAT(
      message(pipeline(R"j({"file": "a.tif"})j", R"j(, "stages": {"detekt": {}})j"), Error::Kind::usage),
      AllOf(HasSubstr("detekt"), HasSubstr("'detect'")));
  EXPECT_THAT(
      message(pipeline(R"j({"file": "a.tif"})j", R"j(, "stages": {"detect": {"false_per_fram": 1}})j"),
              Error::Kind::usage),
      AllOf(HasSubstr("stages.detect"), HasSubstr("false_per_frame")));
  EXPECT_THAT(
      message(pipeline(R"j({"file": "a.tif"})j", R"j(, "stages": {"detect": {"false_per_frame": -2}})j"),
              Error::Kind::usage),
      AllOf(HasSubstr("false_per_frame"), HasSubstr("-2")));
}

TEST_F(BadInput, UnknownMaterialNamesTheNearest) {
  const std::string file = write_text(folder_ / "p.json", R"j({"schema": "sinterscope/pipeline/1",
    "sample": {"particle": "PbO", "support": "CeO2(100)"}, "frames": [{"file": "a.tif"}]})j")
                               .string();
  EXPECT_THAT(message(file, Error::Kind::usage),
              AllOf(HasSubstr("sample"), HasSubstr("PbO"), HasSubstr("PdO")));
}

TEST_F(BadInput, NoFrames) {
  EXPECT_THAT(message(pipeline(""), Error::Kind::usage), AllOf(HasSubstr("frames"), HasSubstr("empty")));
}

TEST_F(BadInput, FramesOfDifferentSizeInOneRegion) {
  write_stack(folder_ / "a.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(100))});
  write_stack(folder_ / "b.tif", {cv::Mat1w(64, 48, static_cast<std::uint16_t>(100))});
  EXPECT_THAT(message(pipeline(R"j({"file": "a.tif"}, {"file": "b.tif"})j"), Error::Kind::failed),
              AllOf(HasSubstr("b.tif"), HasSubstr("48 x 64"), HasSubstr("64 x 64"), HasSubstr("region")));
}

TEST_F(BadInput, PixelSizesThatDisagreeWithinARegion) {
  write_stack(folder_ / "a.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(100))}, 0.2);
  write_stack(folder_ / "b.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(100))}, 0.3);
  EXPECT_THAT(message(pipeline(R"j({"file": "a.tif"}, {"file": "b.tif"})j"), Error::Kind::failed),
              AllOf(HasSubstr("b.tif"), HasSubstr("0.3"), HasSubstr("0.2")));
}

TEST_F(BadInput, NaNPixels) {
  cv::Mat1f frame(64, 64, 100.0F);
  frame(5, 7) = std::numeric_limits<float>::quiet_NaN();
  write_stack(folder_ / "nan.tif", {frame});
  EXPECT_THAT(message(pipeline(R"j({"file": "nan.tif"})j"), Error::Kind::failed),
              AllOf(HasSubstr("nan.tif"), HasSubstr("7"), HasSubstr("5")));
}

TEST_F(BadInput, EntriesOutOfTimeOrder) {
  write_stack(folder_ / "a.tif", {cv::Mat1w(64, 64, static_cast<std::uint16_t>(100))});
  EXPECT_THAT(message(pipeline(R"j({"file": "a.tif", "start_s": 100}, {"file": "a.tif", "start_s": 5})j"),
                      Error::Kind::failed),
              AllOf(HasSubstr("frames[1]"), HasSubstr("time order")));
}

TEST_F(BadInput, TablesOfHoldsThatCannotBe) {
  const auto fit = [this](const std::string& rows) {
    FitTableRequest request;
    request.inventory = write_text(folder_ / "holds.csv",
                                   "hold,temperature_c,support_area_nm2,particles,diameter_mean_nm\n" + rows);
    request.out = folder_ / "out";
    try {
      fit_table(request);
    } catch (const Error& error) {
      EXPECT_FALSE(std::filesystem::exists(folder_ / "out" / "fit.json"));
      return std::string(error.what());
    }
    ADD_FAILURE() << "nothing was thrown for " << rows;
    return std::string();
  };
  EXPECT_THAT(fit("0,200,4000,-3,2\n"), AllOf(HasSubstr("holds.csv"), HasSubstr("row 1"), HasSubstr("-3")));
  EXPECT_THAT(fit("0,200,0,3,2\n"), HasSubstr("area"));
  EXPECT_THAT(fit("0,200,4000,3,2\n0,500,4000,0,\n"), HasSubstr("hold"));
  EXPECT_THAT(fit("0,warm,4000,3,2\n"), AllOf(HasSubstr("temperature_c"), HasSubstr("warm")));
}

TEST_F(BadInput, ScenesThatCannotBePainted) {
  NoProgress progress;
  const auto file =
      write_text(folder_ / "s.json", R"j({"schema": "sinterscope/scene/1", "sample": {"particle": "PdO",
    "support": "CeO2(100)"}, "optics": {"dose_count": 60}, "programme": [{"frames": 1}]})j");
  try {
    simulate_experiment(file, folder_ / "out", 1, progress);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("optics"), HasSubstr("dose_count"), HasSubstr("dose_counts")));
  }
}

}  // namespace
}  // namespace sinterscope
