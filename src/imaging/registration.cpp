// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/registration.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <vector>

#include "correlation.h"
#include "growing_reference.h"
#include "robust.h"
#include "sinterscope/core/options.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/imaging/variance_stabilisation.h"

namespace sinterscope {

namespace {

/// What interpolation, the finite window and rows out of place leave, in binned pixels: what the errors over
/// 30 scenes exceed the Cramer-Rao bound by (bench/accuracy/imaging.md).
constexpr double floor_sigma = 0.01;

struct Match {
  cv::Point2d shift;
  cv::Point2d sigma;
  bool reliable = false;
};

/// Frames as the registration sees them: binned, noise standard deviation 1.
class WorkingFrames {
 public:
  WorkingFrames(const FrameSource& frames, const NoiseModel& noise, int working_size_px)
      : frames_(&frames),
        factor_(
            std::max(1, std::min(frames.frame_size().width, frames.frame_size().height) / working_size_px)),
        noise_(averaged_noise(noise, static_cast<double>(factor_) * factor_)) {}

  int factor() const { return factor_; }
  std::size_t size() const { return frames_->size(); }
  cv::Mat1f load(std::size_t i) const { return stabilise(binned(frames_->load(i).pixels, factor_), noise_); }

 private:
  const FrameSource* frames_;
  int factor_;
  NoiseModel noise_;
};

struct Search {
  Band band;
  int reach;
  double significance;
};

/// Matches `image` to the reference, looking around `expected`.
Match match(const GrowingReference& reference, const cv::Mat1f& image, cv::Point2d expected,
            const Search& search) {
  Match result;
  cv::Point whole(static_cast<int>(std::lround(expected.x)), static_cast<int>(std::lround(expected.y)));
  std::optional<ImagePair> pair;
  double frames = 0;
  // false: with less than an eighth of the field in common, a chance match is as good as any.
  const auto overlay = [&] {
    const auto view = reference.view(image.size(), whole);
    if (view.overlap.area() * 8 < image.size().area()) return false;
    pair.emplace(view.mean, image(view.overlap));
    frames = view.frames;
    return true;
  };
  for (int pass = 0; pass < 2; ++pass) {
    if (!overlay()) return result;
    const cv::Size size = pair->fixed.size();
    const cv::Size reach(std::min(search.reach, size.width / 2), std::min(search.reach, size.height / 2));
    const PixelMatch found = find_shift(*pair, search.band, reach);
    if (found.significance < search.significance) return result;
    if (found.shift != cv::Point()) pair.reset();
    whole += found.shift;
    // After a small move the overlap is nearly the same; after a jump the match deserves the full one.
    if (std::max(std::abs(found.shift.x), std::abs(found.shift.y)) <= 8) break;
  }
  if (!pair && !overlay()) return result;
  const SubpixelMatch fine = refine_shift(*pair, search.band, frames);
  if (!fine.converged) return result;
  result.shift = cv::Point2d(whole) + fine.shift;
  result.sigma = fine.sigma;
  result.reliable = true;
  return result;
}

/// Registers every frame, outwards from frame `start`, whose shift is zero.
std::vector<Match> match_all(const WorkingFrames& frames, std::size_t start, const Search& search,
                             Progress& progress, int threads) {
  std::vector<Match> matches(frames.size());
  GrowingReference reference;
  cv::Point2d expected;
  const auto visit = [&](std::size_t i) -> std::function<void()> {
    return [&, i, image = frames.load(i)] {
      matches[i] = match(reference, image, expected, search);
      if (matches[i].reliable) {
        reference.add(image, matches[i].shift);
        expected = matches[i].shift;
      }
      progress.advance();
    };
  };
  matches[start].reliable = true;
  reference.add(frames.load(start), {});
  progress.advance();
  parallel_in_order(frames.size() - start - 1, threads, [&](std::size_t k) { return visit(start + 1 + k); });
  expected = {};
  parallel_in_order(start, threads, [&](std::size_t k) { return visit(start - 1 - k); });
  return matches;
}

std::size_t count_reliable(const std::vector<Match>& matches) {
  return static_cast<std::size_t>(
      std::count_if(matches.begin(), matches.end(), [](const Match& m) { return m.reliable; }));
}

/// The frame with most structure between the scales of the band, frame 0 excepted.
std::size_t most_structured(const WorkingFrames& frames, const Band& band, int threads) {
  std::vector<double> structure(frames.size(), -1.0);
  parallel_for(frames.size() - 1, threads, [&](std::size_t k) {
    cv::Mat1f fine, coarse;
    const cv::Mat1f image = frames.load(k + 1);
    cv::GaussianBlur(image, fine, {}, std::max(band.fine_px, 1.0));
    cv::blur(image, coarse,
             {2 * static_cast<int>(band.coarse_px) + 1, 2 * static_cast<int>(band.coarse_px) + 1});
    structure[k + 1] = cv::norm(fine, coarse, cv::NORM_L2SQR);
  });
  return static_cast<std::size_t>(std::max_element(structure.begin(), structure.end()) - structure.begin());
}

/// Typical move per frame, from neighbours that are both reliable: how fast an interpolated shift becomes
/// wrong.
double typical_step(const std::vector<Match>& matches) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < matches.size(); ++i)
    if (matches[i].reliable && matches[i - 1].reliable) {
      const cv::Point2d move = matches[i].shift - matches[i - 1].shift;
      steps.push_back(std::max(std::abs(move.x), std::abs(move.y)));
    }
  return steps.empty() ? 0.0 : quantile(steps, 0.9);
}

/// Fills the gaps: linear between reliable neighbours, constant beyond the last one.
void interpolate_unreliable(std::vector<Match>& matches, double lost_sigma) {
  const double step = std::max(typical_step(matches), 1.0);
  const auto n = static_cast<std::ptrdiff_t>(matches.size());
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    Match& gap = matches[static_cast<std::size_t>(i)];
    if (gap.reliable) continue;
    std::ptrdiff_t before = i - 1, after = i + 1;
    while (before >= 0 && !matches[static_cast<std::size_t>(before)].reliable) --before;
    while (after < n && !matches[static_cast<std::size_t>(after)].reliable) ++after;
    double distance = 0;
    if (before >= 0 && after < n) {
      const Match &b = matches[static_cast<std::size_t>(before)],
                  &a = matches[static_cast<std::size_t>(after)];
      const double t = static_cast<double>(i - before) / static_cast<double>(after - before);
      gap.shift = b.shift * (1.0 - t) + a.shift * t;
      distance = static_cast<double>((i - before) * (after - i)) / static_cast<double>(after - before);
    } else if (before >= 0 || after < n) {
      const std::ptrdiff_t nearest = before >= 0 ? before : after;
      gap.shift = matches[static_cast<std::size_t>(nearest)].shift;
      distance = static_cast<double>(std::abs(nearest - i));
    }
    const double sigma = std::min(lost_sigma, step * std::sqrt(std::max(distance, 1.0)));
    gap.sigma = {sigma, sigma};
  }
}

Drift still_frames(std::size_t count) { return Drift(count); }

}  // namespace

Drift estimate_drift(const FrameSource& frames, const NoiseModel& noise, const RegistrationOptions& options,
                     Progress& progress, int threads) {
  validate(options);
  if (frames.size() < 2 || options.method == "none") return still_frames(frames.size());
  const WorkingFrames working(frames, noise, options.working_size_px);
  const double factor = working.factor();
  const Search search{{options.fine_px / factor, options.coarse_px / factor, noise.row_noise_sd > 0.0},
                      static_cast<int>(std::ceil(options.max_jump_px / factor)) + 1,
                      options.significance};
  progress.start("registering frames", frames.size());
  std::vector<Match> matches = match_all(working, 0, search, progress, threads);
  if (2 * count_reliable(matches) <= matches.size()) {
    // Frame 0 may be the one that shows nothing: start again from the frame that shows most.
    std::vector<Match> others =
        match_all(working, most_structured(working, search.band, threads), search, progress, threads);
    if (count_reliable(others) > count_reliable(matches)) matches = std::move(others);
  }
  interpolate_unreliable(matches, options.max_jump_px / factor);

  Drift drift(matches.size());
  for (std::size_t i = 0; i < drift.size(); ++i) {
    const Match& m = matches[i];
    drift[i].shift_px = (m.shift - matches[0].shift) * factor;
    drift[i].reliable = m.reliable;
    // Frame 0 is zero by definition.
    const bool defines_zero = i == 0 && m.reliable;
    drift[i].sigma_px = defines_zero ? 0.0 : std::hypot(std::max(m.sigma.x, m.sigma.y), floor_sigma) * factor;
  }
  return drift;
}

}  // namespace sinterscope
