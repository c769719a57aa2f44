// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/painter.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/synth/optics.h"

namespace sinterscope {
namespace {

constexpr std::size_t enough_particles = 5;
constexpr double assumed_contrast = 0.4;

std::vector<const Particle*> well_measured(const Products& products, int region) {
  std::vector<const Particle*> good;
  for (const Particle& particle : products.particles)
    if ((region < 0 || particle.region == region) && !particle.flags.has(ParticleFlag::fit_failed) &&
        !particle.flags.has(ParticleFlag::cut_by_edge) && std::abs(particle.contrast) > 1e-6)
      good.push_back(&particle);
  return good;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Mean of the raw pixels around a place: the support the particle would stand on.
double local_level(const cv::Mat1f& raw, double x_px, double y_px, double diameter_px) {
  const int half = std::max(2, cvRound(diameter_px));
  const cv::Rect window = cv::Rect(cvRound(x_px) - half, cvRound(y_px) - half, 2 * half + 1, 2 * half + 1) &
                          cv::Rect(0, 0, raw.cols, raw.rows);
  return window.area() > 0 ? cv::mean(raw(window))[0] : 0.0;
}

}  // namespace

PaintLaw paint_law_of(const Products& products, int region) {
  PaintLaw law;
  law.by_thickness = products.config.acquisition.detector == "HAADF";
  const RegionProducts& own = products.regions[static_cast<std::size_t>(region)];
  law.probe_sigma_px = own.probe.sigma_px;
  std::vector<const Particle*> known = well_measured(products, region);
  if (known.size() < enough_particles) known = well_measured(products, -1);
  if (known.size() < enough_particles) {
    law.contrast = own.detect.polarity == "dark" ? -assumed_contrast : assumed_contrast;
    law.assumed = true;
    return law;
  }
  std::vector<double> contrasts, diameters;
  for (const Particle* one : known) diameters.push_back(one->diameter_px);
  law.reference_px = median(diameters);
  for (const Particle* one : known)
    contrasts.push_back(law.by_thickness ? one->contrast * law.reference_px / one->diameter_px
                                         : one->contrast);
  law.contrast = median(contrasts);
  return law;
}

ParticlePainter make_painter(const PaintLaw& law, const RegionProducts& region) {
  OpticsSettings optics;  // lengths in px: one "nm" of room synth is one pixel here
  optics.pixel_size_nm = 1.0;
  optics.probe_sigma_nm = law.probe_sigma_px;
  optics.detector = law.by_thickness ? "HAADF" : "SE";
  optics.rim_strength = 0.0;
  const NoiseModel noise = region.noise;
  return [law, optics, noise](cv::Mat1f& raw, double x_px, double y_px, double diameter_px, Rng& rng) {
    PaintedParticle particle;
    particle.x_nm = x_px;
    particle.y_nm = y_px;
    particle.diameter_nm = diameter_px;
    Canvas canvas = particle_profile(particle, optics);
    const std::vector<float> kernel = blur_kernel(optics.probe_sigma_nm, optics.pixel_size_nm);
    const int margin = static_cast<int>(kernel.size() / 2) + cells_per_pixel;
    cv::Mat1f padded(canvas.cells.rows + 2 * margin, canvas.cells.cols + 2 * margin, 0.0F);
    canvas.cells.copyTo(padded(cv::Rect(margin, margin, canvas.cells.cols, canvas.cells.rows)));
    canvas = {convolve(padded, kernel, kernel), canvas.left_cell - margin, canvas.top_cell - margin};

    const int reach = cvRound(0.5 * diameter_px + 5.0 * law.probe_sigma_px) + 3;
    const cv::Rect window =
        cv::Rect(cvRound(x_px) - reach, cvRound(y_px) - reach, 2 * reach + 1, 2 * reach + 1) &
        cv::Rect(0, 0, raw.cols, raw.rows);
    if (window.area() == 0) return;
    cv::Mat1f shape(window.size(), 0.0F);
    std::vector<RowPosition> rows;
    for (int y = window.y; y < window.y + window.height; ++y)
      rows.push_back(
          {static_cast<double>(window.x * cells_per_pixel), static_cast<double>(y * cells_per_pixel)});
    add_reading(canvas, rows, shape);
    // A cap's profile is its thickness: half its diameter at the centre of a hemisphere.
    const double unit = law.by_thickness ? 2.0 / law.reference_px : 1.0;
    const double amplitude = law.contrast * unit * local_level(raw, x_px, y_px, diameter_px);
    for (int y = 0; y < window.height; ++y)
      for (int x = 0; x < window.width; ++x) {
        const double signal = amplitude * shape(y, x);
        raw(window.y + y, window.x + x) +=
            static_cast<float>(signal + rng.normal() * std::sqrt(noise.gain * std::max(signal, 0.0)));
      }
  };
}

}  // namespace sinterscope
