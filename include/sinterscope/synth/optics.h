// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the beam makes of a specimen: the profile of a particle, the blur of the probe, and sampling by the
// scan.
//
// Model. The specimen's signal is laid out on a canvas of square cells, cells_per_pixel of them along a pixel
// edge. A particle's profile is averaged over each cell; canvas and particles are convolved with the probe
// (Gaussian) and with the pixel (a box of cells_per_pixel cells), which is linear, so a particle can be added
// to a canvas that is already blurred. A frame then reads the canvas at the positions of its pixels by cubic
// convolution (Keys, IEEE Trans. ASSP 29, 1153, 1981, doi:10.1109/TASSP.1981.1163711). That is exact to about
// 1e-3 of the contrast while the probe's sigma is above one cell; a much sharper probe would need finer
// cells.
//
// SE: a disk of constant brightness with a bright rim. HAADF: the thickness of a spherical cap. Outlines are
// ellipses or rounded polygons of the same area, so "diameter" always means the circle of equal area.
//
// The sums are written out here rather than left to a library so that equal scenes give equal bytes on every
// machine.

#include <opencv2/core.hpp>

#include "sinterscope/synth/scene.h"

namespace sinterscope {

inline constexpr int cells_per_pixel = 3;

/// A part of the specimen in canvas cells. Cell (0, 0) is centred on (left_cell, top_cell) of the endless
/// canvas, whose cell (0, 0) is centred on the origin of the specimen coordinates (top-left pixel of the
/// region's first frame).
struct Canvas {
  cv::Mat1f cells;
  int left_cell = 0;
  int top_cell = 0;
};

/// A particle as it is painted.
struct PaintedParticle {
  double x_nm = 0.0;
  double y_nm = 0.0;
  double diameter_nm = 2.0;  ///< circle of equal projected area
  double axis_ratio = 1.0;
  double angle_rad = 0.0;
  int corners = 0;               ///< 0 = smooth outline, otherwise a polygon
  double contrast_factor = 1.0;  ///< this particle's contrast over the scene's
};

/// Thickness in nm of a spherical cap of contact angle `angle_deg` and projected radius R at distance r from
/// its axis.
double cap_thickness(double r_nm, double radius_nm, double angle_deg);

/// The particle's profile before any blur, averaged over canvas cells: SE 1 on the flat part and up to
/// 1 + rim_strength at the rim; HAADF the thickness in nm. The patch is just large enough. samples: along the
/// edge of a cell; with 2 the light of a particle of 6 px is right to 0.3 %, with 4 to 0.1 %.
Canvas particle_profile(const PaintedParticle& particle, const OpticsSettings& optics, int samples = 4);

/// Weights of probe and pixel along one axis, sum 1, odd length.
std::vector<float> blur_kernel(double sigma_nm, double pixel_size_nm);
/// The probe's standard deviations along x and y (astigmatism keeps the area).
cv::Point2d probe_sigma_xy_nm(const OpticsSettings& optics);

/// Convolves with a separable kernel; beyond the border the image goes on with its border value.
cv::Mat1f convolve(const cv::Mat1f& image, const std::vector<float>& kernel_x,
                   const std::vector<float>& kernel_y);

/// Where the pixels of one row read: the first at (x_cell, y_cell), the others cells_per_pixel apart.
struct RowPosition {
  double x_cell = 0.0;
  double y_cell = 0.0;
};

/// Adds to `frame` what it reads of the canvas, one position per row. Pixels whose reading would touch cells
/// outside of the canvas get nothing: a canvas with values at its border must be larger than the field.
void add_reading(const Canvas& canvas, const std::vector<RowPosition>& rows, cv::Mat1f& frame);

}  // namespace sinterscope
