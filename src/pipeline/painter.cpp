// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/painter.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sinterscope/core/median.h"
#include "sinterscope/synth/optics.h"
#include "stages/find_request.h"

namespace sinterscope {
namespace {

constexpr std::size_t enough_particles = 5;
constexpr std::size_t enough_brightnesses = 200;
constexpr int profile_samples = 2;  ///< along a cell's edge, of which a pixel has three
// No real particle is a perfect disk: a search that doubts what is not round would find those too easily.
constexpr double most_elongated = 1.15;     ///< axis ratios from 1
constexpr double share_of_facetted = 0.33;  ///< with outlines of 5 to 8 corners, as of truncated octahedra

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
  return median(values);
}

OpticsSettings optics_of(const PaintLaw& law) {
  OpticsSettings optics;  // lengths in px: one "nm" of room synth is one pixel here
  optics.pixel_size_nm = 1.0;
  optics.probe_sigma_nm = law.probe_sigma_px;
  optics.detector = law.by_thickness ? "HAADF" : "SE";
  optics.rim_strength = 0.0;
  return optics;
}

/// An outline as real particles have them.
PaintedParticle draw_outline(Rng rng) {
  PaintedParticle particle;
  particle.axis_ratio = rng.uniform(1.0, most_elongated);
  particle.angle_rad = rng.uniform(0.0, CV_PI);
  if (rng.uniform() < share_of_facetted) particle.corners = 5 + static_cast<int>(rng.below(4));
  return particle;
}

/// A particle of amplitude 1 at the origin as probe and pixel see it, wherever the pixels lie.
Canvas blurred_particle(const PaintLaw& law, double diameter_px, PaintedParticle particle = {}) {
  const OpticsSettings optics = optics_of(law);
  particle.x_nm = particle.y_nm = 0.0;
  particle.diameter_nm = diameter_px;
  const Canvas sharp = particle_profile(particle, optics, profile_samples);
  const std::vector<float> kernel = blur_kernel(optics.probe_sigma_nm, optics.pixel_size_nm);
  const int margin = static_cast<int>(kernel.size() / 2) + 2 * cells_per_pixel;
  cv::Mat1f padded(sharp.cells.rows + 2 * margin, sharp.cells.cols + 2 * margin, 0.0F);
  sharp.cells.copyTo(padded(cv::Rect(margin, margin, sharp.cells.cols, sharp.cells.rows)));
  return {convolve(padded, kernel, kernel), sharp.left_cell - margin, sharp.top_cell - margin};
}

/// What the pixels of an image see of it.
struct Stamp {
  cv::Rect window;  ///< in the image; empty outside of it
  cv::Mat1f shape;
};

Stamp make_stamp(const Canvas& particle, double x_px, double y_px, const cv::Size& image) {
  const cv::Point first(cvFloor(x_px + particle.left_cell / double{cells_per_pixel}),
                        cvFloor(y_px + particle.top_cell / double{cells_per_pixel}));
  Stamp stamp;
  stamp.window = cv::Rect(first, cv::Size(particle.cells.cols / cells_per_pixel + 2,
                                          particle.cells.rows / cells_per_pixel + 2)) &
                 cv::Rect({0, 0}, image);
  if (stamp.window.area() == 0) return stamp;
  stamp.shape = cv::Mat1f(stamp.window.size(), 0.0F);
  std::vector<RowPosition> rows;
  for (int y = stamp.window.y; y < stamp.window.y + stamp.window.height; ++y)
    rows.push_back({(stamp.window.x - x_px) * cells_per_pixel, (y - y_px) * cells_per_pixel});
  add_reading(particle, rows, stamp.shape);
  return stamp;
}

/// The middle of a particle and the support beside it.
struct Aperture {
  double middle = 0.0, beside = 0.0;
};

/// Mean within 0.2 diameters of the centre and median of a ring beyond the blurred edge; `part` is an image's
/// part that starts at `corner`. False where one of them has no pixel.
bool read_aperture(const cv::Mat1f& part, cv::Point corner, const Particle& particle, double sigma_px,
                   Aperture& aperture) {
  const double within = std::max(1.0, 0.2 * particle.diameter_px);
  const double inner = 0.5 * particle.diameter_px + 2.5 * sigma_px, outer = inner + 3.0;
  double sum = 0.0, count = 0.0;
  std::vector<double> ring;
  for (int y = 0; y < part.rows; ++y)
    for (int x = 0; x < part.cols; ++x) {
      const double r = std::hypot(x + corner.x - particle.x_px, y + corner.y - particle.y_px);
      if (r <= within)
        sum += static_cast<double>(part(y, x)), count += 1.0;
      else if (r > inner && r <= outer)
        ring.push_back(static_cast<double>(part(y, x)));
    }
  if (count == 0.0 || ring.empty()) return false;
  aperture = {sum / count, median(ring)};
  return true;
}

/// What one particle tells of law.brightness, from the raw pixels: its middle over a ring around it, in units
/// of what a particle of brightness 1 and this diameter shows there. A fit trades amplitude for diameter and
/// background; a mean over pixels does not. Grains bulge: on a support that is not known a ring lies lower
/// than what the particle covers. Nothing where the particle is small or flagged.
std::optional<double> brightness_of(const Particle& particle, const ShiftedFrame& frame,
                                    const PaintLaw& law) {
  const cv::Mat1f& raw = frame.pixels;
  // Small ones are found where noise makes them brighter, and are fitted too small.
  if (particle.diameter_px < law.typical_px || particle.flags.bits != 0) return std::nullopt;
  const Stamp stamp =
      make_stamp(blurred_particle(law, particle.diameter_px), particle.x_px, particle.y_px, raw.size());
  Aperture real, unit;
  if (stamp.window.area() == 0 ||
      !read_aperture(raw(stamp.window), stamp.window.tl(), particle, law.probe_sigma_px, real) ||
      !read_aperture(stamp.shape, stamp.window.tl(), particle, law.probe_sigma_px, unit))
    return std::nullopt;
  const double unit_height = unit.middle - unit.beside;
  if (!(unit_height > 0.0) || real.beside == 0.0) return std::nullopt;
  double height = real.middle - real.beside;
  if (Aperture bare; !frame.support.empty() && read_aperture(frame.support(stamp.window), stamp.window.tl(),
                                                             particle, law.probe_sigma_px, bare))
    height -= bare.middle - bare.beside;
  if (!std::isfinite(height)) return std::nullopt;  // the support is known beneath a part of it only
  // Thickness adds to the signal, whatever lies beneath.
  return law.by_thickness ? height / unit_height : height / unit_height / std::abs(real.beside);
}

/// Of the particles of a few frames, as far as they tell it.
std::vector<double> read_brightnesses(const Products& products, const std::vector<const Particle*>& known,
                                      const PaintLaw& law) {
  std::vector<double> found;
  int loaded = -1;
  ShiftedFrame frame;
  for (const Particle* one : known) {
    const FrameRecord& record = products.history.frames[static_cast<std::size_t>(one->frame)];
    const RegionProducts& region = products.regions[static_cast<std::size_t>(record.region)];
    const auto number = static_cast<std::size_t>(record.region_frame);
    if (one->frame != loaded) {
      if (found.size() >= enough_brightnesses) break;
      frame = measured_frame(region, number, region.raw->load(number).pixels);
      loaded = one->frame;
    }
    const bool in_support = stands_in_support(region, number, {one->x_px, one->y_px}, one->diameter_px);
    if (const std::optional<double> brightness =
            brightness_of(*one, in_support ? ShiftedFrame{frame.pixels, {}} : frame, law))
      found.push_back(*brightness);
  }
  return found;
}

/// Typical signal of a region's first frame: with nothing known of particles, that of their support.
double typical_level(const RegionProducts& region) {
  const cv::Mat1f raw = region.raw->load(0).pixels;
  std::vector<double> values;
  for (int y = 0; y < raw.rows; y += 4)
    for (int x = 0; x < raw.cols; x += 4)
      if (region.support.mask.empty() || region.support.mask(y, x) != 0)
        values.push_back(static_cast<double>(raw(y, x)));
  return median(values);
}

}  // namespace

PaintLaw paint_law_of(const Products& products, int region) {
  PaintLaw law;
  law.by_thickness = products.config.acquisition.detector == "HAADF";
  const RegionProducts& own = products.regions[static_cast<std::size_t>(region)];
  law.probe_sigma_px = own.probe.sigma_px;
  std::vector<const Particle*> known = well_measured(products, region);
  if (known.size() < enough_particles) known = well_measured(products, -1);
  std::vector<double> brightnesses;
  if (known.size() >= enough_particles) {
    std::vector<double> diameters;
    for (const Particle* one : known) diameters.push_back(one->diameter_px);
    law.typical_px = median(diameters);
    brightnesses = read_brightnesses(products, known, law);
  }
  law.assumed = brightnesses.size() < enough_particles;
  if (!law.assumed) {
    law.brightness = median(brightnesses);
    return law;
  }
  const double contrast = own.detect.polarity == "dark" ? -assumed_contrast : assumed_contrast;
  // A cap is half its diameter high.
  law.brightness = law.by_thickness ? contrast * typical_level(own) * 2.0 / law.typical_px : contrast;
  return law;
}

ParticlePainter make_painter(const PaintLaw& law, const RegionProducts& region) {
  const NoiseModel noise = region.noise;
  return [law, noise](double diameter_px, Rng shape) -> ParticleStamp {
    const Canvas particle = blurred_particle(law, diameter_px, draw_outline(shape));
    return [law, noise, diameter_px, particle](cv::Mat1f& raw, double x_px, double y_px, Rng& rng) {
      const Stamp stamp = make_stamp(particle, x_px, y_px, raw.size());
      if (stamp.window.area() == 0) return;
      const double amplitude =
          law.by_thickness ? law.brightness : law.brightness * local_level(raw, x_px, y_px, diameter_px);
      cv::Mat1f part = raw(stamp.window);
      for (int y = 0; y < part.rows; ++y)
        for (int x = 0; x < part.cols; ++x) {
          const double signal = amplitude * static_cast<double>(stamp.shape(y, x));
          part(y, x) +=
              static_cast<float>(signal + rng.normal() * std::sqrt(noise.gain * std::max(signal, 0.0)));
        }
    };
  };
}

}  // namespace sinterscope
