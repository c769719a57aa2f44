// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The classical background beneath photoelectron lines, drawn from the data alone.
//
// On the binding-energy axis the background rises behind a line in proportion to the line's area so far:
//   B(E) = I_low + (I_high - I_low) * integral_low^E (I - B) / integral_low^high (I - B),
// solved by iteration (D. A. Shirley, Phys. Rev. B 5, 4709, 1972, doi:10.1103/PhysRevB.5.4709; A. Proctor and
// P. M. A. Sherwood, Anal. Chem. 54, 13, 1982, doi:10.1021/ac00238a008). It hangs on the ends of the window:
// their noise, and any line that still has intensity there, go into every area and into no error bar. The fit
// of inference/xps_fit computes the same background from its own lines instead; this one is for comparison.

#include <span>
#include <vector>

namespace sinterscope {

/// The background at each channel. The ends are means over `end_channels` channels on either side. Throws
/// Error unless there are as many counts as energies, more than twice end_channels, and the energies rise.
std::vector<double> shirley_background(std::span<const double> binding_energy_eV,
                                       std::span<const double> counts, int end_channels = 5);

}  // namespace sinterscope
