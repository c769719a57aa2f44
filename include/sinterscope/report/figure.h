// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Figures as SVG, made to be printed: units on every axis, 90 mm wide by default (one column of a journal),
// text of 7.5 pt as text in fonts every system has, colours that stay apart for the colour-blind and in grey.
// The page shows the same figures; its style sheet recolours them for dark screens through the classes.
//
// A value that is only an upper limit is drawn as a bar with an arrow downwards, an interval end that the
// data leave open as an arrow out of the frame: never as a point.

#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/inference/fit.h"

namespace sinterscope {

/// Size in CSS pixels (96 per inch): 340 = 90 mm.
struct FigureSize {
  double width = 340;
  double height = 240;
};

/// A line in a figure; points that are not finite break it.
struct Curve {
  std::string label;
  std::vector<double> x, y;
};

/// Diameters of the particles of one hold, one count per track.
struct SizeHistogram {
  int hold = 0;
  std::string region = "1";
  std::optional<double> temperature_K;
  std::string unit = "nm";     ///< "px" without calibration
  std::vector<double> edges;   ///< one more than counts; in `unit`
  std::vector<double> counts;  ///< particles per bin
  /// Expected particles per bin after removing sizing error and completeness; may be empty.
  Curve deconvolved;
  std::optional<double> d50, d90;  ///< diameters found with 50 % and 90 % probability, in `unit`
};

/// c* over temperature and dh.
struct SolvusMap {
  std::vector<double> temperature_K;  ///< columns, rising
  std::vector<double> dh_eV;          ///< rows, rising
  cv::Mat1d c_star;                   ///< dh_eV.size() x temperature_K.size()
};

/// Free energy of gathering the ad-atoms of a facet into one particle, against their concentration, one curve
/// a temperature: positive = dispersed is the lower state.
struct FreeEnergyCurves {
  double dh_eV = 0.0;
  double sites = 0.0;         ///< support sites of the facet
  std::vector<Curve> curves;  ///< x: atoms per site; y: eV; label: "200 °C"
};

/// Temperature, particles per frame, mean diameter, coverage and c_np on one time axis. particles_per_frame:
/// one count a frame of the history, drawn as dots; may be empty.
std::string programme_svg(const ThermalHistory& history, std::span<const HoldInventory> holds,
                          std::span<const int> particles_per_frame = {}, FigureSize size = {680, 560});
/// `largest_shown`: the diameter axis reaches at least here, so that figures side by side can be compared.
std::string size_histogram_svg(const SizeHistogram& histogram, FigureSize size = {},
                               double largest_shown = 0.0);
/// c_np of every hold against temperature; with a fit also c*(T) at the holds and the total c_ad.
std::string inventory_svg(std::span<const HoldInventory> holds, const EntropyFit* fit, FigureSize size = {});
/// Profile log-likelihood and posterior density of dh.
std::string profile_svg(const EntropyFit& fit, FigureSize size = {});
/// One row an estimate: 68 % and 95 % intervals, the likelihood-ratio interval under them.
std::string interval_svg(const EntropyFit& fit, FigureSize size = {340, 260});
/// The map of c* with the interval of dh, the line c* = c_ad and the holds.
std::string phase_map_svg(const SolvusMap& map, const EntropyFit* fit, FigureSize size = {340, 280});
std::string free_energy_svg(const FreeEnergyCurves& curves, const EntropyFit* fit, FigureSize size = {});
/// Found over injected against diameter, with the fitted curve; diameters in nm where pixel_size_nm is given.
std::string completeness_svg(const CompletenessCurve& curve, std::optional<double> pixel_size_nm,
                             FigureSize size = {});

}  // namespace sinterscope
