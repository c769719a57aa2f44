// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "../region_average.h"
#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/find.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t sampled_frames = 6;  ///< looked at to tell bright from dark

constexpr std::size_t most_stray = 10;    ///< particles outside of the support that may be chance
constexpr double most_stray_share = 0.2;  ///< of all, above which the support was taken for something else

constexpr std::size_t particles_to_compare = 5;  ///< in the fullest hold; with fewer no hold is called empty
constexpr double particle_free_share = 0.1;      ///< of them, below which a hold is particle-free
constexpr double standing_share = 0.3;  ///< the same for what stands in both holds alike: known places

/// The particles of each frame anywhere in it, of the polarity that is set or chosen.
PolarityChoice search_sample(const std::vector<cv::Mat1f>& frames, const std::vector<cv::Mat1b>& voting,
                             const DetectOptions& options, int threads) {
  if (options.polarity == "auto") return choose_polarity(frames, voting, options, threads);
  PolarityChoice set{options.polarity, std::vector<std::vector<Detection>>(frames.size())};
  parallel_for(frames.size(), threads, [&](std::size_t k) { set.found[k] = detect(frames[k], {}, options); });
  return set;
}

/// Whether particles stand where the mask says there is no support: on a thin film the particles themselves
/// may have been taken for it.
bool contradicts_support(const std::vector<std::vector<Detection>>& found, const cv::Mat1b& mask) {
  std::size_t all = 0, stray = 0;
  for (const std::vector<Detection>& in_frame : found)
    for (const Detection& one : in_frame) {
      const int x = std::clamp(cvRound(one.x_px), 0, mask.cols - 1),
                y = std::clamp(cvRound(one.y_px), 0, mask.rows - 1);
      ++all;
      stray += mask(y, x) == 0 ? 1 : 0;
    }
  return stray > most_stray && static_cast<double>(stray) > most_stray_share * static_cast<double>(all);
}

/// A hold as the search for particle-free ones sees it.
struct HoldView {
  std::vector<std::size_t> frames;
  std::vector<Detection> found;  ///< in its average, specimen coordinates
  bool particle_free = false;
};

bool same_thing(const Detection& a, const Detection& b) {
  const double larger = std::max(a.diameter_px, b.diameter_px),
               smaller = std::min(a.diameter_px, b.diameter_px);
  return larger < 1.6 * smaller && std::hypot(a.x_px - b.x_px, a.y_px - b.y_px) < 0.5 * smaller;
}

std::vector<HoldView> look_at_holds(const Products& products, std::size_t r, int threads) {
  const RegionProducts& region = products.regions[r];
  const std::vector<const Hold*> holds = products.history.holds_of_region(static_cast<int>(r));
  std::vector<HoldView> views(holds.size());
  parallel_for(holds.size(), threads, [&](std::size_t h) {
    views[h].frames = region_frames_of(products, *holds[h]);
    views[h].found = detect(average_of(*region.search, region.drift, views[h].frames, 1).pixels,
                            searched_area(region.support, {}), region.detect);
  });
  std::size_t fullest = 0;
  for (std::size_t h = 1; h < views.size(); ++h)
    if (views[h].found.size() > views[fullest].found.size()) fullest = h;
  const std::vector<Detection>& all = views[fullest].found;
  const auto share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(all.size()); };
  for (std::size_t h = 0; h < views.size(); ++h) {
    if (h == fullest) continue;
    const auto standing = static_cast<std::size_t>(
        std::count_if(views[h].found.begin(), views[h].found.end(), [&](const Detection& one) {
          return std::any_of(all.begin(), all.end(),
                             [&](const Detection& other) { return same_thing(one, other); });
        }));
    if (all.size() < standing + particles_to_compare) continue;
    views[h].particle_free =
        share(views[h].found.size() - standing) <= particle_free_share && share(standing) <= standing_share;
  }
  return views;
}

/// Takes the average of the particle-free holds off every other frame of the region; a particle-free hold is
/// compared with the others of its kind, never with itself. What was found in them is remembered: it goes
/// with them.
void take_off_particle_free(Products& products, std::size_t r, int threads) {
  RegionProducts& region = products.regions[r];
  const std::vector<HoldView> views = look_at_holds(products, r, threads);
  std::vector<TakenOff> backgrounds(views.size());
  for (std::size_t h = 0; h < views.size(); ++h) {
    std::vector<std::size_t> frames;
    for (std::size_t other = 0; other < views.size(); ++other)
      if (other != h && views[other].particle_free)
        frames.insert(frames.end(), views[other].frames.begin(), views[other].frames.end());
    if (frames.empty()) continue;
    const RegionAverage background = average_of(*region.search, region.drift, frames, threads);
    const cv::Mat1f counts = average_of(*region.raw, region.drift, frames, threads).pixels;
    backgrounds[h] = {views[h].frames.front(), views[h].frames.size(), background.pixels, counts,
                      background.frames,       background.shown};
    ++region.holds_compared;
  }
  std::vector<Detection> standing;  // each once, however many holds show it
  for (std::size_t h = 0; h < views.size(); ++h) {
    region.search->take_off(backgrounds[h]);
    if (!views[h].particle_free) continue;
    for (const Detection& one : views[h].found)
      if (std::none_of(standing.begin(), standing.end(),
                       [&](const Detection& known) { return repeats(one, known); }))
        standing.push_back(one);
  }
  for (const Detection& one : standing) region.standing.push_back({one.x_px, one.y_px, one.diameter_px});
}

/// Only of counts is it known how they scatter.
std::unique_ptr<SearchFrames> make_search_frames(const RegionProducts& region) {
  return std::make_unique<SearchFrames>(*region.clean, region.noise, region.drift,
                                        region.noise.explains_scatter());
}

class DetectStage : public StageWith<DetectOptions> {
 public:
  std::string name() const override { return "detect"; }
  std::string summary() const override {
    return "what is searched: sizes, false detections allowed per frame, bright or dark particles";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (std::size_t r = 0; r < products.regions.size(); ++r) {
      RegionProducts& region = products.regions[r];
      region.detect = options_;
      const bool detector_named = !known_detector(products).empty(), counts = region.noise.explains_scatter();
      const auto judge_surroundings = [&] {
        if (options_.surroundings == "auto")
          region.detect.surroundings = region.support.facetted && (detector_named || counts) ? "judged"
                                       : counts                                              ? "auto"
                                                                                             : "ignored";
      };
      judge_surroundings();
      region.search = make_search_frames(region);
      const std::size_t step = std::max<std::size_t>(1, region.search->size() / sampled_frames);
      std::vector<cv::Mat1f> sample(std::min(sampled_frames, (region.search->size() + step - 1) / step));
      parallel_for(sample.size(), context.threads,
                   [&](std::size_t k) { sample[k] = region.search->load(k * step).pixels; });
      // In a signal that the specimen emits vacuum is dark. In any other image what looks like vacuum may be
      // dark particles.
      std::vector<cv::Mat1b> voting;
      if (detector_named || region.support.facetted)
        for (std::size_t k = 0; k < sample.size(); ++k)
          voting.push_back(searched_area(region.support, region.drift[k * step]));
      const PolarityChoice choice = search_sample(sample, voting, region.detect, context.threads);
      region.detect.polarity = choice.polarity;
      if (!region.support.oxide.empty() && contradicts_support(choice.found, region.support.oxide)) {
        region.support.mask = region.support.oxide = cv::Mat1b(region.raw->frame_size(), 255);
        region.support.searched = cv::Mat1b();
        region.support.facetted = false;
        judge_surroundings();
        region.support.guard_px = region.support.area_se_px = 0.0;
        region.support.area_px = static_cast<double>(region.support.mask.total());
        context.warn(products, "region '" + region.name +
                                   "': many particles stand outside of what was taken for the support; "
                                   "the whole frame is searched and counted as support");
      }
      if (region.support.facetted && !detector_named)
        context.warn(products,
                     "region '" + region.name +
                         "': facets are seen and no detector is named; set acquisition.detector (SE, "
                         "HAADF or BF), by which their corners are told from particles");
      if (options_.particle_free_background == "auto" &&
          products.history.holds_of_region(static_cast<int>(r)).size() > 1)
        take_off_particle_free(products, r, context.threads);
      context.progress.advance();
    }
  }
  bool keep(Products& products, Archive& archive) const override {
    for (RegionProducts& region : products.regions) {
      archive(region.detect, region.support, region.standing, region.holds_compared);
      std::vector<TakenOff> backgrounds;
      if (archive.reading())
        region.search = make_search_frames(region);
      else
        backgrounds = region.search->taken_off();
      archive(backgrounds);
      if (archive.reading())
        for (const TakenOff& one : backgrounds) region.search->take_off(one);
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_detect_stage() { return std::make_unique<DetectStage>(); }

}  // namespace sinterscope
