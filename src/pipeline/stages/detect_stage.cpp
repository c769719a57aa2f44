// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "shared_products.h"
#include "sinterscope/particles/find.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t sampled_frames = 6;  ///< looked at to tell bright from dark

constexpr std::size_t most_stray = 10;    ///< particles outside of the support that may be chance
constexpr double most_stray_share = 0.2;  ///< of all, above which the support was taken for something else

/// Whether particles stand where the mask says there is no support: on a thin film the particles themselves
/// may have been taken for it.
bool contradicts_support(const std::vector<cv::Mat1f>& frames, const cv::Mat1b& mask,
                         const DetectOptions& options) {
  std::size_t all = 0, stray = 0;
  for (const cv::Mat1f& frame : frames)
    for (const Detection& one : detect(frame, {}, options)) {
      const int x = std::clamp(cvRound(one.x_px), 0, mask.cols - 1),
                y = std::clamp(cvRound(one.y_px), 0, mask.rows - 1);
      ++all;
      stray += mask(y, x) == 0 ? 1 : 0;
    }
  return stray > most_stray && static_cast<double>(stray) > most_stray_share * static_cast<double>(all);
}

class DetectStage : public StageWith<DetectOptions> {
 public:
  std::string name() const override { return "detect"; }
  std::string summary() const override {
    return "what is searched: sizes, false detections allowed per frame, bright or dark particles";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (RegionProducts& region : products.regions) {
      region.detect = options_;
      if (options_.detector.empty()) region.detect.detector = known_detector(products);
      std::vector<cv::Mat1f> sample;
      const std::size_t step = std::max<std::size_t>(1, region.clean->size() / sampled_frames);
      for (std::size_t i = 0; i < region.clean->size() && sample.size() < sampled_frames; i += step)
        sample.push_back(region.clean->load(i).pixels);
      if (options_.polarity == "auto") region.detect.polarity = choose_polarity(sample, {}, region.detect);
      if (!region.support.oxide.empty() && contradicts_support(sample, region.support.oxide, region.detect)) {
        region.support.mask = region.support.oxide = cv::Mat1b(region.raw->frame_size(), 255);
        region.support.area_px = static_cast<double>(region.support.mask.total());
        context.warn(products, "region '" + region.name +
                                   "': many particles stand outside of what was taken for the support; "
                                   "the whole frame is searched and counted as support");
      }
      context.progress.advance();
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_detect_stage() { return std::make_unique<DetectStage>(); }

}  // namespace sinterscope
