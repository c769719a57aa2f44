// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pipeline file: what was measured, under which conditions, and how it is to be analysed.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/report/picture.h"

namespace sinterscope {

inline constexpr const char* pipeline_schema = "sinterscope/pipeline/1";

struct Acquisition {
  std::string detector;
  std::optional<double> pixel_size_nm;
  std::optional<double> probe_sigma_nm;
  std::string atmosphere;
  std::optional<double> pressure_pa;
  int cut_bottom_rows = 0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.detector,
          {"detector", "", "SE or HAADF; also the image to choose in a file that holds several"});
    visit(self.pixel_size_nm, {"pixel_size_nm", "nm", "wins over the file's own", 1e-5, 1e5});
    visit(self.probe_sigma_nm,
          {"probe_sigma_nm", "nm", "Gaussian width of the probe; estimated where absent", 1e-4, 1e3});
    visit(self.atmosphere, {"atmosphere", "", "gas, for the record"});
    visit(self.pressure_pa, {"pressure_pa", "Pa", "for the record", 0.0, 1e9});
    visit(self.cut_bottom_rows,
          {"cut_bottom_rows", "px", "rows of a burnt-in information bar to leave out", 0, 1e5});
  }
};

/// What a run writes beside its tables, labels.tif, overlays and report.
struct OutputOptions {
  bool rois = true;
  bool labels_ome = false;
  bool labels_hspy = false;
  std::string frames = "none";
  std::string frames_format = "tif";
  bool trackmate = true;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.rois, {"rois", "", "rois.zip: every particle as an outline for ImageJ's ROI Manager"});
    visit(self.labels_ome, {"labels_ome", "", "labels.ome.tif: the label stack as OME-TIFF"});
    visit(self.labels_hspy, {"labels_hspy", "", "labels.hspy: the label stack as HDF5 for HyperSpy"});
    visit(self.frames, {"frames",
                        "",
                        "the calibrated image stack: none, as recorded, or denoised as the search saw it",
                        -1.0,
                        1.0,
                        {"none", "raw", "clean"}});
    visit(self.frames_format, {"frames_format",
                               "",
                               "of that stack: frames.tif (ImageJ), frames.ome.tif or frames.hspy",
                               -1.0,
                               1.0,
                               {"tif", "ome", "hspy"}});
    visit(self.trackmate, {"trackmate", "", "trackmate.xml: particles and tracks for TrackMate (Fiji)"});
  }
};

/// One entry of "frames": one file (one or many frames) at one temperature.
struct FrameEntry {
  std::filesystem::path file;  ///< resolved against the pipeline file
  std::string region = "1";
  std::string dataset;  ///< inside an HDF5 file
  std::optional<double> temperature_c;
  std::filesystem::path temperature_log;   ///< of this entry; empty = that of the pipeline
  std::optional<double> start_s;           ///< absent: follows the entry before it
  std::optional<double> frame_interval_s;  ///< absent: the file's, else 1 s
};

struct PipelineConfig {
  std::filesystem::path path;  ///< the file itself
  std::string name;
  std::optional<Sample> sample;  ///< absent: measured, not fitted
  Acquisition acquisition;
  std::vector<FrameEntry> frames;
  std::filesystem::path temperature_log;  ///< empty = none
  double temperature_log_offset_s = 0.0;  ///< added to the log's clock
  double temperature_log_settle_s = 0.0;  ///< frames so soon after a hold begins do not belong to it
  OutputOptions outputs;
  PictureOptions report;  ///< the pictures of report.html
  std::uint64_t seed = 1;
  bool check_images = false;  ///< write what each imaging stage saw; see pipeline/check_images.h
  nlohmann::json stages = nlohmann::json::object();
};

/// Reads and checks a pipeline file; usage errors name file, key, value and what would be right.
PipelineConfig read_pipeline(const std::filesystem::path& path);

/// The sample section: names looked up in the tables of theory/nanoparticle, or objects with the numbers.
Sample read_sample(const nlohmann::json& section, const std::string& where);

}  // namespace sinterscope
