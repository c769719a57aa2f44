// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Is a followed detection a particle, or a false detection that returned at its place?
//
// Model: the particles of a hold look alike: ln(SNR) and ln(contrast) are normal about their medians, with a
// share of odd ones that may look like anything. A false detection barely passed the search, whose threshold
// lies at a few standard deviations: its SNR is about 3; its contrast may be anything. A hold with too few
// particles to show a law of its own borrows that of the region. The ratio of both densities, times the
// number of false ones to be expected over the number seen, are the odds. What breaks it: particles that are
// all near the limit in a hold with few of them (they look like false ones), and false detections with a high
// SNR, such as the corner of a cube.

#include <cstddef>
#include <span>
#include <vector>

namespace sinterscope {

/// A track within one hold.
struct Appearance {
  std::size_t hold = 0;
  double snr = 0.0;  ///< medians over its frames; 0 = not measured
  double contrast = 0.0;
};

/// For each, ln of the density of its looks if it is false over that if it is a particle; -infinity where
/// they were not measured.
std::vector<double> log_false_ratios(std::span<const Appearance> appearances);

}  // namespace sinterscope
