// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "file_part.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/tiff_writer.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/report/overlay.h"

namespace sinterscope {
namespace {

/// Particles of each frame, by global frame number.
std::map<int, std::vector<Particle>> by_frame(const Products& products) {
  std::map<int, std::vector<Particle>> result;
  for (const Particle& particle : products.particles) result[particle.frame].push_back(particle);
  return result;
}

/// Track number + 1 inside each outline; numbers beyond 65535 start again at 1.
cv::Mat1w paint_labels(const std::vector<Particle>& particles, const cv::Size& size) {
  constexpr int shift_bits = 4;
  constexpr double sub_pixel = 1 << shift_bits;
  cv::Mat1w labels(size, 0);
  for (const Particle& particle : particles) {
    const cv::Point centre(cvRound(particle.x_px * sub_pixel), cvRound(particle.y_px * sub_pixel));
    const int number = std::max(particle.track, 0) % 65535 + 1;
    cv::circle(labels, centre, std::max(1, cvRound(0.5 * particle.diameter_px * sub_pixel)), number,
               cv::FILLED, cv::LINE_8, shift_bits);
  }
  return labels;
}

/// At most `most` frames, the same share of every hold.
std::vector<int> chosen_frames(const Products& products, int most) {
  std::vector<int> chosen;
  if (most <= 0) return chosen;
  const auto holds = static_cast<int>(products.history.holds.size());
  const int per_hold = std::max(1, most / std::max(1, holds));
  for (const Hold& hold : products.history.holds) {
    const auto n = static_cast<int>(hold.frames.size());
    const int take = std::min(n, per_hold);
    for (int k = 0; k < take; ++k) chosen.push_back(hold.frames[static_cast<std::size_t>(k * n / take)]);
  }
  std::sort(chosen.begin(), chosen.end());
  if (static_cast<int>(chosen.size()) > most) chosen.resize(static_cast<std::size_t>(most));
  return chosen;
}

}  // namespace

void write_labels(const Products& products, const std::filesystem::path& folder, const RunContext& context) {
  const auto particles = by_frame(products);
  context.progress.start("labels", products.history.frames.size());
  for (std::size_t r = 0; r < products.regions.size(); ++r) {
    const RegionProducts& region = products.regions[r];
    const std::vector<int> frames = products.history.frames_of_region(static_cast<int>(r));
    const std::string name =
        products.regions.size() == 1 ? "labels.tif" : fmt::format("labels_{}.tif", file_part(region.name));
    TiffStackFormat format;
    format.frames = frames.size();
    format.calibration = region.raw->description().calibration;
    format.deflate = true;
    TiffStackWriter writer(folder / name, format);
    for (const int frame : frames) {
      const auto found = particles.find(frame);
      writer.write(paint_labels(found == particles.end() ? std::vector<Particle>{} : found->second,
                                region.raw->frame_size()));
      context.progress.advance();
    }
    writer.finish();
  }
}

void write_overlays(const Products& products, const std::filesystem::path& folder, int most,
                    const RunContext& context) {
  const std::vector<int> frames = chosen_frames(products, most);
  std::filesystem::remove_all(folder / "overlay");
  std::filesystem::create_directories(folder / "overlay");
  const auto particles = by_frame(products);
  context.progress.start("overlays", frames.size());
  parallel_for(frames.size(), context.threads, [&](std::size_t i) {
    const FrameRecord& record = products.history.frames[static_cast<std::size_t>(frames[i])];
    const RegionProducts& region = products.regions[static_cast<std::size_t>(record.region)];
    const cv::Mat1f pixels = region.raw->load(static_cast<std::size_t>(record.region_frame)).pixels;
    const auto found = particles.find(frames[i]);
    cv::Mat picture = paint_overlay(
        pixels, found == particles.end() ? std::vector<Particle>{} : found->second, region.pixel_size_nm());
    cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
    write_png(folder / "overlay" / fmt::format("frame_{:05}.png", frames[i]), picture);
    context.progress.advance();
  });
}

}  // namespace sinterscope
