// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "file_part.h"
#include "particles_by_frame.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/report/overlay.h"

namespace sinterscope {
namespace {

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

void write_overlays(const Products& products, const std::filesystem::path& folder, int most,
                    const RunContext& context) {
  const std::vector<int> frames = chosen_frames(products, most);
  std::filesystem::remove_all(folder / "overlay");
  std::filesystem::create_directories(folder / "overlay");
  context.progress.start("overlays", frames.size());
  parallel_for(frames.size(), context.threads, [&](std::size_t i) {
    const FrameRecord& record = products.history.frames[static_cast<std::size_t>(frames[i])];
    const RegionProducts& region = products.regions[static_cast<std::size_t>(record.region)];
    const cv::Mat1f pixels = region.raw->load(static_cast<std::size_t>(record.region_frame)).pixels;
    cv::Mat picture = paint_overlay(pixels, particles_of_frame(products, frames[i]), region.pixel_size_nm());
    cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
    write_png(folder / "overlay" / fmt::format("frame_{:05}.png", frames[i]), picture);
    context.progress.advance();
  });
}

}  // namespace sinterscope
