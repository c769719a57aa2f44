// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "../particles_by_frame.h"
#include "find_request.h"
#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/imaging/denoise.h"
#include "sinterscope/particles/find.h"
#include "sinterscope/particles/injection.h"
#include "sinterscope/pipeline/painter.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t frames_per_hold = 2;  ///< painted

std::vector<cv::Point3d> occupied_places(const Products& products, int frame) {
  std::vector<cv::Point3d> places;
  for (const Particle& particle : particles_of_frame(products, frame))
    places.emplace_back(particle.x_px, particle.y_px, particle.diameter_px);
  return places;
}

/// Frames of one hold to be painted, and the search of them.
class HoldSearch {
 public:
  HoldSearch(const Products& products, const Hold& hold)
      : region_(products.regions[static_cast<std::size_t>(hold.region)]),
        request_(find_request_of(products, static_cast<std::size_t>(hold.region), 1)) {
    const std::vector<std::size_t> frames = region_frames_of(products, hold);
    const std::size_t wanted = std::min(frames_per_hold, frames.size());
    for (std::size_t k = 0; k < wanted; ++k) {
      Setting setting;
      setting.frame = frames[k * frames.size() / wanted];
      setting.block = block_of(setting.frame, request_);
      setting.leads = k == 0 || settings_.back().block.first != setting.block.first;
      // What the average shows is added to it in the coordinates of its block's first frame.
      if (setting.leads) setting.frame = setting.block.first;
      if (setting.leads) setting.known = study_block(request_, setting.block);
      setting.searched = searched_in(request_, setting.frame);
      const cv::Mat1f raw = region_.steady->load(setting.frame).pixels;
      setting.clean = searched_image(raw, setting.frame);
      setting.measured = measured_frame(region_, setting.frame, raw);
      frames_.push_back({raw, counted_area(region_.support, region_.drift[setting.frame]),
                         oxide_area(region_.support, region_.drift[setting.frame]),
                         occupied_places(products, hold.frames[setting.frame - frames.front()]),
                         region_.drift[setting.frame].shift_px});
      settings_.push_back(std::move(setting));
    }
  }

  const std::vector<InjectionFrame>& frames() const { return frames_; }

  /// Particles of each frame at the painted places, if the frames look like these.
  std::vector<std::vector<cv::Point2d>> find(const std::vector<PaintedFrame>& painted) const {
    std::vector<std::vector<cv::Point2d>> places;
    const Setting* leader = nullptr;
    cv::Mat1f average;                  // in the coordinates of the leader
    std::vector<Detection> in_average;  // the same
    for (std::size_t k = 0; k < settings_.size(); ++k) {
      const Setting& setting = settings_[k];
      FrameView view;
      view.clean = searched_image(painted[k].raw, setting.frame);
      view.raw = setting.measured;
      view.raw.pixels = painted[k].raw;
      view.searched = setting.searched;
      view.counted = counted_area(region_.support, region_.drift[setting.frame]);
      view.asked = painted[k].painted;
      if (setting.leads) {
        leader = &setting;
        // In the average a painted particle stands as it would in every frame of the block.
        average = cv::Mat1f();
        if (!setting.known.average.empty()) {
          average = cv::Mat1f(setting.known.average + view.clean - setting.clean);
          in_average = search_average(request_, setting.known, average, view.asked);
        }
      }
      const cv::Point2d by = region_.drift[setting.frame].shift_px - region_.drift[leader->frame].shift_px;
      if (region_.drift[setting.frame].reliable) view.average = average;
      view.average_shift_px = by;
      view.in_average = in_average;
      for (Detection& one : view.in_average) one.x_px += by.x, one.y_px += by.y;
      places.emplace_back();
      for (const Particle& one : find_in_frame(request_, leader->known.ground, view))
        places.back().emplace_back(one.x_px, one.y_px);
    }
    return places;
  }

 private:
  /// What the search of a frame knows besides the frame.
  struct Setting {
    std::size_t frame = 0;
    FrameBlock block;
    bool leads = false;    ///< the first frame of its block; others use what it knows
    BlockKnowledge known;  ///< of a leader
    cv::Mat1b searched;
    cv::Mat1f clean;        ///< the searched image without painted particles
    ShiftedFrame measured;  ///< the raw one, with the support that shines through between few particles
  };

  cv::Mat1f searched_image(const cv::Mat1f& raw, std::size_t frame) const {
    Frame painted;
    painted.pixels = raw;
    return region_.search->prepare(denoise(painted, region_.noise, region_.denoise).pixels, frame);
  }

  const RegionProducts& region_;
  FindRequest request_;
  std::vector<InjectionFrame> frames_;
  std::vector<Setting> settings_;
};

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
    std::vector<PaintLaw> laws(products.regions.size());
    if (options_.trials > 0) learn_laws(products, laws, context);
    parallel_for(holds.size(), context.threads, [&](std::size_t h) {
      products.completeness[h] =
          measure(products, holds[h], h, laws[static_cast<std::size_t>(holds[h].region)], context);
      context.progress.advance();
    });
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.completeness);
    return true;
  }

 private:
  static void learn_laws(Products& products, std::vector<PaintLaw>& laws, const RunContext& context) {
    for (std::size_t r = 0; r < laws.size(); ++r) laws[r] = paint_law_of(products, static_cast<int>(r));
    for (std::size_t r = 0; r < laws.size(); ++r)
      if (laws[r].assumed)
        context.warn(products,
                     fmt::format("region '{}': no particle tells how bright particles are; completeness "
                                 "assumes a contrast of {:.2f}",
                                 products.regions[r].name, assumed_contrast));
  }

  CompletenessCurve measure(const Products& products, const Hold& hold, std::size_t index,
                            const PaintLaw& law, const RunContext& context) const {
    const RegionProducts& region = products.regions[static_cast<std::size_t>(hold.region)];
    CompletenessCurve curve;
    if (options_.trials > 0) {
      const HoldSearch search(products, hold);
      curve = fit_completeness(inject_particles(
          search.frames(), [&](const std::vector<PaintedFrame>& painted) { return search.find(painted); },
          make_painter(law, region), options_, context.rng.stream("completeness", index)));
    } else {
      curve = fit_completeness({});
    }
    const double searched_px = std::max(region.support.area_px, 1.0);
    const FindRequest request = find_request_of(products, static_cast<std::size_t>(hold.region), 1);
    const FrameBlock block = block_of(region_frames_of(products, hold).front(), request);
    // Where a block is searched in its average, too, half of the allowed ones are found there: in all its
    // frames.
    const bool averaged = request.average && block.count > 1;
    curve.false_density_px2 = (averaged ? 0.5 : 1.0) * region.detect.false_per_frame / searched_px;
    curve.standing_false_density_px2 = averaged ? 0.5 * region.detect.false_per_frame / searched_px : 0.0;
    curve.standing_frames = static_cast<int>(block.count);
    curve.false_diameter_px =
        std::isfinite(curve.d50_px) ? curve.d50_px : 2.0 * region.detect.smallest_diameter_px;
    return curve;
  }
};

}  // namespace

std::unique_ptr<Stage> make_completeness_stage() { return std::make_unique<CompletenessStage>(); }

}  // namespace sinterscope
