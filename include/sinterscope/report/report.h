// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page a microscopist looks at: one self-contained HTML file that opens offline from disk.
//
// The page tells and computes nothing: every number in it is handed in through ReportData, and what is
// missing there is named as missing on the page (no pixel size, no temperatures, no fit, no particle, no
// picture). Rules of the page: warnings first, then the verdict in words, then what can be checked by eye,
// provenance last. All text of the data is escaped, and a content security policy with hashes of the page's
// own scripts stands behind that.

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sinterscope/experiment/calibration.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/local_verdict.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/report/figure.h"
#include "sinterscope/report/picture.h"
#include "sinterscope/report/provenance.h"

namespace sinterscope {

/// The measured share of particles found, for one region (and hold, where measured per hold).
struct RegionCompleteness {
  std::string label;  ///< e.g. "cube-1, 200 °C"
  CompletenessCurve curve;
};

/// The pictures of the page, handed over one by one while it is written: those of a long run are never in
/// memory together.
struct PagePictures {
  using Take = std::function<void(const FramePicture&)>;
  std::size_t frames = 0;  ///< that have a picture
  std::function<void(const Take&)> each = [](const Take&) {};
};

/// Pictures that are in memory already.
PagePictures pictures_in_memory(std::vector<FramePicture> pictures);

/// Everything the page tells.
struct ReportData {
  std::string title;  ///< name of the experiment
  std::optional<Sample> sample;
  std::vector<std::pair<std::string, std::string>> acquisition;  ///< name and value as they should be read
  Calibration calibration;
  int frame_width_px = 0;
  int frame_height_px = 0;
  ThermalHistory history;
  PagePictures pictures;            ///< of any subset of the frames
  std::vector<Particle> particles;  ///< in raw pixels; grouped by frame or not
  std::vector<Track> tracks;
  std::vector<Event> events;
  std::vector<HoldInventory> holds;  ///< empty without calibration
  std::vector<SizeHistogram> histograms;
  std::vector<RegionCompleteness> completeness;
  std::optional<EntropyFit> fit;
  std::vector<LocalVerdict> local_verdicts;  ///< of samples with large and small particles
  std::string no_fit_reason;  ///< why there is no fit, where the page cannot see it from the data
  std::optional<ModelComparison> models;
  std::optional<SolvusMap> phase_map;
  std::optional<FreeEnergyCurves> free_energy;
  Provenance provenance;  ///< its warnings stand first on the page
};

/// The page. Throws Error where a frame, hold or region number of the data points nowhere.
std::string report_html(const ReportData& data);

/// The same, piece by piece into a stream.
void write_report_html(const ReportData& data, std::ostream& out);

/// A figure on its own, as it should be written beside the page.
struct NamedFigure {
  std::string name;  ///< fit for a file name: programme, inventory, intervals, phase-map, free-energy,
                     ///< profile, sizes-0, ...
  std::string caption;
  std::string svg;
};

/// Every figure that the data allow, in the order of the page.
std::vector<NamedFigure> report_figures(const ReportData& data);

}  // namespace sinterscope
