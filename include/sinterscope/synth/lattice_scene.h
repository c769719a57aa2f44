// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A kinetic Monte Carlo lattice under the microscope: heights in, an image and its truth out.
//
// Model. Every support site is a square of edge site_nm that carries h atoms in a column; an atom fills the
// volume of the particle phase, so a column of h atoms is h * volume / site_nm^2 thick. HAADF shows that
// thickness; SE shows a surface that brightens with it and saturates after an escape depth of 0.5 nm. Single
// ad-atoms are painted like anything else, which makes them what they are for a real detector: faint mottle.
// What breaks it: columns are square and sit in registry; real particles relax and facet.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/experiment/sample.h"
#include "sinterscope/synth/optics.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope {

/// Atoms that hang together over shared column edges.
struct LatticeCluster {
  double x_nm = 0.0;  ///< centre of mass, specimen coordinates
  double y_nm = 0.0;
  int atoms = 0;
  int columns = 0;           ///< its footprint in sites
  double diameter_nm = 0.0;  ///< circle of the area of its footprint
};

/// The clusters of a patch with at least `smallest_atoms` atoms, largest first. A patch does not wrap around.
std::vector<LatticeCluster> lattice_clusters(const LatticePatch& patch, int smallest_atoms);

/// A periodic map moved by whole sites: site (row, column) of the result is (row + rows, column + columns) of
/// the map.
cv::Mat1i rolled(const cv::Mat1i& periodic_heights, int rows, int columns);

/// A periodic map rolled so that its border cuts as few atoms off their neighbours as a roll along x and y
/// can.
cv::Mat1i unwrapped(const cv::Mat1i& periodic_heights);

/// The patch before blur: HAADF thickness in nm, SE 0 .. 1.
Canvas lattice_profile(const LatticePatch& patch, const Sample& sample, const OpticsSettings& optics);

}  // namespace sinterscope
