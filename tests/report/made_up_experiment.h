// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A made-up experiment for the tests of the report: a Pd/CeO2 cycle of 500 and 200 °C with particles in the
// cold holds only. No number of it is a measurement; the shapes and sizes are those of a real one.

#include <fmt/format.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/report.h"

namespace sinterscope::made_up {

struct Scene {
  int frames_per_hold = 3;
  int particles = 24;
  int side_px = 256;
  std::vector<double> celsius{500, 200, 500, 200, 500};
  std::vector<std::string> regions{"1"};
  bool pictures = true;
  int picture_side_px = 256;
  int picture_quality = 70;
};

inline constexpr double nm_per_px = 0.15;

/// Grey noise with a bright disk per particle.
inline cv::Mat1f paint(const Scene& scene, const std::vector<Particle>& particles, Rng rng) {
  cv::Mat1f frame(scene.side_px, scene.side_px);
  for (float& pixel : frame) pixel = static_cast<float>(100.0 + 8.0 * rng.normal());
  for (const Particle& p : particles)
    for (int y = std::max(0, static_cast<int>(p.y_px - 15));
         y < std::min(scene.side_px, static_cast<int>(p.y_px + 16)); ++y)
      for (int x = std::max(0, static_cast<int>(p.x_px - 15));
           x < std::min(scene.side_px, static_cast<int>(p.x_px + 16)); ++x) {
        const double edge = p.diameter_px / 2 - std::hypot(x - p.x_px, y - p.y_px);
        frame(y, x) += static_cast<float>(45.0 / (1.0 + std::exp(-2.0 * edge)));
      }
  return frame;
}

inline double c_star(double dh_eV, double temperature_K) {
  return 1.0 / (1.0 + std::exp(1.0 - dh_eV / (boltzmann_eV_per_K * temperature_K)));
}

inline void add_inventory(ReportData& data, const Scene& scene, const Hold& hold, bool seen) {
  HoldInventory inventory;
  inventory.hold = hold.hold;
  inventory.region = data.history.regions[static_cast<std::size_t>(hold.region)];
  inventory.temperature_K = hold.temperature_K;
  inventory.start_s = hold.start_s;
  inventory.end_s = hold.end_s;
  inventory.frames = scene.frames_per_hold;
  inventory.support_area_nm2 = std::pow(scene.side_px * nm_per_px, 2);
  inventory.particles_per_frame = seen ? scene.particles : 0;
  inventory.number_density_nm2 = *inventory.particles_per_frame / inventory.support_area_nm2;
  if (seen) {
    inventory.diameter_mean_nm = 2.05 + 0.04 * hold.hold;
    inventory.diameter_mean_se_nm = 0.043;
    inventory.diameter_sd_nm = 0.31;
  }
  inventory.coverage = seen ? 0.0534 : 0.0;
  inventory.d50_nm = 0.93;
  inventory.d90_nm = 1.21;
  inventory.c_np = seen ? 0.01387 : 0.0;
  inventory.c_np_se = seen ? 0.0021 : 0.0;
  inventory.c_np_upper95 = seen ? 0.0179 : 0.00161;
  data.holds.push_back(inventory);

  SizeHistogram histogram;
  histogram.hold = hold.hold;
  histogram.region = inventory.region;
  histogram.temperature_K = hold.temperature_K;
  histogram.d50 = 0.93;
  histogram.d90 = 1.21;
  for (int i = 0; i <= 16; ++i) histogram.edges.push_back(0.25 * i);
  for (int i = 0; i < 16; ++i) {
    const double at = (0.25 * i + 0.125 - 2.05) / 0.33;
    histogram.counts.push_back(seen ? std::round(0.3 * scene.particles * std::exp(-0.5 * at * at)) : 0.0);
  }
  for (int i = 0; seen && i <= 80; ++i) {
    const double d = 0.05 * i, at = (d - 2.05) / 0.28;
    histogram.deconvolved.x.push_back(d);
    histogram.deconvolved.y.push_back(0.34 * scene.particles * std::exp(-0.5 * at * at));
  }
  data.histograms.push_back(histogram);
}

/// Frames, particles, tracks and events of one region.
inline void add_region(ReportData& data, std::vector<FramePicture>& pictures, const Scene& scene, int region,
                       int& next_track, const Rng& rng) {
  std::vector<int> before;
  for (const Hold* hold : data.history.holds_of_region(region)) {
    const bool seen =
        hold->temperature_K && celsius_from_kelvin(*hold->temperature_K) < 350 && scene.particles > 0;
    std::vector<int> tracks;
    for (int i = 0; seen && i < scene.particles; ++i) {
      Track track;
      track.track = next_track++;
      track.region = region;
      track.first_frame = hold->frames.front();
      track.last_frame = hold->frames.back();
      if (!before.empty())
        track.previous_at_site = before[static_cast<std::size_t>(i)], track.same_site_chance = 0.012;
      tracks.push_back(track.track);
      data.tracks.push_back(track);
    }
    for (const int frame : hold->frames) {
      Rng frame_rng = rng.stream("frame", static_cast<std::uint64_t>(frame));
      std::vector<Particle> particles;
      for (std::size_t i = 0; i < tracks.size(); ++i) {
        Rng place = rng.stream("place", 1000 * static_cast<std::uint64_t>(region) + i);
        Particle p;
        p.frame = frame;
        p.region = region;
        p.hold = hold->hold;
        p.track = tracks[i];
        p.x_px = place.uniform(8, scene.side_px - 8) + 0.3 * frame_rng.normal();
        p.y_px = place.uniform(8, scene.side_px - 8) + 0.3 * frame_rng.normal();
        p.diameter_px = 13.7 * std::exp(0.15 * place.normal()) + 0.4 * frame_rng.normal();
        p.diameter_se_px = 0.41;
        p.contrast = 0.45;
        p.snr = 11.2;
        p.chi2_per_dof = 1.07;
        if (i % 9 == 4) p.flags.set(ParticleFlag::touching);
        if (i % 11 == 7) p.flags.set(ParticleFlag::cut_by_edge);
        for (Track& track : data.tracks)
          if (track.track == p.track) {
            track.particles.push_back(data.particles.size() + particles.size());
            track.diameter_px = 13.7;
            track.diameter_se_px = 0.24;
          }
        particles.push_back(p);
      }
      if (scene.pictures) {
        const cv::Mat1f pixels = paint(scene, particles, frame_rng.stream("noise"));
        const GreyRange range = grey_range(pixels, 0.35);
        const cv::Mat1f calm = paint(scene, particles, frame_rng.stream("noise")) * 0.25F + 75.0F;
        pictures.push_back({frame, make_picture(pixels, range, scene.picture_side_px, scene.picture_quality),
                            make_picture(calm, range, scene.picture_side_px, scene.picture_quality)});
      }
      data.particles.insert(data.particles.end(), particles.begin(), particles.end());
    }
    const auto add_event = [&](EventKind kind, int track) {
      Event event;
      event.kind = kind;
      event.probability = 0.97;
      event.track = track;
      event.region = region;
      event.frame = hold->frames.front();
      event.hold = hold->hold;
      event.time_s = hold->start_s;
      event.temperature_K = hold->temperature_K;
      event.diameter_px = 13.7;
      data.events.push_back(event);
    };
    for (const int track : tracks) add_event(EventKind::appeared, track);
    if (tracks.empty())
      for (const int track : before) add_event(EventKind::redispersed, track);
    if (!tracks.empty())
      before = tracks;
    else if (hold->hold > 0)
      before.clear();
    add_inventory(data, scene, *hold, seen);
  }
}

inline EntropyFit make_fit(const ReportData& data) {
  EntropyFit fit;
  fit.dh_eV = {-0.1602, {-0.184, -0.143}, {-0.2113, -0.1171}, {-0.2052, -0.1204}, "both"};
  fit.c_ad = {0.02094, {0.0182, 0.0241}, {0.01417, 0.03012}, {0.0148, 0.0291}, "both"};
  fit.redispersion_temperature_K = {648.3, {621, 683}, {590.2, 741.5}, {595, 733}, "both"};
  if (data.history.regions.size() > 1)
    for (const std::string& region : data.history.regions)
      fit.regions.push_back({region, fit.c_ad, fit.redispersion_temperature_K});
  fit.branch_chi2 = 0.42;
  fit.branch_dof = 3;
  fit.branch_p = 0.936;
  fit.goodness_g2 = 1.34;
  fit.goodness_dof = 1;
  fit.goodness_p = 0.247;
  for (const HoldInventory& hold : data.holds) {
    if (!hold.temperature_K) continue;
    HoldVerdict verdict;
    verdict.hold = hold.hold;
    verdict.region = hold.region;
    verdict.temperature_K = *hold.temperature_K;
    verdict.c_np = hold.c_np;
    verdict.c_ad_observed = 0.02094 - hold.c_np.value_or(0.0);
    verdict.c_star = c_star(-0.1602, *hold.temperature_K);
    verdict.c_star_interval95 = {c_star(-0.2113, *hold.temperature_K), c_star(-0.1171, *hold.temperature_K)};
    verdict.observed = *hold.c_np > 0 ? "particles" : "dispersed";
    verdict.predicted = verdict.c_star > 0.02094 ? "dispersed" : "particles";
    verdict.agrees = verdict.observed == verdict.predicted;
    verdict.detected = *hold.c_np > 0 ? 24 : 0;
    verdict.detections_expected = *hold.c_np > 0 ? 22.6 : 0.31;
    verdict.detections_expected_sd = *hold.c_np > 0 ? 5.9 : 0.62;
    verdict.probability_dispersed = verdict.c_star > 0.02094 ? 0.981 : 0.004;
    fit.holds.push_back(verdict);
  }
  fit.sensitivity = {{"site density x 2", -0.037}, {"particles are Pd instead of PdO", 0.021}};
  fit.next_temperature_K = 623.15;
  for (int i = 0; i <= 160; ++i) {
    const double dh = -0.8 + 0.005 * i, at = (dh + 0.1602) / 0.024;
    fit.grid_dh_eV.push_back(dh);
    fit.profile_log_likelihood.push_back(-0.5 * at * at);
    fit.posterior_density.push_back(std::exp(-0.45 * at * at) / 0.063);
  }
  return fit;
}

inline ModelComparison make_models() {
  ModelComparison models;
  models.models = {{"null", -61.2, 1, {{"ln_c", -4.9}}, 124.9, 125.0, -63.1, 0.0},
                   {"sintering", -58.7, 2, {{"k", 0.3}}, 123.4, 122.6, -61.9, 0.0},
                   {"entropy", -21.4, 2, {{"dh_eV", -0.1602}, {"c_ad", 0.02094}}, 48.8, 48.1, -24.0, 0.986},
                   {"saturated", -20.7, 5, {}, 71.0, 69.0, 0.0, 0.0}};
  models.preferred = "entropy";
  models.lead = 74.6;
  models.returning_share = {0.94, {0.86, 0.98}, {0.71, 1.0}, {}, "both"};
  return models;
}

inline void add_theory(ReportData& data) {
  SolvusMap map;
  for (int i = 0; i <= 70; ++i) map.temperature_K.push_back(273.15 + 10.0 * i);
  for (int i = 0; i <= 60; ++i) map.dh_eV.push_back(-0.6 + 0.01 * i);
  map.c_star.create(static_cast<int>(map.dh_eV.size()), static_cast<int>(map.temperature_K.size()));
  for (int row = 0; row < map.c_star.rows; ++row)
    for (int column = 0; column < map.c_star.cols; ++column)
      map.c_star(row, column) = c_star(map.dh_eV[static_cast<std::size_t>(row)],
                                       map.temperature_K[static_cast<std::size_t>(column)]);
  data.phase_map = map;
  FreeEnergyCurves curves{-0.1602, 6000, {}};
  for (const double celsius : {200.0, 500.0}) {
    const double kT = boltzmann_eV_per_K * kelvin_from_celsius(celsius);
    Curve curve{fmt::format("{} °C", celsius), {}, {}};
    for (int n = 1; n <= 900; n += 10) {
      const double N = n, M = 6000;
      curve.x.push_back(N / M);
      curve.y.push_back(N * -0.1602 - kT * (std::log(M) + N) +
                        kT * (std::lgamma(M + 1) - std::lgamma(N + 1) - std::lgamma(M - N + 1)));
    }
    curves.curves.push_back(curve);
  }
  data.free_energy = curves;
}

/// The whole experiment: calibrated, with temperatures, fit, models and theory.
inline ReportData experiment(const Scene& scene = {}) {
  ReportData data;
  data.title = "pd-ceo2-cycle";
  data.sample = Sample{"PdO", 0.0247099, "CeO2(100)", 6.8309, 0.5, 0.7, 0.0221};
  data.acquisition = {{"detector", "SE"}, {"atmosphere", "O2, 10 Pa"}};
  data.calibration = {nm_per_px, nm_per_px, "pipeline acquisition.pixel_size_nm"};
  data.frame_width_px = data.frame_height_px = scene.side_px;
  std::vector<ThermalEntry> entries;
  for (const std::string& region : scene.regions)
    for (std::size_t i = 0; i < scene.celsius.size(); ++i) {
      const double length = 2.0 * scene.frames_per_hold;
      entries.push_back({region, scene.frames_per_hold, static_cast<double>(i) * (length + 4), 2.0,
                         kelvin_from_celsius(scene.celsius[i])});
    }
  data.history = make_thermal_history(entries);
  int next_track = 0;
  std::vector<FramePicture> pictures;
  const Rng rng(7);
  for (std::size_t region = 0; region < scene.regions.size(); ++region)
    add_region(data, pictures, scene, static_cast<int>(region), next_track, rng.stream("region", region));
  data.pictures = pictures_in_memory(std::move(pictures));
  CompletenessCurve curve{.d50_px = 6.2,
                          .d50_se_px = 0.1,
                          .width_px = 0.55,
                          .plateau = 0.985,
                          .false_density_px2 = 1e-6,
                          .false_diameter_px = 5.0,
                          .counts = {}};
  for (int d = 2; d <= 20; d += 2)
    curve.counts.push_back(
        {static_cast<double>(d), 60, static_cast<int>(std::lround(60 * curve.probability(d)))});
  data.completeness.push_back({"region 1, 200 °C", curve});
  data.fit = make_fit(data);
  data.models = make_models();
  add_theory(data);
  data.provenance = {"0.1.0",
                     "2024-05-06T07:08:09Z",
                     42,
                     2,
                     R"({"stages": {"detect": {"sigma_px": 1.5}}})",
                     {{"frames/00_500C.tif", 123456, std::string(64, 'a')}},
                     {{"detect", 3.21, 6.1, false}},
                     {},
                     {}};
  return data;
}

/// The same images without pixel size: particles in px, nothing that needs atoms.
inline ReportData uncalibrated(const Scene& scene = {}) {
  ReportData data = experiment(scene);
  data.calibration = {};
  data.holds.clear();
  data.fit.reset();
  data.models.reset();
  data.phase_map.reset();
  data.free_energy.reset();
  for (SizeHistogram& histogram : data.histograms) histogram.unit = "px";
  data.provenance.warnings = {"the images carry no pixel size: analysed in pixels"};
  return data;
}

}  // namespace sinterscope::made_up
