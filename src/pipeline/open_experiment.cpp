// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/open_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/parallel.h"
#include "sinterscope/experiment/kept_frames.h"
#include "sinterscope/io/frame_checks.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/pipeline/join_temperatures.h"
#include "sinterscope/pipeline/region_frames.h"

namespace sinterscope {
namespace {

constexpr double tolerated_disagreement = 0.02;
constexpr std::size_t frames_a_thread = 8;  ///< kept: a block of the search
constexpr std::size_t kept_megabytes = 256;

struct OpenedEntry {
  std::unique_ptr<FrameSource> source;
  std::string label;  ///< "frames[3] (03_200C.tif)"
};

OpenedEntry open_entry(const PipelineConfig& config, std::size_t i) {
  const FrameEntry& entry = config.frames[i];
  OpenOptions options;
  options.dataset = entry.dataset;
  options.detector = config.acquisition.detector;
  options.cut_bottom_rows = config.acquisition.cut_bottom_rows;
  OpenedEntry opened;
  opened.label = fmt::format("frames[{}] ({})", i, entry.file.filename().string());
  opened.source = in_context(fmt::format("{}: frames[{}]", config.path.string(), i),
                             [&] { return open_frames(entry.file, options); });
  if (opened.source->size() == 0)
    throw Error(
        fmt::format("{}: frames[{}]: {} holds no frames", config.path.string(), i, entry.file.string()));
  return opened;
}

bool disagree(double a, double b) { return std::abs(a / b - 1.0) > tolerated_disagreement; }

/// The pixel size of one file, or what the pipeline file says of it.
Calibration settle_calibration(const Acquisition& acquisition, const OpenedEntry& opened,
                               std::vector<std::string>& warnings) {
  const Calibration& own = opened.source->description().calibration;
  if (!acquisition.pixel_size_nm) return own;
  const double given = *acquisition.pixel_size_nm;
  if (const auto in_file = own.pixel_size_nm(); in_file && disagree(given, *in_file))
    warnings.push_back(
        fmt::format("{}: acquisition.pixel_size_nm is {} nm, the file says {} nm ({}): the pipeline's wins",
                    opened.label, given, *in_file, own.source));
  return {given, given, "pipeline acquisition.pixel_size_nm"};
}

void check_calibration(const Calibration& region, const Calibration& file, const std::string& first,
                       const std::string& label) {
  if (region.calibrated() != file.calibrated())
    throw Error(fmt::format("{} has {} pixel size while {} has {}: set acquisition.pixel_size_nm", label,
                            file.calibrated() ? "a" : "no", first, region.calibrated() ? "one" : "none"));
  if (file.calibrated() && disagree(*region.pixel_size_nm(), *file.pixel_size_nm()))
    throw Error(
        fmt::format("{} has {} nm per pixel, {} of the same region {}: give it a region of its own, or set "
                    "acquisition.pixel_size_nm",
                    label, *file.pixel_size_nm(), first, *region.pixel_size_nm()));
  if (!file.square())
    throw Error(fmt::format(
        "{} has pixels of {} x {} nm: diameters need square pixels; set acquisition.pixel_size_nm if "
        "the file is wrong",
        label, *file.pixel_size_x_nm, *file.pixel_size_y_nm));
}

}  // namespace

Products open_experiment(const PipelineConfig& config, Progress& progress, int threads) {
  Products products;
  products.config = config;
  std::vector<OpenedEntry> opened;
  progress.start("open", config.frames.size());
  for (std::size_t i = 0; i < config.frames.size(); ++i) {
    opened.push_back(open_entry(config, i));
    for (const std::string& warning : opened.back().source->description().warnings)
      products.warnings.push_back(opened.back().label + ": " + warning);
    if (const int rows = suspected_bar_rows(opened.back().source->load_native(0)); rows > 0)
      products.warnings.push_back(fmt::format(
          "{}: the bottom {} rows look like a burnt-in data bar: set acquisition.cut_bottom_rows if "
          "they are",
          opened.back().label, rows));
    progress.advance();
  }
  products.history = in_context(config.path.string(), [&] {
    std::vector<EntryFrames> entries;
    for (const OpenedEntry& entry : opened) entries.push_back({entry.label, &entry.source->description()});
    return join_times_and_temperatures(config, entries, products.warnings);
  });

  const auto store = std::make_shared<FrameStore>(frames_a_thread * thread_count(threads), kept_megabytes);
  for (const std::string& region : products.history.regions) {
    std::vector<std::unique_ptr<FrameSource>> sources;
    std::vector<std::string> labels;
    Calibration calibration;
    for (std::size_t i = 0; i < opened.size(); ++i) {
      if (config.frames[i].region != region) continue;
      const Calibration file = settle_calibration(config.acquisition, opened[i], products.warnings);
      if (sources.empty()) calibration = file;
      check_calibration(calibration, file, labels.empty() ? opened[i].label : labels.front(),
                        opened[i].label);
      labels.push_back(opened[i].label);
      sources.push_back(std::move(opened[i].source));
    }
    RegionProducts product;
    product.name = region;
    product.raw = std::make_unique<KeptFrames>(
        std::make_unique<RegionFrames>(std::move(sources), labels, calibration), store);
    if (!calibration.calibrated())
      products.warnings.push_back(
          fmt::format("region '{}' has no pixel size: analysed in pixels, without inventory and "
                      "fit; set acquisition.pixel_size_nm",
                      region));
    products.regions.push_back(std::move(product));
  }
  for (const std::string& warning : products.warnings) progress.warn(warning);
  return products;
}

}  // namespace sinterscope
