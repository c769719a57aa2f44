// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two maps of the entropy model, as in Fig. 2a and 2b of Zhu et al. (arXiv:2204.00812): DeltaG over the
// ad-atom concentration, and c*_ad over temperature and enthalpy. Ready to print: see report/figure.h.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/report/figure.h"

namespace sinterscope {

/// DeltaG(N/M) of one enthalpy and temperature.
struct DeltaGCurve {
  std::string label;
  std::vector<double> concentration;        ///< atoms per site, rising
  std::vector<double> delta_g_eV;           ///< exact
  std::vector<double> delta_g_stirling_eV;  ///< Stirling's leading term, drawn thin; may be empty
  double c_star = 0.0;                      ///< marked where it lies on the curve
};

/// Positive: dispersed is the lower state. Throws Error where there is no curve.
std::string delta_g_svg(const std::vector<DeltaGCurve>& curves, FigureSize size = {});

/// A line c*(T) = level through the map.
struct LevelLine {
  double level = 0.0;
  std::vector<double> temperature_K, dh_eV;
};

/// A case marked on the map.
struct MarkedCase {
  std::string label;
  double temperature_K = 0.0, dh_eV = 0.0;
};

/// c*_ad over temperature and enthalpy as shades with a scale, lines of equal c*, and marked cases. Throws
/// Error unless the map has two columns and two rows at least.
std::string solvus_svg(const SolvusMap& map, const std::vector<LevelLine>& lines,
                       const std::vector<MarkedCase>& cases, FigureSize size = {380, 290});

}  // namespace sinterscope
