// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Figures of lattice runs: snapshots side by side (Fig. 2c-e of Zhu et al., arXiv:2204.00812), the course of
// a run, the phase diagram, and the lattice against the formula. Ready to print: see report/figure.h.

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/report/figure.h"

namespace sinterscope {

/// One lattice with two lines of text above it.
struct LatticePanel {
  std::string title, subtitle;
  cv::Mat1i heights;
};

/// Panels in rows of at most four. Throws Error where there is none.
std::string lattice_snapshots_svg(const std::vector<LatticePanel>& panels);

/// The course of one run over its events.
struct LatticeCourse {
  std::vector<double> events;
  std::vector<double> largest_share;  ///< atoms in the largest cluster / all
  std::vector<double> monomer_share;  ///< free ad-atoms / all
  std::vector<double> temperature_K;
};

/// Shares above the temperature (where it changes), on one axis of executed hops. Throws Error where it is
/// empty.
std::string lattice_course_svg(const LatticeCourse& course);

/// A measured value over temperature.
struct LatticePoint {
  double temperature_K = 0.0;
  double value = 0.0, standard_error = 0.0;
};

/// Points of one kind of run, and lines to compare them with.
struct LatticeComparison {
  struct Series {
    std::string label;
    std::vector<LatticePoint> points;
    Curve model = {};  ///< a line of its own, dashed in its colour; x in K; may be empty
  };
  std::string y_label;
  bool logarithmic = false;
  std::vector<Series> points;
  std::string model_label;   ///< what the dashed lines are
  std::vector<Curve> lines;  ///< x in K
};

/// Throws Error where there is no point.
std::string lattice_comparison_svg(const LatticeComparison& comparison, FigureSize size = {380, 290});

/// The lattice's phase diagram.
struct LatticePhases {
  std::vector<double> temperature_K, dh_eV;  ///< rising
  cv::Mat1d particle_share;                  ///< one row per dh, one column per temperature
  std::vector<LatticePoint> transitions;     ///< value: dh in eV; standard_error in K
  std::vector<Curve> lines;                  ///< x in K, y in eV: what formulas say
};

/// Throws Error unless there are two temperatures and two enthalpies.
std::string lattice_phases_svg(const LatticePhases& phases, FigureSize size = {400, 300});

}  // namespace sinterscope
