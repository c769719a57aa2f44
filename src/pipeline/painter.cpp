// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/painter.h"

#include <algorithm>
#include <cmath>

#include "median.h"
#include "sinterscope/synth/optics.h"

namespace sinterscope {
namespace {

constexpr std::size_t enough_particles = 5;
constexpr std::size_t enough_heights = 200;
constexpr double assumed_contrast = 0.4;

std::vector<const Particle*> well_measured(const Products& products, int region) {
  std::vector<const Particle*> good;
  for (const Particle& particle : products.particles)
    if ((region < 0 || particle.region == region) && !particle.flags.has(ParticleFlag::fit_failed) &&
        !particle.flags.has(ParticleFlag::cut_by_edge) && std::abs(particle.contrast) > 1e-6)
      good.push_back(&particle);
  return good;
}

/// Typical raw pixel around a place: the support the particle stands on.
double local_level(const cv::Mat1f& raw, double x_px, double y_px, double diameter_px) {
  const int half = std::max(2, cvRound(diameter_px));
  const cv::Rect window = cv::Rect(cvRound(x_px) - half, cvRound(y_px) - half, 2 * half + 1, 2 * half + 1) &
                          cv::Rect(0, 0, raw.cols, raw.rows);
  if (window.area() == 0) return 0.0;
  const cv::Mat1f part = raw(window);
  std::vector<double> values(part.begin(), part.end());
  return median(std::move(values));
}

/// Thickness adds to the signal, whatever lies beneath: heights in counts per px of diameter.
std::vector<double> heights_by_thickness(const Products& products, const std::vector<const Particle*>& known,
                                         double typical_px) {
  std::vector<double> heights;
  int loaded = -1;
  cv::Mat1f raw;
  for (const Particle* one : known) {
    // Small ones are found where noise makes them brighter, and are fitted too small.
    if (one->diameter_px < typical_px || one->flags.bits != 0) continue;
    if (one->frame != loaded) {
      if (heights.size() >= enough_heights) break;
      const FrameRecord& record = products.history.frames[static_cast<std::size_t>(one->frame)];
      raw = products.regions[static_cast<std::size_t>(record.region)]
                .raw->load(static_cast<std::size_t>(record.region_frame))
                .pixels;
      loaded = one->frame;
    }
    heights.push_back(one->contrast * local_level(raw, one->x_px, one->y_px, one->diameter_px) /
                      one->diameter_px);
  }
  return heights;
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
  for (const Particle* one : known) contrasts.push_back(one->contrast);
  law.contrast = median(contrasts);
  if (law.by_thickness) {
    const std::vector<double> heights = heights_by_thickness(products, known, law.reference_px);
    if (!heights.empty()) law.counts_per_px = median(heights);
  }
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
    const double level = local_level(raw, x_px, y_px, diameter_px);
    // A cap's profile is its thickness: half its diameter at the centre of a hemisphere.
    const double amplitude = !law.by_thickness          ? law.contrast * level
                             : law.counts_per_px != 0.0 ? 2.0 * law.counts_per_px
                                                        : law.contrast * level * 2.0 / law.reference_px;
    for (int y = 0; y < window.height; ++y)
      for (int x = 0; x < window.width; ++x) {
        const double signal = amplitude * shape(y, x);
        raw(window.y + y, window.x + x) +=
            static_cast<float>(signal + rng.normal() * std::sqrt(noise.gain * std::max(signal, 0.0)));
      }
  };
}

}  // namespace sinterscope
