// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

const cv::Scalar white(255, 255, 255);

cv::Mat3b grey_to_colour(const cv::Mat1f& frame, double clip_percent, int factor) {
  const GreyRange range = grey_range(frame, clip_percent);
  const double gain = 255.0 / (range.white - range.black);
  cv::Mat1b grey;
  frame.convertTo(grey, CV_8U, gain, -range.black * gain);
  if (factor > 1) cv::resize(grey, grey, {}, factor, factor, cv::INTER_NEAREST);
  cv::Mat3b colour;
  cv::cvtColor(grey, colour, cv::COLOR_GRAY2BGR);
  return colour;
}

/// A ring; OpenCV draws with `shift` fractional bits, so the centre keeps its sub-pixel place.
void draw_ring(cv::Mat3b& picture, cv::Point2d centre, double radius, const cv::Scalar& colour, int thickness,
               bool dashed) {
  constexpr int shift = 4;
  const double unit = 1 << shift;
  const cv::Point c(cv::saturate_cast<int>(centre.x * unit), cv::saturate_cast<int>(centre.y * unit));
  const cv::Size r(cv::saturate_cast<int>(radius * unit), cv::saturate_cast<int>(radius * unit));
  for (int start = 0; start < 360; start += dashed ? 45 : 360)
    cv::ellipse(picture, c, r, 0, start, start + (dashed ? 25 : 360), colour, thickness, cv::LINE_AA, shift);
}

/// Largest of 1, 2, 5 times a power of ten that is at most `limit`.
double round_length(double limit) {
  const double decade = std::pow(10.0, std::floor(std::log10(limit)));
  for (const double step : {5.0, 2.0})
    if (step * decade <= limit) return step * decade;
  return decade;
}

void draw_scale_bar(cv::Mat3b& picture, double nm_per_px) {
  const double length_nm = round_length(0.25 * picture.cols * nm_per_px);
  const int length = static_cast<int>(std::lround(length_nm / nm_per_px));
  const int margin = std::max(4, picture.cols / 40), height = std::max(3, picture.rows / 120);
  const cv::Rect bar(margin, picture.rows - margin - height, length, height);
  const std::string label = fmt::format("{:g} nm", length_nm);
  const double font = std::max(0.4, picture.cols / 1000.0);
  const int stroke = std::max(1, static_cast<int>(std::lround(1.6 * font)));
  const cv::Point at(margin, bar.y - height - 3);
  cv::rectangle(picture, bar + cv::Size(2, 2) - cv::Point(1, 1), cv::Scalar::all(0), cv::FILLED);
  cv::rectangle(picture, bar, white, cv::FILLED);
  cv::putText(picture, label, at, cv::FONT_HERSHEY_SIMPLEX, font, cv::Scalar::all(0), stroke + 2,
              cv::LINE_AA);
  cv::putText(picture, label, at, cv::FONT_HERSHEY_SIMPLEX, font, white, stroke, cv::LINE_AA);
}

}  // namespace

std::array<std::uint8_t, 3> track_colour(int track) {
  // Steps of the golden ratio around the circle of hues keep any run of numbers apart; web/viewer.js does the
  // same.
  const double hue = std::fmod(0.09 + 0.6180339887498949 * track, 1.0) * 6.0;
  const auto channel = [hue](double offset) {
    const double k = std::fmod(offset + hue, 6.0);
    const double level = 1.0 - 0.75 * std::clamp(std::min(k, 4.0 - k), 0.0, 1.0);
    return static_cast<std::uint8_t>(std::lround(255.0 * level));
  };
  return {channel(5.0), channel(3.0), channel(1.0)};
}

cv::Mat3b paint_overlay(const cv::Mat1f& frame, std::span<const Particle> particles,
                        std::optional<double> pixel_size_nm, const OverlayOptions& options) {
  const int side = std::max(frame.cols, frame.rows);
  const int factor = side > 0 ? std::max(1, (options.smallest_side_px + side - 1) / side) : 1;
  cv::Mat3b picture = grey_to_colour(frame, options.clip_percent, factor);
  const int thickness = std::max(1, std::max(picture.cols, picture.rows) / 700);
  for (const Particle& particle : particles) {
    const auto rgb = track_colour(particle.track);
    const cv::Scalar colour = particle.track < 0 ? white : cv::Scalar(rgb[2], rgb[1], rgb[0]);
    // The centre of raw pixel (0, 0) lies at ((factor - 1) / 2, (factor - 1) / 2) of the enlarged picture.
    const cv::Point2d centre(factor * (particle.x_px + 0.5) - 0.5, factor * (particle.y_px + 0.5) - 0.5);
    // The ring stands just outside the particle, so that its edge can be judged.
    const double radius = 0.5 * factor * particle.diameter_px + thickness + 1.0;
    const bool doubtful =
        particle.flags.has(ParticleFlag::cut_by_edge) || particle.flags.has(ParticleFlag::fit_failed);
    draw_ring(picture, centre, radius, colour, thickness, doubtful);
    if (options.label_tracks && particle.track >= 0)
      cv::putText(picture, std::to_string(particle.track), centre + cv::Point2d(radius, -radius),
                  cv::FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv::LINE_AA);
  }
  if (pixel_size_nm) draw_scale_bar(picture, *pixel_size_nm / factor);
  return picture;
}

}  // namespace sinterscope
