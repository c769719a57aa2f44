// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Had a hold settled? First-order relaxation of the atoms in particles toward a plateau.
//
// Model: c(t) = plateau + start exp(-rate t), dc/dt proportional to the distance from equilibrium. For each
// rate of a logarithmic grid the other two are linear; the rate with the least chi-square is taken. The
// change is believed if chi-square falls by more than 11.3 (99 % for the two parameters and the search over
// rates; errors widened to the scatter that is left), and the hold has not settled if more than a tolerance
// of the last value is still to come. A change too slow to bend within the hold is a straight line: its
// plateau is not known and the hold has not settled. What breaks it: changes that come in steps, and frames
// that differ for reasons of the microscope.

#include <optional>
#include <span>

namespace sinterscope {

struct AmountInTime {
  double time_s = 0.0;
  double amount = 0.0;
  double variance = 0.0;
};

struct Relaxation {
  bool settled = true;
  double change_chi2 = 0.0;          ///< by which the relaxation explains the series better than a constant
  double plateau = 0.0;              ///< the constant where no change is believed
  std::optional<double> rate_per_s;  ///< where a change is believed
  double remaining = 0.0;            ///< last value of the curve less the plateau
};

/// Empty for fewer than four frames or where nothing is seen in any. `tolerance`: share of the last value
/// that may still be to come. Throws Error for times that do not rise.
std::optional<Relaxation> fit_relaxation(std::span<const AmountInTime> series, double tolerance = 0.1);

}  // namespace sinterscope
