// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the pages that the browser test opens: write_pages DIRECTORY

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "report/made_up_experiment.h"
#include "sinterscope/report/report.h"

using namespace sinterscope;

namespace {

const std::string attack =
    "</script><script>document.body.dataset.attacked=1</script><img src=x "
    "onerror=\"document.body.dataset.attacked=2\">";

/// Script and markup in every text of the data.
ReportData hostile() {
  made_up::Scene scene;
  scene.regions = {"1" + attack, "{{data}}"};
  ReportData data = made_up::experiment(scene);
  data.title = "cycle " + attack;
  data.sample->particle_name = data.sample->support_name = attack;
  data.acquisition.emplace_back(attack, attack);
  data.calibration.source = attack;
  data.completeness[0].label = attack;
  data.no_fit_reason = attack;
  data.provenance.inputs[0].path = attack + ".tif";
  data.provenance.options_json = "{\"name\": \"" + attack + "\"}";
  data.provenance.warnings = {"file " + attack + "\xFF\xFE.tif is strange", "]]> <!-- " + attack};
  data.provenance.notes = {{attack, attack}};
  data.fit->messages = {{attack, attack}};
  data.fit->sensitivity[0].assumption = attack;
  data.models->models[0].name = attack;
  data.free_energy->curves[0].label = attack;
  return data;
}

ReportData one_frame() {
  made_up::Scene scene;
  scene.frames_per_hold = 1;
  scene.celsius = {200};
  ReportData data = made_up::uncalibrated(scene);
  data.history = make_thermal_history({{"1", 1, 0, 1, std::nullopt}});
  return data;
}

ReportData no_particle() {
  made_up::Scene scene;
  scene.particles = 0;
  ReportData data = made_up::experiment(scene);
  data.fit.reset();
  data.models.reset();
  data.no_fit_reason = "no hold shows a particle";
  return data;
}

/// The paper's own case: only the upper side of dh is bounded, and c_ad only from below.
ReportData one_sided() {
  made_up::Scene scene;
  scene.celsius = {500, 200, 500};
  ReportData data = made_up::experiment(scene);
  data.fit->dh_eV = {std::nullopt, {}, {std::nullopt, -0.053}, {std::nullopt, -0.045}, "above"};
  data.fit->c_ad = {std::nullopt, {}, {0.0128, std::nullopt}, {0.0131, std::nullopt}, "below"};
  data.fit->redispersion_temperature_K = {std::nullopt, {}, {}, {}, "none"};
  data.fit->messages = {{"one_sided", "Only an upper bound of dh: no hold lies between dispersed and not."}};
  data.fit->holds[0].agrees = false;
  data.fit->holds[0].observed = "particles";
  data.models->preferred = "undecided";
  data.models->lead = 1.2;
  return data;
}

ReportData two_regions() {
  made_up::Scene scene;
  scene.regions = {"cube-1", "cube-2"};
  ReportData data = made_up::experiment(scene);
  data.provenance.warnings = {"cube-2: frame 22 could not be registered; its shift is interpolated",
                              "pixel size: the file says 0.149 nm, the pipeline 0.150 nm (used)"};
  return data;
}

/// 2,000 frames of 1024 x 1024 pixels with 60 particles in every cold one, pictures as the default options
/// plan them. One frame's picture serves all: what counts here is its size.
ReportData large() {
  made_up::Scene scene;
  scene.frames_per_hold = 400;
  scene.particles = 60;
  scene.side_px = 1024;
  scene.pictures = false;
  ReportData data = made_up::experiment(scene);
  const cv::Mat1f frame = made_up::paint(scene, {}, Rng(1));
  const PicturePlan plan =
      plan_pictures(std::vector<cv::Mat1f>{frame}, data.history.frames.size(), {}, data.particles.size());
  const std::string picture = make_picture(frame, grey_range(frame, 0.35), plan.side_px, plan.quality);
  std::vector<FramePicture> pictures;
  for (std::size_t i = 0; i < data.history.frames.size(); i += static_cast<std::size_t>(plan.every))
    pictures.push_back({static_cast<int>(i), picture, plan.clean ? picture : ""});
  data.pictures = pictures_in_memory(std::move(pictures));
  return data;
}

/// A ladder up and down again and again.
ReportData many_holds() {
  made_up::Scene scene;
  scene.frames_per_hold = 1;
  scene.celsius.clear();
  for (int i = 0; i < 40; ++i) scene.celsius.push_back(200 + 50 * std::abs(i % 14 - 7));
  scene.picture_side_px = 128;
  ReportData data = made_up::experiment(scene);
  FreeEnergyCurves& curves = *data.free_energy;
  for (int i = 0; i < 6; ++i) {
    curves.curves.push_back(curves.curves[0]);
    curves.curves.back().label = fmt::format("{} °C", 250 + 50 * i);
    for (double& energy : curves.curves.back().y) energy *= 1.0 - 0.1 * i;
  }
  return data;
}

/// Twenty thousand frames: few have a picture.
ReportData left_out() {
  made_up::Scene scene;
  scene.frames_per_hold = 4000;
  scene.particles = 10;
  scene.pictures = false;
  ReportData data = made_up::experiment(scene);
  const cv::Mat1f frame = made_up::paint(scene, {}, Rng(1));
  const PicturePlan plan =
      plan_pictures(std::vector<cv::Mat1f>{frame}, data.history.frames.size(), {}, data.particles.size());
  const std::string picture = make_picture(frame, grey_range(frame, 0.35), plan.side_px, plan.quality);
  std::vector<FramePicture> pictures;
  for (const Hold& hold : data.history.holds)
    for (std::size_t k = 0; k < hold.frames.size(); k += static_cast<std::size_t>(plan.every))
      pictures.push_back({hold.frames[k], picture, ""});
  data.pictures = pictures_in_memory(std::move(pictures));
  return data;
}

void write(const std::filesystem::path& path, const ReportData& data) {
  std::ofstream(path, std::ios::binary) << report_html(data);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return EXIT_FAILURE;
  const std::filesystem::path directory = arguments[1];
  std::filesystem::create_directories(directory);
  write(directory / "cycle.html", made_up::experiment());
  write(directory / "hostile.html", hostile());
  write(directory / "one_frame.html", one_frame());
  write(directory / "no_particle.html", no_particle());
  write(directory / "one_sided.html", one_sided());
  write(directory / "two_regions.html", two_regions());
  write(directory / "uncalibrated.html", made_up::uncalibrated());
  write(directory / "empty.html", ReportData{});
  write(directory / "large.html", large());
  write(directory / "many_holds.html", many_holds());
  write(directory / "left_out.html", left_out());
  return EXIT_SUCCESS;
}
