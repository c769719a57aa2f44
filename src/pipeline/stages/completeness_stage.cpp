// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/imaging/denoise.h"
#include "sinterscope/particles/find.h"
#include "sinterscope/particles/injection.h"
#include "sinterscope/pipeline/painter.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t frames_per_hold = 2;  ///< painted in turn

std::vector<cv::Point3d> occupied_places(const Products& products, int frame) {
  std::vector<cv::Point3d> places;
  for (const Particle& particle : products.particles)
    if (particle.frame == frame) places.emplace_back(particle.x_px, particle.y_px, particle.diameter_px);
  return places;
}

class CompletenessStage : public StageWith<InjectionOptions> {
 public:
  std::string name() const override { return "completeness"; }
  std::string summary() const override {
    return "artificial particles painted into each hold's frames and searched: d50, d90";
  }
  void run(Products& products, const RunContext& context) const override {
    const std::vector<Hold>& holds = products.history.holds;
    products.completeness.assign(holds.size(), CompletenessCurve{});
    context.progress.start(name(), holds.size());
    std::vector<PaintLaw> laws;
    for (std::size_t r = 0; r < products.regions.size(); ++r)
      laws.push_back(paint_law_of(products, static_cast<int>(r)));
    for (std::size_t r = 0; r < laws.size(); ++r)
      if (laws[r].assumed && options_.trials > 0)
        context.warn(
            products,
            fmt::format("region '{}': no particle tells how bright particles are; completeness assumes a "
                        "contrast of {:.2f}",
                        products.regions[r].name, laws[r].contrast));
    parallel_for(holds.size(), context.threads, [&](std::size_t h) {
      products.completeness[h] =
          measure(products, holds[h], h, laws[static_cast<std::size_t>(holds[h].region)], context);
      context.progress.advance();
    });
  }

 private:
  CompletenessCurve measure(const Products& products, const Hold& hold, std::size_t index,
                            const PaintLaw& law, const RunContext& context) const {
    const RegionProducts& region = products.regions[static_cast<std::size_t>(hold.region)];
    const std::vector<std::size_t> frames = region_frames_of(products, hold);
    std::vector<InjectionFrame> painted;
    for (std::size_t k = 0; k < std::min(frames_per_hold, frames.size()); ++k) {
      const std::size_t at = k * frames.size() / std::min(frames_per_hold, frames.size());
      painted.push_back({region.raw->load(frames[at]).pixels,
                         searched_area(region.support, region.drift[frames[at]]),
                         occupied_places(products, hold.frames[at])});
    }
    const DenoiseOptions denoising = region.denoise;
    const FrameCleaner clean = [&](const cv::Mat1f& raw) {
      Frame frame;
      frame.pixels = raw;
      return denoise(frame, region.noise, denoising).pixels;
    };
    CompletenessCurve curve =
        fit_completeness(inject_particles(painted, clean, region.detect, make_painter(law, region), options_,
                                          context.rng.stream("completeness", index)));
    const double searched_px = std::max(region.support.area_px, 1.0);
    curve.false_density_px2 = region.detect.false_per_frame / searched_px;
    curve.false_diameter_px =
        std::isfinite(curve.d50_px) ? curve.d50_px : 2.0 * region.detect.smallest_diameter_px;
    return curve;
  }
};

}  // namespace

std::unique_ptr<Stage> make_completeness_stage() { return std::make_unique<CompletenessStage>(); }

}  // namespace sinterscope
