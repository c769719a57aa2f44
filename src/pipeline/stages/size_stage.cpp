// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/find.h"
#include "sinterscope/particles/probe.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t probe_frames = 4;      ///< frames the probe is estimated from
constexpr double assumed_probe_px = 1.0;     ///< where nothing tells
constexpr double assumed_probe_se_px = 0.3;

/// The probe as given, or from the particles of the frames that show most of them.
Probe find_probe(Products& products, RegionProducts& region, const SizeOptions& options, const RunContext& context) {
  const auto pixel_nm = region.pixel_size_nm();
  if (products.config.acquisition.probe_sigma_nm && pixel_nm)
    return {*products.config.acquisition.probe_sigma_nm / *pixel_nm, 0.0};
  std::vector<std::vector<Detection>> found(region.clean->size());
  const std::size_t step = std::max<std::size_t>(1, found.size() / 24);
  parallel_for((found.size() + step - 1) / step, context.threads, [&](std::size_t k) {
    const std::size_t i = k * step;
    found[i] = detect(region.clean->load(i).pixels, searched_area(region.support, region.drift[i]), region.detect);
  });
  std::vector<std::size_t> order(found.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return found[a].size() > found[b].size(); });
  double weights = 0.0, sum = 0.0;
  for (std::size_t k = 0; k < std::min(probe_frames, order.size()); ++k) {
    const std::vector<Detection>& here = found[order[k]];
    if (here.empty()) break;
    std::vector<Seed> seeds;
    for (const Detection& one : here) seeds.push_back({one.x_px, one.y_px, one.diameter_px});
    const auto probe = estimate_probe(region.raw->load(order[k]).pixels, region.noise, seeds, options);
    if (!probe || !(probe->sigma_se_px > 0.0)) continue;
    const double weight = 1.0 / (probe->sigma_se_px * probe->sigma_se_px);
    weights += weight;
    sum += weight * probe->sigma_px;
  }
  if (weights > 0.0) return {sum / weights, 1.0 / std::sqrt(weights)};
  if (!found.empty() && !found[order.front()].empty())
    context.warn(products, fmt::format("region '{}': the particles do not tell the width of the probe; {} px taken; set "
                                       "acquisition.probe_sigma_nm",
                                       region.name, assumed_probe_px));
  return {assumed_probe_px, assumed_probe_se_px};
}

class SizeStage : public StageWith<SizeOptions> {
 public:
  std::string name() const override { return "size"; }
  std::string summary() const override { return "search every clean frame, measure each particle on the raw one by a model fit"; }
  void run(Products& products, const RunContext& context) const override {
    SizeOptions options = options_;
    if (options.detector.empty()) options.detector = known_detector(products);
    for (std::size_t r = 0; r < products.regions.size(); ++r) {
      RegionProducts& region = products.regions[r];
      region.probe = find_probe(products, region, options, context);
      FindRequest request;
      request.clean = region.clean.get();
      request.raw = region.raw.get();
      request.noise = region.noise;
      request.support = region.support;
      request.drift = region.drift;
      request.probe = region.probe;
      request.detect = region.detect;
      request.size = options;
      request.threads = context.threads;
      context.progress.start(name(), region.raw->size());
      const std::vector<int> frames = products.history.frames_of_region(static_cast<int>(r));
      for (Particle particle : find_particles(request, context.progress)) {
        const FrameRecord& record = products.history.frames[static_cast<std::size_t>(frames[static_cast<std::size_t>(particle.frame)])];
        particle.frame = record.frame;
        particle.region = record.region;
        particle.hold = record.hold;
        products.particles.push_back(particle);
      }
    }
    std::stable_sort(products.particles.begin(), products.particles.end(),
                     [](const Particle& a, const Particle& b) { return a.frame < b.frame; });
  }
};

} // namespace

std::unique_ptr<Stage> make_size_stage() { return std::make_unique<SizeStage>(); }

} // namespace sinterscope
