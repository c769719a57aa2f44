// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "shared_products.h"
#include "sinterscope/particles/find.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t sampled_frames = 6; ///< looked at to tell bright from dark

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
      if (options_.polarity == "auto") {
        std::vector<cv::Mat1f> sample;
        const std::size_t step = std::max<std::size_t>(1, region.clean->size() / sampled_frames);
        for (std::size_t i = 0; i < region.clean->size() && sample.size() < sampled_frames; i += step)
          sample.push_back(region.clean->load(i).pixels);
        region.detect.polarity = choose_polarity(sample, region.support.mask, region.detect);
      }
      context.progress.advance();
    }
  }
};

} // namespace

std::unique_ptr<Stage> make_detect_stage() { return std::make_unique<DetectStage>(); }

} // namespace sinterscope
