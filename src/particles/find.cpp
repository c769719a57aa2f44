// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/find.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

/// What the search knew of a particle whose fit cannot be believed.
Particle from_detection(const Detection& detection, Particle fitted) {
  fitted.x_px = detection.x_px;
  fitted.y_px = detection.y_px;
  fitted.diameter_px = detection.diameter_px;
  fitted.diameter_se_px = 0.3 * detection.diameter_px;  // scales of the search are a factor 2^(1/3) apart
  fitted.position_se_px = 0.25 * detection.diameter_px;
  fitted.contrast = detection.contrast;
  fitted.flags.set(ParticleFlag::fit_failed);
  return fitted;
}

bool ran_away(const Particle& fitted, const Detection& detection) {
  const double moved = std::hypot(fitted.x_px - detection.x_px, fitted.y_px - detection.y_px);
  const double ratio = fitted.diameter_px / detection.diameter_px;
  return !(moved <= 0.75 * detection.diameter_px) || !(ratio > 0.25 && ratio < 4.0) ||
         !(fitted.diameter_se_px > 0.0 && std::isfinite(fitted.diameter_se_px));
}

bool reaches_out(const Particle& particle, const cv::Size& size) {
  const double r = 0.5 * particle.diameter_px;
  return particle.x_px - r < -0.5 || particle.y_px - r < -0.5 || particle.x_px + r > size.width - 0.5 ||
         particle.y_px + r > size.height - 0.5;
}

std::vector<Particle> measured(const FindRequest& request, const cv::Mat1f& raw,
                               const std::vector<Detection>& found) {
  std::vector<Seed> seeds;
  for (const Detection& one : found) seeds.push_back({one.x_px, one.y_px, one.diameter_px});
  const std::vector<SizedFit> fits =
      fit_particles({{raw, {}}}, request.noise, seeds, request.probe, request.size);
  std::vector<Particle> particles;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    Particle particle = to_particle(fits[i]);
    const bool lost = ran_away(particle, found[i]);
    if (lost) particle = from_detection(found[i], particle);
    particle.snr = found[i].significance;
    if (particle.area_px <= 0.0) particle.area_px = 0.25 * pi * particle.diameter_px * particle.diameter_px;
    if (reaches_out(particle, raw.size())) particle.flags.set(ParticleFlag::cut_by_edge);
    particles.push_back(particle);
  }
  return particles;
}

}  // namespace

cv::Mat1b searched_area(const SupportArea& support, const FrameShift& shift) {
  if (support.mask.empty()) return {};
  const int dx = cvRound(shift.shift_px.x), dy = cvRound(shift.shift_px.y);
  if (dx == 0 && dy == 0) return support.mask;
  cv::Mat1b moved;
  const cv::Matx23d by(1, 0, dx, 0, 1, dy);
  // New specimen that drifts in at a border is searched like the specimen beside it.
  cv::warpAffine(support.mask, moved, by, support.mask.size(), cv::INTER_NEAREST, cv::BORDER_REPLICATE);
  return moved;
}

std::vector<Particle> find_particles(const FindRequest& request, Progress& progress) {
  if (request.clean->size() != request.raw->size())
    throw Error("the searched and the measured frames differ in number");
  std::vector<std::vector<Particle>> of_frame(request.raw->size());
  parallel_for(of_frame.size(), request.threads, [&](std::size_t i) {
    const FrameShift shift = i < request.drift.size() ? request.drift[i] : FrameShift{};
    const cv::Mat1f clean = request.clean->load(i).pixels;
    const std::vector<Detection> found = detect(clean, searched_area(request.support, shift), request.detect);
    std::vector<Particle> particles =
        found.empty() ? std::vector<Particle>{} : measured(request, request.raw->load(i).pixels, found);
    for (Particle& one : particles) {
      one.frame = static_cast<int>(i);
      one.x_specimen_px = one.x_px - shift.shift_px.x;
      one.y_specimen_px = one.y_px - shift.shift_px.y;
    }
    std::sort(particles.begin(), particles.end(), [](const Particle& a, const Particle& b) {
      return std::tie(a.y_px, a.x_px) < std::tie(b.y_px, b.x_px);
    });
    of_frame[i] = std::move(particles);
    progress.advance();
  });
  std::vector<Particle> all;
  for (std::vector<Particle>& particles : of_frame) all.insert(all.end(), particles.begin(), particles.end());
  return all;
}

}  // namespace sinterscope
