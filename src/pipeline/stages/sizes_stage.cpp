// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "find_request.h"
#include "shared_products.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/hold_sizes.h"
#include "sinterscope/particles/size_distribution.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr double least_share =
    0.5;  ///< of the frames between first and last in which a particle must be seen
constexpr std::size_t least_sightings = 2;  ///< where the hold has as many frames

/// The particles of a hold with the numbers of their tracks.
struct Standing {
  std::vector<int> tracks;
  std::vector<HoldParticle> particles;
};

Standing standing_in(const Products& products, const Hold& hold) {
  Standing standing;
  for (const Track& track : products.tracks) {
    if (track.region != hold.region || track.last_frame < hold.frames.front() ||
        track.first_frame > hold.frames.back())
      continue;
    HoldParticle particle;
    for (const std::size_t index : track.particles) {
      const Particle& one = products.particles[index];
      if (one.hold != hold.hold) continue;
      const auto at = std::lower_bound(hold.frames.begin(), hold.frames.end(), one.frame);
      particle.frames.push_back(static_cast<std::size_t>(at - hold.frames.begin()));
      particle.single.push_back(one);
    }
    if (particle.single.empty()) continue;
    standing.tracks.push_back(track.track);
    standing.particles.push_back(std::move(particle));
  }
  return standing;
}

/// Whether particle-free holds show it, too.
bool stands(const RegionProducts& region, const HoldParticle& particle) {
  const Particle& one = particle.single.front();
  return std::any_of(region.standing.begin(), region.standing.end(), [&](const Seed& seed) {
    return std::hypot(seed.x_px - one.x_specimen_px, seed.y_px - one.y_specimen_px) < 0.5 * seed.diameter_px;
  });
}

/// Whether the particle is one of those that the law of the hold describes: the inventory's, whose limit
/// tells how many of them are missed; where there is none, those seen often enough.
bool counts(const Products& products, std::size_t h, int track, const HoldParticle& particle,
            const HoldSize& size, std::size_t frames) {
  if (size.flags.has(ParticleFlag::fit_failed) || size.flags.has(ParticleFlag::at_bound) ||
      size.flags.has(ParticleFlag::cut_by_edge))
    return false;
  if (h < products.inventory.size() && products.inventory[h].d50_nm) {
    const std::vector<SizedParticle>& counted = products.inventory[h].particles;
    return std::any_of(counted.begin(), counted.end(),
                       [track](const SizedParticle& one) { return one.track == track; });
  }
  const std::size_t seen = particle.frames.size();
  const auto between = static_cast<double>(particle.frames.back() - particle.frames.front() + 1);
  return seen >= std::min(least_sightings, frames) && static_cast<double>(seen) >= least_share * between;
}

/// How likely a particle of this diameter is in the table at all: by the inventory's limit for whole holds
/// where there is one, else as in a single frame.
FindProbability find_probability(const Products& products, std::size_t h, double pixel_nm) {
  if (h < products.inventory.size() && products.inventory[h].limit.d50_nm > 0.0 &&
      std::isfinite(products.inventory[h].limit.d50_nm)) {
    const DetectionLimit limit = products.inventory[h].limit;
    return [limit](double d_nm) { return limit.probability(d_nm); };
  }
  if (h < products.completeness.size() && std::isfinite(products.completeness[h].d50_px) &&
      products.completeness[h].d50_px > 0.0) {
    const CompletenessCurve curve = products.completeness[h];
    return [curve, pixel_nm](double d_nm) { return curve.probability(d_nm / pixel_nm); };
  }
  return {};
}

void add_laws(const Products& products, std::size_t h, double pixel_nm, double strangers, HoldSizes& hold) {
  std::vector<MeasuredSize> measured;
  double shared = 0.0;
  for (std::size_t k = 0; k < hold.sizes.size(); ++k) {
    if (!hold.counted[k]) continue;
    const HoldSize& one = hold.sizes[k];
    const double own =
        std::sqrt(std::max(std::pow(one.diameter_se_px, 2) - std::pow(one.diameter_shared_se_px, 2), 1e-8));
    measured.push_back({one.diameter_px * pixel_nm, own * pixel_nm});
    shared += one.diameter_shared_se_px / one.diameter_px;
  }
  if (measured.empty()) return;
  hold.shared_relative_error = shared / static_cast<double>(measured.size());
  const FindProbability found = find_probability(products, h, pixel_nm);
  hold.histogram = size_histogram(measured, found);
  for (const SizeLaw law : {SizeLaw::normal, SizeLaw::lognormal})
    if (auto fit = fit_size_distribution(measured, law, found, hold.shared_relative_error, strangers)) {
      if (law == SizeLaw::lognormal)  // its density is of ln d: brought to that of d
        for (const MeasuredSize& one : measured) fit->log_likelihood -= std::log(one.diameter_nm);
      hold.laws.push_back(*fit);
    }
  std::stable_sort(hold.laws.begin(), hold.laws.end(),
                   [](const SizeDistribution& a, const SizeDistribution& b) {
                     return a.log_likelihood > b.log_likelihood;
                   });
}

class SizesStage : public StageWith<HoldSizeOptions> {
 public:
  std::string name() const override { return "sizes"; }
  std::string summary() const override {
    return "one diameter per particle and hold from all its frames; mean, spread and quantiles of each hold";
  }
  void run(Products& products, const RunContext& context) const override {
    const std::vector<Hold>& holds = products.history.holds;
    products.sizes.assign(holds.size(), HoldSizes{});
    context.progress.start(name(), holds.size());
    // Many holds side by side, or the blocks of few.
    const bool many = holds.size() >= 2 * thread_count(context.threads);
    parallel_for(holds.size(), many ? context.threads : 1, [&](std::size_t h) {
      products.sizes[h] = measure(products, h, many ? 1 : context.threads);
      context.progress.advance();
    });
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.sizes);
    return true;
  }

 private:
  /// The known support shows what stands on it as well: such particles are measured without it.
  std::vector<HoldSize> sizes_of(const RegionProducts& region, const std::vector<std::size_t>& frames,
                                 const std::vector<HoldParticle>& particles, int threads) const {
    const auto measured = [&](const std::vector<HoldParticle>& some, bool with_support) {
      const auto frame = [&](std::size_t i) {
        const cv::Mat1f raw = region.raw->load(frames[i]).pixels;
        ShiftedFrame one = with_support ? measured_frame(region, frames[i], raw) : ShiftedFrame{raw, {}};
        one.shift_px = region.drift[frames[i]].shift_px;
        return one;
      };
      return measure_hold(frames.size(), frame, region.noise, some, region.probe, region.size, options_,
                          threads);
    };
    if (frames.empty() || !region.search->compared(frames.front())) return measured(particles, false);
    std::vector<HoldParticle> others;
    for (const HoldParticle& one : particles)
      if (!stands(region, one)) others.push_back(one);
    const std::vector<HoldSize> without = measured(particles, false), with = measured(others, true);
    std::vector<HoldSize> sizes;
    std::size_t next = 0;
    for (std::size_t k = 0; k < particles.size(); ++k)
      sizes.push_back(stands(region, particles[k]) ? without[k] : with[next++]);
    return sizes;
  }

  HoldSizes measure(const Products& products, std::size_t h, int threads) const {
    const Hold& hold = products.history.holds[h];
    const RegionProducts& region = products.regions[static_cast<std::size_t>(hold.region)];
    const Standing standing = standing_in(products, hold);
    HoldSizes result;
    if (standing.tracks.empty()) return result;
    const std::vector<std::size_t> frames = region_frames_of(products, hold);
    result.tracks = standing.tracks;
    result.sizes = sizes_of(region, frames, standing.particles, threads);
    for (std::size_t k = 0; k < result.sizes.size(); ++k)
      result.counted.push_back(
          counts(products, h, standing.tracks[k], standing.particles[k], result.sizes[k], frames.size()));
    if (const auto pixel = region.pixel_size_nm()) add_laws(products, h, *pixel, options_.strangers, result);
    return result;
  }
};

}  // namespace

std::unique_ptr<Stage> make_sizes_stage() { return std::make_unique<SizesStage>(); }

}  // namespace sinterscope
