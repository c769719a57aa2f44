// SPDX-License-Identifier: GPL-3.0-or-later
#include "specimen.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/synth/lattice_scene.h"

namespace sinterscope {
namespace {

/// The specimen pixels that any frame can read, with room for the blur and the cubic interpolation.
cv::Rect field_of(const Scene& scene, const std::vector<FrameMotion>& motion, std::size_t kernel_cells) {
  double left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;
  for (const FrameMotion& frame : motion)
    for (const double part : {-0.5, 0.5}) {
      const cv::Point2d shift = frame.shift_px + part * frame.change_px;
      left = std::max(left, shift.x);
      right = std::max(right, -shift.x);
      top = std::max(top, shift.y);
      bottom = std::max(bottom, -shift.y);
    }
  const double rim = static_cast<double>(kernel_cells) / (2.0 * cells_per_pixel) + 2.0 +
                     7.0 * scene.detector.row_jitter_px + scene.detector.hum_px;
  const auto whole = [rim](double margin) { return static_cast<int>(std::ceil(margin + rim)); };
  return {-whole(left), -whole(top), scene.optics.width_px + whole(left) + whole(right),
          scene.optics.height_px + whole(top) + whole(bottom)};
}

/// Value of the canvas at an endless cell; its border value beyond.
float cell_value(const Canvas& canvas, int column, int row) {
  return canvas.cells(std::clamp(row - canvas.top_cell, 0, canvas.cells.rows - 1),
                      std::clamp(column - canvas.left_cell, 0, canvas.cells.cols - 1));
}

/// Takes away what an earlier profile already shows: overlapping SE disks do not shine twice.
void cut_overlap(Canvas& profile, const Canvas& earlier) {
  const cv::Rect here(profile.left_cell, profile.top_cell, profile.cells.cols, profile.cells.rows);
  const cv::Rect there(earlier.left_cell, earlier.top_cell, earlier.cells.cols, earlier.cells.rows);
  const cv::Rect both = here & there;
  for (int row = both.y; row < both.y + both.height; ++row)
    for (int column = both.x; column < both.x + both.width; ++column) {
      float& value = profile.cells(row - here.y, column - here.x);
      value = std::max(0.0F, value - earlier.cells(row - there.y, column - there.x));
    }
}

/// A patch with an empty rim wide enough for the blur and for the interpolation.
Canvas padded(const Canvas& patch, int rim_x, int rim_y) {
  Canvas result;
  result.left_cell = patch.left_cell - rim_x;
  result.top_cell = patch.top_cell - rim_y;
  result.cells = cv::Mat1f::zeros(patch.cells.rows + 2 * rim_y, patch.cells.cols + 2 * rim_x);
  cv::Mat inner = result.cells(cv::Rect(rim_x, rim_y, patch.cells.cols, patch.cells.rows));
  patch.cells.copyTo(inner);
  return result;
}

/// Blurs profiles and weighs them with the contrast: what they add to the blurred canvas of the support.
class Brush {
 public:
  Brush(const OpticsSettings& optics, const Canvas& support)
      : se_(optics.detector == "SE"),
        contrast_(se_ ? optics.se_contrast : optics.haadf_contrast_per_nm),
        support_(support),
        kernel_x_(blur_kernel(probe_sigma_xy_nm(optics).x, optics.pixel_size_nm)),
        kernel_y_(blur_kernel(probe_sigma_xy_nm(optics).y, optics.pixel_size_nm)) {}

  Canvas paint(const Canvas& profile, double factor) const {
    Canvas patch = padded(profile, static_cast<int>(kernel_x_.size()) / 2 + 2,
                          static_cast<int>(kernel_y_.size()) / 2 + 2);
    for (int row = 0; row < patch.cells.rows; ++row)
      for (int column = 0; column < patch.cells.cols; ++column) {
        float& value = patch.cells(row, column);
        if (value == 0.0F) continue;
        const float local = se_ ? cell_value(support_, patch.left_cell + column, patch.top_cell + row) : 1.0F;
        value *= static_cast<float>(contrast_ * factor) * local;
      }
    patch.cells = convolve(patch.cells, kernel_x_, kernel_y_);
    return patch;
  }

 private:
  bool se_;
  double contrast_;
  const Canvas& support_;
  std::vector<float> kernel_x_, kernel_y_;
};

std::vector<Canvas> paint_particles(const Scene& scene, const std::vector<StandingParticle>& particles,
                                    const Brush& brush) {
  std::vector<Canvas> profiles, patches;
  for (const StandingParticle& particle : particles) {
    profiles.push_back(particle_profile(particle, scene.optics));
    Canvas visible = profiles.back();
    if (scene.optics.detector == "SE") {
      visible.cells = visible.cells.clone();
      for (std::size_t earlier = 0; earlier + 1 < profiles.size(); ++earlier)
        cut_overlap(visible, profiles[earlier]);
    }
    patches.push_back(brush.paint(visible, particle.contrast_factor));
  }
  return patches;
}

}  // namespace

Specimen prepare_specimen(const Scene& scene, const Sample& sample, int region, const std::vector<int>& holds,
                          const Rng& rng, int threads) {
  const cv::Point2d sigma = probe_sigma_xy_nm(scene.optics);
  const std::vector<float> kernel_x = blur_kernel(sigma.x, scene.optics.pixel_size_nm);
  const std::vector<float> kernel_y = blur_kernel(sigma.y, scene.optics.pixel_size_nm);
  Specimen specimen;
  specimen.motion = draw_motion(scene.drift, holds, rng.stream("motion"));
  const cv::Rect field = field_of(scene, specimen.motion, std::max(kernel_x.size(), kernel_y.size()));
  specimen.surface = build_support(scene, field, rng.stream("support"), threads);
  specimen.canvas = specimen.surface.brightness;
  specimen.canvas.cells = convolve(specimen.surface.brightness.cells, kernel_x, kernel_y);
  specimen.surface.brightness.cells.release();
  specimen.steps = grow_population(scene, sample, specimen.surface, region, rng.stream("population"));
  const Brush brush(scene.optics, specimen.canvas);
  for (std::size_t step = 0; step < specimen.steps.size(); ++step) {
    std::vector<Canvas> patches = paint_particles(scene, specimen.steps[step].particles, brush);
    for (const LatticePatch& lattice : scene.programme[step].lattices)
      if (lattice.region == scene.regions[static_cast<std::size_t>(region)])
        patches.push_back(brush.paint(lattice_profile(lattice, sample, scene.optics), 1.0));
    specimen.patches.push_back(std::move(patches));
  }
  return specimen;
}

}  // namespace sinterscope
