// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/region_frames.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/core/error.h"

namespace sinterscope {

RegionFrames::RegionFrames(std::vector<std::unique_ptr<FrameSource>> sources,
                           const std::vector<std::string>& labels, Calibration calibration)
    : sources_(std::move(sources)) {
  if (sources_.empty()) throw Error("a region without files");
  description_ = sources_.front()->description();
  description_.calibration = std::move(calibration);
  description_.frames = 0;
  description_.times_s.clear();  // of one file each
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    const SourceDescription& source = sources_[k]->description();
    if (source.width != description_.width || source.height != description_.height)
      throw Error(fmt::format(
          "{} holds frames of {} x {} pixels, {} of {} x {}: give frames of another size a region of "
          "their own",
          labels.at(k), source.width, source.height, labels.at(0), description_.width, description_.height));
    starts_.push_back(description_.frames);
    description_.frames += source.frames;
  }
}

std::pair<std::size_t, std::size_t> RegionFrames::locate(std::size_t i) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), i);
  const auto k = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return {k, i - starts_[k]};
}

Frame RegionFrames::load(std::size_t i) const {
  const auto where = locate(i);
  Frame frame = sources_[where.first]->load(where.second);
  frame.index = i;
  frame.calibration = description_.calibration;
  return frame;
}

cv::Mat RegionFrames::load_native(std::size_t i) const {
  const auto where = locate(i);
  return sources_[where.first]->load_native(where.second);
}

}  // namespace sinterscope
