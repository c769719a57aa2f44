// SPDX-License-Identifier: GPL-3.0-or-later
// The command xps as people use it, and its fractions in the entropy fit.

#include "sinterscope/pipeline/xps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folders.h"
#include "inference/simulated_spectra.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/spectrum_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/fit_table.h"
#include "sinterscope/pipeline/json_reader.h"

namespace sinterscope {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path source_dir = SINTERSCOPE_SOURCE_DIR;

nlohmann::json analyse_sample(const fs::path& out) {
  analyse_spectra({source_dir / "pipelines/pd_ceo2_xps.json", out});
  return read_json_file(out / "xps.json");
}

TEST(XpsSample, IsWhatTheSimulatorMakes) {
  Rng rng = Rng(2204).stream("xps sample");
  simulated::SpectraTruth truth;
  truth.fractions = {0.96, 0.76, 0.96};
  for (const Spectrum& spectrum : simulated::simulate_spectra(truth, rng)) {
    const Spectrum file = read_spectrum(source_dir / "sample_data/pd_ceo2_xps" / (spectrum.name + ".csv"));
    EXPECT_EQ(file.counts, spectrum.counts) << spectrum.name;
  }
}

TEST(XpsCommand, WritesWhatItFound) {
  const TemporaryFolder folder;
  const nlohmann::json json = analyse_sample(folder / "out");
  EXPECT_EQ(json["schema"], "sinterscope/xps-result/1");
  const double truth[] = {0.96, 0.76, 0.96};
  for (std::size_t i = 0; i < 3; ++i) {
    const nlohmann::json& fraction = json["spectra"][i]["interfacial_fraction"];
    EXPECT_NEAR(fraction["estimate"].get<double>(), truth[i], 0.06);  // four s.d. of 1.5 points
    EXPECT_LT(fraction["interval95"][0].get<double>(), fraction["interval95"][1].get<double>());
  }
  EXPECT_EQ(json["changes"].size(), 3U);
  EXPECT_LT(json["changes"][0]["change"]["interval95"][1].get<double>(), 0.0);
  EXPECT_GT(json["changes"][1]["change"]["interval95"][0].get<double>(), 0.0);
  EXPECT_EQ(json["inputs"][2]["file"], "2_500C.csv");
  EXPECT_EQ(read_csv(folder / "out/xps_fractions.csv").size(), 3U);
  const Table curves = read_csv(folder / "out/xps_curves.csv");
  EXPECT_EQ(curves.size(), 3U * 161U);
  EXPECT_NEAR(curves.number(200, "fit").value(),
              curves.number(200, "background").value() + curves.number(200, "particles").value() +
                  curves.number(200, "interfacial").value(),
              1e-6);
  for (const char* figure : {"xps_fractions.svg", "xps_spectrum_0.svg", "xps_spectrum_2.svg"})
    EXPECT_TRUE(fs::exists(folder / "out" / figure)) << figure;
}

TEST(XpsCommand, NamesWhatIsWrongInItsFile) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) -> std::string {
    try {
      analyse_spectra({write_text(folder / "s.json", text), folder / "out"});
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  };
  EXPECT_THAT(refusal(R"({"schema": "sinterscope/xps/2"})"),
              HasSubstr("this program reads \"sinterscope/xps/1\""));
  EXPECT_THAT(refusal(R"({"schema": "sinterscope/xps/1"})"), HasSubstr("one spectrum at least"));
  EXPECT_THAT(refusal(R"({"schema": "sinterscope/xps/1", "spectra": [{"file": "nowhere.csv"}]})"),
              HasSubstr("nowhere.csv: cannot be opened"));
  EXPECT_THAT(
      refusal(R"({"schema": "sinterscope/xps/1", "spectra": [{"file": "a.csv", "temperatur_c": 5}]})"),
      HasSubstr("did you mean 'temperature_c'"));
  EXPECT_THAT(refusal(R"({"schema": "sinterscope/xps/1", "options": {"fwhm_ev": 50}})"),
              HasSubstr("'fwhm_ev' is 50"));
  const std::string file = (source_dir / "sample_data/pd_ceo2_xps/0_500C.csv").string();
  EXPECT_THAT(refusal(R"({"schema": "sinterscope/xps/1", "spectra": [{"file": ")" + file +
                      R"("}, {"file": ")" + file + R"("}]})"),
              HasSubstr("a second spectrum is called '0_500C'"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(XpsCommand, GivesItsFractionsToTheEntropyFit) {
  const TemporaryFolder folder;
  analyse_sample(folder / "xps");
  FitTableRequest request;
  request.inventory =
      write_text(folder / "holds.csv",
                 "hold,temperature_c,support_area_nm2,particles,diameter_mean_nm,diameter_sd_nm\n"
                 "0,500,40000,0,,\n1,200,40000,40,2.05,0.3\n2,500,40000,0,,\n");
  request.out = folder / "fit";
  request.xps = folder / "xps/xps.json";
  EXPECT_THAT(fit_table(request), HasSubstr("dh without the spectra"));
  const nlohmann::json json = read_json_file(folder / "fit/fit.json");
  EXPECT_EQ(json["xps"]["shares"].size(), 3U);
  EXPECT_NEAR(json["xps"]["shares"][1]["temperature_k"].get<double>(), 573.15, 1e-9);
  EXPECT_EQ(json["xps"]["with"]["dh_ev"], json["dh_ev"]);
  const auto width = [&](const char* which) {
    const nlohmann::json& interval = json["xps"][which]["dh_ev"]["interval95"];
    return interval[1].get<double>() - interval[0].get<double>();
  };
  EXPECT_LT(width("with"), 0.8 * width("without"));
  request.xps = folder / "fit/fit.json";
  EXPECT_THROW(fit_table(request), Error);
}

}  // namespace
}  // namespace sinterscope
