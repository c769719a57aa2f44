// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "find_request.h"
#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/find.h"
#include "sinterscope/particles/probe.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t looked_at_frames = 24;  ///< of a region, to choose those that show most particles
constexpr std::size_t looked_at_of_hold = 3;  ///< whose frames show the same
constexpr std::size_t probe_holds = 3;        ///< from which the probe is estimated
constexpr std::size_t probe_frames = 4;       ///< of each, at most
constexpr std::size_t probe_images = 320;     ///< of each, particles times frames
constexpr double assumed_probe_px = 1.0;      ///< where nothing tells
constexpr double assumed_probe_se_px = 0.3;

/// Detections of one frame that a first fit with an assumed probe takes for well-shaped, lone particles. What
/// a particle-free hold shows, too, may be a corner of the support, and a wide one outweighs all particles;
/// where it has been taken off, what is left of it is no image.
std::vector<Seed> good_seeds(const RegionProducts& region, std::size_t frame, const SizeOptions& options) {
  const std::vector<Detection> found = detect(
      region.search->load(frame).pixels, searched_area(region.support, region.drift[frame]), region.detect);
  std::vector<Seed> seeds, good;
  for (const Detection& one : found)
    if (!stands_without_particles(region, frame, {one.x_px, one.y_px}, one.diameter_px))
      seeds.push_back({one.x_px, one.y_px, one.diameter_px});
  const Probe assumed{assumed_probe_px, assumed_probe_se_px};
  const std::vector<SizedFit> fits = fit_particles(
      {measured_frame(region, frame, region.raw->load(frame).pixels)}, region.noise, seeds, assumed, options);
  for (std::size_t i = 0; i < fits.size() && good.size() < probe_images; ++i)
    if (fits[i].flags.bits == 0 && fits[i].chi2_per_dof < 2.0 && fits[i].axis_ratio < 1.3)
      good.push_back(seeds[i]);
  return good;
}

/// A few frames spread over each hold; of many holds, some.
std::vector<std::size_t> frames_to_look_at(const std::vector<std::size_t>& first_of_hold,
                                           std::size_t frames) {
  std::vector<std::size_t> spread;
  for (std::size_t h = 0; h < first_of_hold.size(); ++h) {
    const std::size_t begin = first_of_hold[h];
    const std::size_t count = (h + 1 < first_of_hold.size() ? first_of_hold[h + 1] : frames) - begin;
    const std::size_t wanted = std::min(looked_at_of_hold, count);
    for (std::size_t k = 0; k < wanted; ++k) spread.push_back(begin + k * count / wanted);
  }
  const std::size_t wanted = std::min(looked_at_frames, spread.size());
  std::vector<std::size_t> result;
  for (std::size_t k = 0; k < wanted; ++k) result.push_back(spread[k * spread.size() / wanted]);
  return result;
}

/// Up to `most` frames of the hold of `best`, from it on (or before it at the hold's end), shifts against it.
std::vector<ShiftedFrame> frames_beside(const Products& products, std::size_t r, std::size_t best,
                                        std::size_t most) {
  const RegionProducts& region = products.regions[r];
  const std::vector<std::size_t> starts = first_frames_of_holds(products, r);
  const auto after = std::upper_bound(starts.begin(), starts.end(), best);
  const std::size_t begin = *(after - 1), end = after == starts.end() ? region.raw->size() : *after;
  const std::size_t count = std::min(most, end - begin), first = std::min(best, end - count);
  std::vector<ShiftedFrame> frames;
  for (std::size_t i = first; i < first + count; ++i) {
    frames.push_back(measured_frame(region, i, region.raw->load(i).pixels));
    frames.back().shift_px = region.drift[i].shift_px - region.drift[best].shift_px;
  }
  return frames;
}

/// Of each hold the frame that shows most particles; of all holds those that show most.
std::vector<SeenHold> holds_to_ask(const Products& products, std::size_t r, const SizeOptions& options,
                                   int threads) {
  const RegionProducts& region = products.regions[r];
  const std::vector<std::size_t> starts = first_frames_of_holds(products, r);
  const std::vector<std::size_t> looked_at = frames_to_look_at(starts, region.raw->size());
  std::vector<std::vector<Seed>> seeds(looked_at.size());
  parallel_for(seeds.size(), threads,
               [&](std::size_t k) { seeds[k] = good_seeds(region, looked_at[k], options); });
  std::map<std::size_t, std::size_t> best_of_hold;  // first frame of the hold, place among those looked at
  for (std::size_t k = 0; k < looked_at.size(); ++k) {
    const std::size_t hold = *(std::upper_bound(starts.begin(), starts.end(), looked_at[k]) - 1);
    const auto [best, is_new] = best_of_hold.try_emplace(hold, k);
    if (!is_new && seeds[k].size() > seeds[best->second].size()) best->second = k;
  }
  std::vector<std::size_t> most_first;
  for (const auto& [hold, k] : best_of_hold)
    if (!seeds[k].empty()) most_first.push_back(k);
  std::stable_sort(most_first.begin(), most_first.end(),
                   [&](std::size_t a, std::size_t b) { return seeds[a].size() > seeds[b].size(); });
  std::vector<SeenHold> holds;
  for (std::size_t i = 0; i < std::min(probe_holds, most_first.size()); ++i) {
    const std::size_t k = most_first[i];
    const std::size_t frames = std::clamp<std::size_t>(probe_images / seeds[k].size(), 1, probe_frames);
    holds.push_back({frames_beside(products, r, looked_at[k], frames), seeds[k]});
  }
  return holds;
}

/// The probe as given, or from the particles of those holds which show most, the frames of a hold taken
/// together: a diameter and a brightness of their own for each particle and frame would pull the shared width
/// with them. The same particles choose the profile, one for the region.
Probe find_probe(Products& products, std::size_t r, const SizeOptions& options, const RunContext& context) {
  const RegionProducts& region = products.regions[r];
  const auto pixel_nm = region.pixel_size_nm();
  std::optional<Probe> given;
  if (products.config.acquisition.probe_sigma_nm && pixel_nm)
    given = Probe{*products.config.acquisition.probe_sigma_nm / *pixel_nm, 0.0};
  const std::vector<SeenHold> holds = holds_to_ask(products, r, options, context.threads);
  if (holds.empty()) return given.value_or(Probe{assumed_probe_px, assumed_probe_se_px});
  if (given) {
    given->profile = choose_profile(holds, region.noise, *given, options);
    return *given;
  }
  const std::optional<Probe> probe = estimate_probe(holds, region.noise, options);
  if (probe && probe->sigma_se_px > 0.0) return *probe;
  context.warn(products,
               fmt::format("region '{}': the particles do not tell the width of the probe; {} px taken; set "
                           "acquisition.probe_sigma_nm",
                           region.name, assumed_probe_px));
  return {assumed_probe_px, assumed_probe_se_px};
}

class SizeStage : public StageWith<SizeOptions> {
 public:
  std::string name() const override { return "size"; }
  std::string summary() const override {
    return "search every clean frame, measure each particle on the raw one by a model fit";
  }
  void run(Products& products, const RunContext& context) const override {
    SizeOptions options = options_;
    if (options.detector.empty()) options.detector = known_detector(products);
    for (std::size_t r = 0; r < products.regions.size(); ++r) {
      RegionProducts& region = products.regions[r];
      region.probe = find_probe(products, r, options, context);
      region.size = options;
      const FindRequest request = find_request_of(products, r, context.threads);
      context.progress.start(name(), region.raw->size());
      const std::vector<int> frames = products.history.frames_of_region(static_cast<int>(r));
      for (Particle particle : find_particles(request, context.progress)) {
        const FrameRecord& record =
            products.history
                .frames[static_cast<std::size_t>(frames[static_cast<std::size_t>(particle.frame)])];
        particle.frame = record.frame;
        particle.region = record.region;
        particle.hold = record.hold;
        products.particles.push_back(particle);
      }
    }
    std::stable_sort(products.particles.begin(), products.particles.end(),
                     [](const Particle& a, const Particle& b) { return a.frame < b.frame; });
  }
  bool keep(Products& products, Archive& archive) const override {
    for (RegionProducts& region : products.regions) archive(region.probe, region.size);
    archive(products.particles);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_size_stage() { return std::make_unique<SizeStage>(); }

}  // namespace sinterscope
