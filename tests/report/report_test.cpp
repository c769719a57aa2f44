// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "report/made_up_experiment.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string attack = "</script><script>alert(1)</script>";

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST(Report, TellsTheVerdictInWords) {
  const std::string html = report_html(made_up::experiment());
  EXPECT_THAT(html, HasSubstr("dh = -0.160 eV (95 %: -0.211 to -0.117 eV)"));
  EXPECT_THAT(html, HasSubstr("500 °C: redisperses as predicted: c_ad 0.021 &lt; c* 0.032"));
  EXPECT_THAT(html, HasSubstr("200 °C: forms particles as predicted: c_ad 0.021 &gt; c* 0.0072"));
}

TEST(Report, HoldsEveryNumberOfTheInventory) {
  const std::string html = report_html(made_up::experiment());
  for (const char* number :
       {"0.0139 ± 0.0021", "&lt; 0.0016 (95 %)", "0.0534", "2.090 ± 0.043", "1475", "0.0163"})
    EXPECT_THAT(html, HasSubstr(number)) << number;
}

TEST(Report, NamesParametersOfModelsInWords) {
  ReportData data = made_up::experiment();
  data.models->models[2].parameters = {
      {"dh_ev", -0.1602}, {"c_ad cube-1", 0.02094}, {"log_calibration", 1.3e-7}};
  EXPECT_THAT(report_html(data),
              HasSubstr("dh = -0.160 eV, c_ad cube-1 = 0.0209 per site, log calibration = 0.00"));
}

TEST(Report, NeverCallsAnEventCertain) {
  ReportData data = made_up::experiment();
  data.events[0].probability = 0.9999;
  EXPECT_THAT(report_html(data), HasSubstr("<td>appeared</td><td>&gt; 0.99</td>"));
}

TEST(Report, CountsTheEventsOfEveryHold) {
  EXPECT_THAT(report_html(made_up::experiment()), HasSubstr("<td>hold 2, 500 °C</td><td>0</td><td>24</td>"));
}

TEST(Report, DoesNotBlameTheLeadWhereEvidenceIsWhatLacks) {
  ReportData data = made_up::experiment();
  data.models->preferred = "undecided";
  data.models->lead = 4.3;
  EXPECT_THAT(report_html(data),
              HasSubstr("the best leads by 4.3 in AICc, but the evidence against a mixture"));
}

TEST(Report, PutsWarningsBeforeTheVerdict) {
  const std::string html = report_html(made_up::uncalibrated());
  EXPECT_LT(html.find("the images carry no pixel size"), html.find("id=\"verdict\""));
}

TEST(Report, LoadsNothingFromAnywhere) {
  const std::string html = report_html(made_up::experiment());
  for (const char* reference : {"src=\"http", "href=\"http", "@import", "url(http", "src=\"//", "<link"})
    EXPECT_THAT(html, Not(HasSubstr(reference)));
  EXPECT_THAT(html, HasSubstr("default-src 'none'; script-src 'sha256-"));
}

TEST(Report, ShowsHostileTextAsText) {
  ReportData data = made_up::experiment();
  const std::string plain = report_html(data);
  data.title = attack;
  data.history.regions[0] = attack;
  for (HoldInventory& hold : data.holds) hold.region = attack;
  data.sample->particle_name = attack;
  data.calibration.source = attack;
  data.acquisition[0] = {attack, attack};
  data.provenance.inputs[0].path = attack;
  data.provenance.options_json = attack;
  data.provenance.warnings = {attack};
  data.provenance.notes = {{attack, attack}};
  data.fit->messages = {{"code", attack}};
  data.models->models[0].name = attack;
  data.free_energy->curves[0].label = attack;
  data.completeness[0].label = attack;
  const std::string html = report_html(data);
  EXPECT_EQ(occurrences(html, "<script"), occurrences(plain, "<script"));
  EXPECT_EQ(occurrences(html, "</script"), occurrences(plain, "</script"));
  EXPECT_THAT(html, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(Report, ComparesNeighbourhoodsOfLargeAndSmallParticles) {
  ReportData data = made_up::experiment();
  const char* const caption = "Observed against predicted, by neighbourhood";
  EXPECT_THAT(report_html(data), Not(HasSubstr(caption)));
  LocalVerdict local;
  local.region = "1";
  local.temperature_K = 773.15;
  local.size_class = "small";
  local.neighbourhoods = 18;
  local.c_ad = {0.0183, {}, {0.0157, 0.0214}, {}, "both"};
  local.c_star = 0.0322;
  local.c_star_interval95 = {0.0276, 0.0374};
  local.observed = local.predicted = "dispersed";
  local.agrees = true;
  data.local_verdicts = {local};
  const std::string html = report_html(data);
  EXPECT_THAT(html, HasSubstr(caption));
  EXPECT_THAT(html, HasSubstr("<td>18 small</td><td>dispersed</td><td>dispersed</td><td>yes</td>"));
  EXPECT_THAT(html, HasSubstr("<td>0.0183</td><td>0.0157 to 0.0214</td><td>0.0322</td>"));
}

TEST(Report, LeavesFieldLookalikesInTheDataAlone) {
  ReportData data = made_up::experiment();
  data.title = "{{provenance}} {{nothing}}";
  EXPECT_THAT(report_html(data), HasSubstr("<h1>{{provenance}} {{nothing}}</h1>"));
}

TEST(Report, ReplacesBrokenUtf8) {
  ReportData data = made_up::experiment();
  data.title = "cycle \xFF\xC3 end";  // a stray byte and a cut sequence
  EXPECT_THAT(report_html(data), HasSubstr("<h1>cycle \xEF\xBF\xBD\xEF\xBF\xBD end</h1>"));
}

TEST(Report, SaysWhatIsMissingWithoutCalibration) {
  const std::string html = report_html(made_up::uncalibrated());
  EXPECT_THAT(html, HasSubstr("No pixel size is known"));
  EXPECT_THAT(html, HasSubstr("no fit"));
  EXPECT_THAT(html, HasSubstr("diameter (px)"));
}

TEST(Report, SaysThatTemperaturesAreMissing) {
  ReportData data = made_up::experiment();
  data.history = make_thermal_history({{"1", 15, 0, 1, std::nullopt}});
  data.fit.reset();
  EXPECT_THAT(report_html(data), HasSubstr("No temperature is known"));
}

TEST(Report, SaysWhyThereIsNoFit) {
  ReportData data = made_up::experiment();
  data.fit.reset();
  data.no_fit_reason = "only one temperature";
  EXPECT_THAT(report_html(data), HasSubstr("There is no fit: only one temperature"));
}

TEST(Report, SaysThatThereIsNoParticle) {
  made_up::Scene scene;
  scene.particles = 0;
  EXPECT_THAT(report_html(made_up::experiment(scene)), HasSubstr("No particle was found in any frame."));
}

TEST(Report, AnEmptyExperimentIsStillAPage) {
  EXPECT_THAT(report_html(ReportData{}), HasSubstr("There is no frame."));
}

TEST(Report, SaysHowManyFramesHaveNoPicture) {
  ReportData data = made_up::experiment();
  data.pictures = pictures_in_memory(std::vector<FramePicture>(4));
  EXPECT_THAT(report_html(data), HasSubstr("pictures of 4 of 15 frames"));
}

TEST(Report, RefusesNumbersThatPointNowhere) {
  ReportData data = made_up::experiment();
  data.particles[0].frame = 99;
  EXPECT_THROW(report_html(data), Error);
  data = made_up::experiment();
  data.pictures = pictures_in_memory({{-1, "raw", "clean"}});
  EXPECT_THROW(report_html(data), Error);
  data = made_up::experiment();
  data.history.holds[0].region = 7;
  EXPECT_THROW(report_html(data), Error);
}

TEST(Report, IsTheSameForTheSameData) {
  EXPECT_EQ(report_html(made_up::experiment()), report_html(made_up::experiment()));
}

}  // namespace
}  // namespace sinterscope
