// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which share of the metal is interfacial: a joint fit of photoelectron spectra of several temperatures.
//
// Two spin-orbit doublets, particles (PdO) and metal bound at the interface (Pd2+ on ceria, 1 eV higher), on
// a background that rises behind each line in proportion to it (active Shirley: A. Herrera-Gomez et al.,
// Surf. Interface Anal. 46, 897, 2014, doi:10.1002/sia.5453):
//   counts(E) = A dE sum_j s_j [ D_j(E) + k C_j(E) + l R_j(E) ] + b0 (1 + b1 u + b2 P2(u)),    s = (1 - f, f)
// D_j a doublet of unit area, C_j its integral from below, R_j the integral of that (electrons that lost
// energy on their way out), u the place in the window. Position, separation, splitting, area ratio, widths
// and shape are common to all spectra; areas, f, background and a small shift are their own. What is known
// beforehand enters as normal priors (XpsOptions), so what is not known of it is in the interval of f. The
// objective is the Poisson likelihood itself: Ceres minimises half the sum of the squares of deviance
// residuals.
//
// Intervals are likelihood-ratio sets of the profile: f (or a difference of two f) is held at a value and
// everything else fitted again, until twice the loss is 1 or 3.84. Where the fit is worse than chance allows
// (p < 0.01) they are widened by the root of deviance over degrees of freedom, and the fit says so.
//
// It breaks where a third component has intensity (metallic Pd at 335.2 eV, satellites), where the two
// species differ in shape and not only in width, where counts were divided by something before they were
// written, and f is a share of what the electrons escape from, not of all metal: see entropy fit,
// theory/escape.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/spectrum.h"
#include "sinterscope/inference/interval.h"
#include "sinterscope/inference/message.h"
#include "sinterscope/inference/xps_options.h"

namespace sinterscope {

/// A parameter with the standard error of its place on the likelihood, prior included.
struct FittedValue {
  double value = 0.0;
  double se = 0.0;
};

/// Expected counts along one spectrum, at the energies of its window.
struct XpsCurves {
  std::vector<double> binding_energy_eV, counts, fit, background, particle, interfacial;
};

struct XpsSpectrumFit {
  std::string name;
  std::optional<double> temperature_K;
  Estimate fraction;  ///< interfacial share; its ends are cut at 0 and 1, `bounded` names the others
  double fraction_se = 0.0;
  FittedValue line_counts;   ///< of both components
  FittedValue shirley_rise;  ///< background per count of line below, 1/eV
  FittedValue loss_slope;    ///< and its growth with the distance from the line, 1/eV^2
  double shift_eV = 0.0;
  double deviance = 0.0;
  int channels = 0;
  XpsCurves curves;
};

/// How far the fraction moved from one spectrum to another.
struct XpsChange {
  std::size_t from = 0, to = 0;  ///< indices into the spectra
  Estimate change;
};

struct XpsFit {
  XpsOptions options;
  FittedValue particle_line_eV, separation_eV, splitting_eV, area_ratio, fwhm_eV, lorentz, width_ratio;
  std::vector<XpsSpectrumFit> spectra;
  std::vector<XpsChange>
      changes;  ///< from each spectrum to the next, and from the first to the last of three
  double goodness_g2 = 0.0;
  int goodness_dof = 0;
  double goodness_p = 1.0;
  double dispersion = 1.0;  ///< by which deviances were divided for the intervals; 1 where the fit is good
  bool one_line = false;    ///< one species alone fits, and which one only the energy scale could tell
  bool converged = false;
  std::vector<FitMessage> messages;
};

/// Fits all spectra together. Throws Error that names spectrum, field and value where one cannot be fitted:
/// fewer than 30 channels in the window, both lines outside of it, counts that are negative or not finite,
/// energies that do not rise, no spectrum at all; usage_error for options out of range.
XpsFit fit_xps(std::span<const Spectrum> spectra, const XpsOptions& options = {});

}  // namespace sinterscope
