// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/hold_sizes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"

namespace sinterscope {
namespace {

double square(double value) { return value * value; }

/// Weighted means of the single fits and how much they scatter.
struct Singles {
  double x = 0.0, y = 0.0, diameter = 0.0;
  double weight = 0.0;  ///< inverse variance of the mean diameter
  double chi2_diameter = 0.0, chi2_place = 0.0;

  Singles(const HoldParticle& particle, double place_error_px) {
    double place_weight = 0.0;
    const auto place_variance = [&](const Particle& one) {
      return square(std::max(one.position_se_px, 1e-3)) + square(place_error_px);
    };
    const auto variance = [](const Particle& one) {
      return square(one.diameter_se_px > 0 ? one.diameter_se_px : 0.1 * one.diameter_px);
    };
    for (const Particle& one : particle.single) {
      const double w = 1 / place_variance(one), v = 1 / variance(one);
      place_weight += w;
      weight += v;
      x += w * one.x_specimen_px;
      y += w * one.y_specimen_px;
      diameter += v * one.diameter_px;
    }
    x /= place_weight, y /= place_weight, diameter /= weight;
    for (const Particle& one : particle.single) {
      chi2_diameter += square(one.diameter_px - diameter) / variance(one);
      chi2_place += (square(one.x_specimen_px - x) + square(one.y_specimen_px - y)) / place_variance(one);
    }
  }

  bool steady(std::size_t count, double sigmas) const {
    const double free = static_cast<double>(count) - 1;
    return chi2_diameter <= free + sigmas * std::sqrt(2 * free) + 1e-9 &&
           chi2_place <= 2 * free + sigmas * std::sqrt(4 * free) + 1e-9;
  }
};

HoldSize mean_of_singles(const HoldParticle& particle, const Singles& singles, bool steady) {
  const double free = static_cast<double>(particle.single.size()) - 1;
  const double excess = free > 0 ? std::max(1.0, singles.chi2_diameter / free) : 1.0;
  HoldSize size;
  size.x_px = singles.x, size.y_px = singles.y, size.diameter_px = singles.diameter;
  size.diameter_se_px = std::sqrt(excess / singles.weight);
  size.frames = static_cast<int>(particle.single.size());
  size.steady = steady;
  for (const Particle& one : particle.single) size.flags.bits |= one.flags.bits;
  return size;
}

/// The particles of one block of frames that stand in the same of them.
using Group = std::vector<std::size_t>;
using Span = std::pair<std::size_t, std::size_t>;  ///< first and last frame of the hold

/// The joint fit of one particle to the frames of a block in which it stands.
struct BlockFit {
  std::size_t particle = 0;
  SizedFit fit;
  int frames = 0;
};

/// Joint fits of a block, added up over the blocks of a hold.
class BlockMean {
 public:
  void add(const SizedFit& fit, int frames) {
    const double shared = std::hypot(fit.diameter_probe_se_px, fit.diameter_profile_se_px);
    const double lasting = square(shared) + square(fit.diameter_ground_se_px);
    const double own = std::max(square(fit.diameter_se_px) - lasting, square(1e-4 * fit.diameter_px));
    weights_ += 1 / own;
    x_ += fit.x_px / own;
    y_ += fit.y_px / own;
    diameter_ += fit.diameter_px / own;
    shared_ += shared / own;
    ground_ += fit.diameter_ground_se_px / own;
    chi2_ += frames * fit.chi2_per_dof;
    frames_ += frames;
    flags_.bits |= fit.flags.bits;
  }
  bool usable() const {
    return frames_ > 0 && !flags_.has(ParticleFlag::fit_failed) && !flags_.has(ParticleFlag::at_bound);
  }
  HoldSize size() const {
    HoldSize size;
    size.x_px = x_ / weights_, size.y_px = y_ / weights_, size.diameter_px = diameter_ / weights_;
    size.diameter_shared_se_px = shared_ / weights_;
    size.diameter_se_px = std::hypot(std::sqrt(1 / weights_), size.diameter_shared_se_px, ground_ / weights_);
    size.chi2_per_dof = chi2_ / frames_;
    size.frames = frames_;
    size.flags = flags_;
    return size;
  }

 private:
  double weights_ = 0.0, x_ = 0.0, y_ = 0.0, diameter_ = 0.0, shared_ = 0.0, ground_ = 0.0, chi2_ = 0.0;
  int frames_ = 0;
  ParticleFlags flags_;
};

class HoldFit {
 public:
  HoldFit(const HoldFrame& frame, const NoiseModel& noise, const std::vector<HoldParticle>& particles,
          const std::vector<Singles>& singles, const Probe& probe, const SizeOptions& size)
      : frame_(frame), noise_(noise), particles_(particles), singles_(singles), probe_(probe), size_(size) {}

  /// Fits the block of frames from `first` up to `end`, which is not in it.
  std::vector<BlockFit> fit_block(std::size_t first, std::size_t end) const {
    std::map<Span, Group> groups;
    for (std::size_t k = 0; k < particles_.size(); ++k) {
      const Span span{std::max(first, particles_[k].frames.front()),
                      std::min(end - 1, particles_[k].frames.back())};
      if (span.first <= span.second) groups[span].push_back(k);
    }
    std::vector<BlockFit> result;
    if (groups.empty()) return result;
    std::vector<ShiftedFrame> frames;
    for (std::size_t i = first; i < end; ++i) frames.push_back(frame_(i));
    for (const auto& [span, group] : groups) {
      const auto at = [&](std::size_t i) { return frames.begin() + static_cast<std::ptrdiff_t>(i - first); };
      fit_group({at(span.first), at(span.second + 1)}, span, group, result);
    }
    return result;
  }

 private:
  /// frames: those of the span.
  void fit_group(const std::vector<ShiftedFrame>& frames, const Span& span, const Group& group,
                 std::vector<BlockFit>& result) const {
    std::vector<Seed> seeds;
    for (const std::size_t k : group) seeds.push_back(seed(k));
    // Those that stand beside in some of these frames are fitted along, and not believed.
    const double reach = 2 * (size_.window_sigmas * blurred_sigma(probe_.sigma_px) + 1);
    std::vector<Seed> elsewhere;
    for (std::size_t other = 0; other < particles_.size(); ++other) {
      if (particles_[other].frames.front() > span.second || particles_[other].frames.back() < span.first ||
          std::binary_search(group.begin(), group.end(), other))
        continue;
      const bool beside = std::any_of(group.begin(), group.end(), [&](std::size_t k) {
        return std::hypot(singles_[k].x - singles_[other].x, singles_[k].y - singles_[other].y) <
               reach + 0.5 * (singles_[k].diameter + singles_[other].diameter);
      });
      (beside ? seeds : elsewhere).push_back(seed(other));
    }
    const std::vector<SizedFit> fits = fit_particles(frames, noise_, seeds, probe_, size_, elsewhere);
    for (std::size_t k = 0; k < group.size(); ++k)
      result.push_back({group[k], fits[k], static_cast<int>(frames.size())});
  }

  Seed seed(std::size_t k) const { return {singles_[k].x, singles_[k].y, singles_[k].diameter}; }

  const HoldFrame& frame_;
  const NoiseModel& noise_;
  const std::vector<HoldParticle>& particles_;
  const std::vector<Singles>& singles_;
  const Probe& probe_;
  const SizeOptions& size_;
};

}  // namespace

std::vector<HoldSize> measure_hold(std::size_t count, const HoldFrame& frame, const NoiseModel& noise,
                                   const std::vector<HoldParticle>& particles, const Probe& probe,
                                   const SizeOptions& size, const HoldSizeOptions& options, int threads) {
  validate(options);
  std::vector<Singles> singles;
  for (const HoldParticle& particle : particles) {
    if (particle.single.empty() || particle.frames.size() != particle.single.size() ||
        particle.frames.back() >= count)
      throw Error("a particle of a hold needs a single fit in one of its frames at least");
    singles.emplace_back(particle, options.place_error_px);
  }
  std::vector<BlockMean> means(particles.size());
  if (options.joint_fits && !particles.empty()) {
    const HoldFit fit(frame, noise, particles, singles, probe, size);
    const auto together = static_cast<std::size_t>(options.frames_together);
    const std::size_t blocks = (count + together - 1) / together;
    parallel_in_order(blocks, threads, [&](std::size_t block) -> std::function<void()> {
      return [&means, fits = fit.fit_block(block * count / blocks, (block + 1) * count / blocks)] {
        for (const BlockFit& one : fits) means[one.particle].add(one.fit, one.frames);
      };
    });
  }
  std::vector<HoldSize> sizes;
  for (std::size_t k = 0; k < particles.size(); ++k) {
    const bool steady = singles[k].steady(particles[k].single.size(), options.unsteady_sigmas);
    sizes.push_back(steady && means[k].usable() ? means[k].size()
                                                : mean_of_singles(particles[k], singles[k], steady));
  }
  return sizes;
}

}  // namespace sinterscope
