// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The frames of one region as one source: the files of its entries in a row, opened lazily.

#include <memory>
#include <vector>

#include "sinterscope/experiment/frame_source.h"

namespace sinterscope {

class RegionFrames : public FrameSource {
 public:
  /// Sources in time order, at least one, all of one frame size; Error naming both sizes otherwise.
  /// labels: how each source is called in messages. calibration: of the whole region.
  RegionFrames(std::vector<std::unique_ptr<FrameSource>> sources, const std::vector<std::string>& labels,
               Calibration calibration);
  const SourceDescription& description() const override { return description_; }
  Frame load(std::size_t i) const override;
  cv::Mat load_native(std::size_t i) const override;

 private:
  /// Which source frame i lies in, and where.
  std::pair<std::size_t, std::size_t> locate(std::size_t i) const;

  std::vector<std::unique_ptr<FrameSource>> sources_;
  std::vector<std::size_t> starts_;
  SourceDescription description_;
};

}  // namespace sinterscope
