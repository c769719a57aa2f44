// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A particle as found and measured in one frame.
//
// Lengths are in pixels of the raw frame, because an uncalibrated image is analysed all the same; the
// calibration turns them into nm on their way into a table or an inventory.

#include <cstdint>
#include <string>
#include <vector>

namespace sinterscope {

/// What was wrong or special with a measurement, as bits.
enum class ParticleFlag : std::uint32_t {
  fit_failed = 1U << 0,   ///< the model fit did not converge: diameter is the detector's estimate
  at_bound = 1U << 1,     ///< a fitted parameter ended at its bound
  poor_fit = 1U << 2,     ///< reduced chi-square too large for the model
  irregular = 1U << 3,    ///< measured by contour: equivalent diameter of its area
  touching = 1U << 4,     ///< fitted together with a neighbour
  cut_by_edge = 1U << 5,  ///< reaches beyond the frame or the searched area
  saturated = 1U << 6,    ///< contains clipped pixels
};

struct ParticleFlags {
  std::uint32_t bits = 0;
  void set(ParticleFlag flag) { bits |= static_cast<std::uint32_t>(flag); }
  bool has(ParticleFlag flag) const { return (bits & static_cast<std::uint32_t>(flag)) != 0; }
};

/// The flags as words joined by '|', empty for none: "poor_fit|touching".
std::string to_text(ParticleFlags flags);

struct Particle {
  int frame = 0;      ///< global frame number
  int region = 0;     ///< index into ThermalHistory::regions
  int hold = 0;       ///< hold of its region
  int track = -1;     ///< number given by linking; -1 = not linked yet
  double x_px = 0.0;  ///< raw frame; centre of the top-left pixel is (0, 0)
  double y_px = 0.0;
  double position_se_px = 0.0;
  double x_specimen_px = 0.0;  ///< drift-corrected
  double y_specimen_px = 0.0;
  double diameter_px = 0.0;
  double diameter_se_px = 0.0;
  double area_px = 0.0;       ///< projected area
  double contrast = 0.0;      ///< (particle - local background) / local background
  double snr = 0.0;           ///< matched-filter signal over its noise
  double axis_ratio = 1.0;    ///< long over short axis
  double chi2_per_dof = 0.0;  ///< of the model fit; 0 = no fit
  ParticleFlags flags;
};

}  // namespace sinterscope
