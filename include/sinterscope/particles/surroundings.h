// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How far a blob stands out from what its surroundings lead one to expect beneath it.
//
// A facet's edge, a ridge, a step in thickness are long: along their direction the image hardly changes. So
// what lies beneath a blob is foretold by running along the best direction from both sides of it: of all
// directions the one is taken in which the pixels around the blob are best described by one profile across it
// on either side, and one slope along it. What that leaves unexplained around the blob is structure that
// could as well make up the blob: the corner of a cube, the crossing of two edges, texture. Breaks down for a
// blob as long as its surroundings are wide, and where edges bend within twice the blob's diameter.

#include <opencv2/core.hpp>
#include <vector>

namespace sinterscope {

/// Standard deviation of the Gaussian nearest to a blurred disk, in diameters.
inline constexpr double blob_sigma = 0.36;

/// A circle in the pixels of the image it is asked of.
struct Disk {
  double x = 0, y = 0, diameter = 0;
};

struct Surroundings {
  /// Of the Gaussian nearest to the blob over what its surroundings foretell, > 0 for the wanted sign; a
  /// quarter more than the height of a sharp disk.
  double height = 0;
  double structure = 0;  ///< rms around the blob that neither the foretelling nor the noise explains
  double alone = 0;      ///< height over the second-highest of eight sectors around
  double uneven = 0;     ///< rms around the blob that neither a plane nor the noise explains
  double lopsided = 0;   ///< rms of the blob about its mean profile
};

/// image: smoothed a little, a blob of 5 to 12 px across. noise_sd: of one pixel of it. others: disks that do
/// not count as surroundings (other particles). Heights in units of the image.
Surroundings judge_surroundings(const cv::Mat1f& image, const Disk& blob, bool bright, double noise_sd,
                                const std::vector<Disk>& others);

}  // namespace sinterscope
