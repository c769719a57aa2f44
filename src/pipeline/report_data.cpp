// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/report_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/parallel.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/pipeline/report_histograms.h"
#include "sinterscope/pipeline/version.h"
#include "sinterscope/report/raster.h"
#include "sinterscope/report/report.h"
#include "sinterscope/theory/entropy_model.h"
#include "sinterscope/theory/phase_map.h"

namespace sinterscope {
namespace {

std::vector<std::pair<std::string, std::string>> acquisition_notes(const Products& products) {
  const Acquisition& a = products.config.acquisition;
  std::vector<std::pair<std::string, std::string>> notes;
  if (!a.detector.empty()) notes.emplace_back("detector", a.detector);
  if (!a.atmosphere.empty()) notes.emplace_back("atmosphere", a.atmosphere);
  if (a.pressure_pa) notes.emplace_back("pressure", fmt::format("{:.4g} Pa", *a.pressure_pa));
  for (const RegionProducts& region : products.regions) {
    const std::string unit = region.pixel_size_nm() ? "nm" : "px";
    const double scale = region.pixel_size_nm().value_or(1.0);
    notes.emplace_back(
        fmt::format("region '{}'", region.name),
        fmt::format("{} frames; gain {:.3g}, offset {:.4g}, read noise {:.3g} counts; probe sigma {:.3f} ± "
                    "{:.3f} {}; {} particles",
                    region.raw->size(), region.noise.gain, region.noise.offset,
                    std::sqrt(std::max(region.noise.read_variance, 0.0)), region.probe.sigma_px * scale,
                    region.probe.sigma_se_px * scale, unit, region.detect.polarity));
  }
  return notes;
}

/// Whether the frames that were searched are others than the raw ones.
bool looks_different_cleaned(const RegionProducts& region) {
  return region.denoise.method != "none" || region.scan_lines.row_noise_removed ||
         region.scan_lines.jitter_corrected;
}

/// Made while the page is written, which products and context must outlive.
PagePictures make_pictures(const Products& products, const RunContext& context) {
  PictureOptions options = products.config.report;
  options.clean =
      options.clean && std::any_of(products.regions.begin(), products.regions.end(), looks_different_cleaned);
  std::vector<cv::Mat1f> examples;
  std::vector<GreyRange> ranges;  // one for all frames of a region, which are compared by eye
  for (const RegionProducts& region : products.regions) {
    examples.push_back(region.raw->load(region.raw->size() / 2).pixels);
    ranges.push_back(grey_range(examples.back(), options.clip_percent));
  }
  const PicturePlan plan =
      plan_pictures(examples, products.history.frames.size(), options, products.particles.size());
  std::vector<const FrameRecord*> shown;
  for (const Hold& hold : products.history.holds)
    for (std::size_t k = 0; k < hold.frames.size(); k += static_cast<std::size_t>(plan.every))
      shown.push_back(&products.history.frames[static_cast<std::size_t>(hold.frames[k])]);
  std::sort(shown.begin(), shown.end(),
            [](const FrameRecord* a, const FrameRecord* b) { return a->frame < b->frame; });
  const auto picture_of = [&products, plan, ranges](const FrameRecord& frame) {
    const RegionProducts& region = products.regions[static_cast<std::size_t>(frame.region)];
    const auto index = static_cast<std::size_t>(frame.region_frame);
    const GreyRange range = ranges[static_cast<std::size_t>(frame.region)];
    FramePicture picture;
    picture.frame = frame.frame;
    picture.raw = make_picture(region.raw->load(index).pixels, range, plan.side_px, plan.quality);
    if (plan.clean)
      picture.clean = make_picture(region.clean->load(index).pixels, range, plan.side_px, plan.quality);
    return picture;
  };
  return {shown.size(), [&context, shown, picture_of](const PagePictures::Take& take) {
            context.progress.start("pictures", shown.size());
            parallel_in_order(shown.size(), context.threads, [&](std::size_t i) -> std::function<void()> {
              return [&, picture = picture_of(*shown[i])] {
                take(picture);
                context.progress.advance();
              };
            });
          }};
}

SolvusMap make_solvus_map() {
  const PhaseMap map = critical_concentration_map();
  SolvusMap result{map.temperature_K, map.dh_eV,
                   cv::Mat1d(static_cast<int>(map.dh_eV.size()), static_cast<int>(map.temperature_K.size()))};
  for (int i = 0; i < result.c_star.rows; ++i)
    for (int j = 0; j < result.c_star.cols; ++j)
      result.c_star(i, j) =
          std::pow(10.0, map.value(static_cast<std::size_t>(i), static_cast<std::size_t>(j)));
  return result;
}

std::optional<FreeEnergyCurves> make_free_energy(const Products& products) {
  if (!products.fit || !products.fit->dh_eV.estimate) return std::nullopt;
  constexpr long facet_sites = 6000;
  FreeEnergyCurves curves;
  curves.dh_eV = *products.fit->dh_eV.estimate;
  curves.sites = static_cast<double>(facet_sites);
  std::vector<double> temperatures_K;
  for (const Hold& hold : products.history.holds)
    if (hold.temperature_K && std::none_of(temperatures_K.begin(), temperatures_K.end(), [&](double known) {
          return std::abs(known - *hold.temperature_K) < 0.5;
        }))
      temperatures_K.push_back(*hold.temperature_K);
  std::sort(temperatures_K.begin(), temperatures_K.end());
  for (const double kelvin : temperatures_K) {
    const FreeEnergyCurve curve = free_energy_curve(facet_sites, curves.dh_eV, kelvin);
    curves.curves.push_back(
        {fmt::format("{:.0f} °C", celsius_from_kelvin(kelvin)), curve.concentration, curve.delta_g_eV});
  }
  return curves;
}

Provenance make_provenance(const Products& products, const nlohmann::json& recipe,
                           const RunContext& context) {
  Provenance provenance;
  provenance.version = version;
  provenance.seed = products.config.seed;
  provenance.threads = context.threads;
  provenance.options_json = recipe.at("options").dump(1);
  for (const auto& [path, hash] : recipe.at("inputs").items())
    provenance.inputs.push_back({path, 0, hash.get<std::string>()});
  provenance.warnings = products.warnings;
  return provenance;
}

ReportData make_report_data(const Products& products, const nlohmann::json& recipe,
                            const RunContext& context) {
  ReportData data;
  data.title = products.config.name;
  data.sample = products.config.sample;
  data.acquisition = acquisition_notes(products);
  data.calibration = products.regions.front().raw->description().calibration;
  data.frame_width_px = products.regions.front().raw->frame_size().width;
  data.frame_height_px = products.regions.front().raw->frame_size().height;
  data.history = products.history;
  data.pictures = make_pictures(products, context);
  data.particles = products.particles;
  data.tracks = products.tracks;
  data.events = products.events;
  if (data.calibration.calibrated()) data.holds = products.inventory;
  data.histograms = report_histograms(products);
  for (std::size_t h = 0; h < products.completeness.size(); ++h) {
    const Hold& hold = products.history.holds[h];
    std::string label =
        products.regions[static_cast<std::size_t>(hold.region)].name + fmt::format(", hold {}", hold.hold);
    if (hold.temperature_K) label += fmt::format(", {:.0f} °C", celsius_from_kelvin(*hold.temperature_K));
    if (std::isfinite(products.completeness[h].d50_px))
      data.completeness.push_back({label, products.completeness[h]});
  }
  data.fit = products.fit;
  data.local_verdicts = products.local_verdicts;
  data.models = products.models;
  if (products.fit) data.phase_map = make_solvus_map();
  data.free_energy = make_free_energy(products);
  data.provenance = make_provenance(products, recipe, context);
  return data;
}

std::vector<std::filesystem::path> write_figures(const ReportData& data, const std::filesystem::path& folder,
                                                 const RunContext& context) {
  make_directory(folder);
  const std::vector<NamedFigure> figures = report_figures(data);
  std::vector<std::filesystem::path> written;
  bool drawn = true;
  context.progress.start("figures", figures.size());
  for (const NamedFigure& figure : figures) {
    written.push_back(folder / (figure.name + ".svg"));
    write_file(written.back(), figure.svg);
    if (const std::optional<std::string> png = png_of_svg(figure.svg)) {
      written.push_back(folder / (figure.name + ".png"));
      write_file(written.back(), *png);
    } else {
      drawn = false;
    }
    context.progress.advance();
  }
  if (!drawn)
    context.progress.warn("rsvg-convert is not installed (Debian: librsvg2-bin): figures as SVG only");
  return written;
}

}  // namespace

ReportFiles write_report(const Products& products, const nlohmann::json& recipe,
                         const std::filesystem::path& folder, const RunContext& context, bool figures) {
  const ReportData data = make_report_data(products, recipe, context);
  ReportFiles files;
  files.page = folder / "report.html";
  write_file(files.page, [&data](std::ostream& out) { write_report_html(data, out); });
  if (figures) files.figures = write_figures(data, folder / "figures", context);
  return files;
}

}  // namespace sinterscope
