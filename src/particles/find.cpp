// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/find.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "confirmation.h"
#include "measured.h"
#include "nearer.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/particles/split.h"

namespace sinterscope {
namespace {

constexpr std::size_t split_frames = 4;       ///< of a block, in which its touching particles are told apart
constexpr std::size_t ground_blocks = 4;      ///< in a row that share one ground
constexpr double come_back_px = 1.0;          ///< beside its place that a particle asked about may be found
constexpr double most_ground_drift_px = 8.0;  ///< within them; its scatter is that of places 48 px wide

FrameShift shift_of(const FindRequest& request, std::size_t frame) {
  return frame < request.drift.size() ? request.drift[frame] : FrameShift{};
}

/// Half of the allowed false detections for the frames, half for their average.
DetectOptions shared(DetectOptions options) {
  options.false_per_frame *= 0.5;
  return options;
}

std::vector<Detection> moved(std::vector<Detection> found, cv::Point2d by) {
  for (Detection& one : found) one.x_px += by.x, one.y_px += by.y;
  return found;
}

cv::Mat1b moved(const cv::Mat1b& mask, const FrameShift& shift) {
  const int dx = cvRound(shift.shift_px.x), dy = cvRound(shift.shift_px.y);
  if (mask.empty() || (dx == 0 && dy == 0)) return mask;
  cv::Mat1b result;
  // New specimen that drifts in at a border is searched like the specimen beside it.
  cv::copyMakeBorder(mask, result, std::abs(dy), std::abs(dy), std::abs(dx), std::abs(dx),
                     cv::BORDER_REPLICATE);
  return result(cv::Rect({std::abs(dx) - dx, std::abs(dy) - dy}, mask.size()));
}

/// The detections, those from number `first` on that two touching particles explain better as two. Shifts are
/// those against the coordinates of the detections.
std::vector<Detection> told_apart(const FindRequest& request, const std::vector<ShiftedFrame>& frames,
                                  const std::vector<Detection>& found, std::size_t first = 0) {
  if (!request.size.split_touching || first >= found.size()) return found;
  const SplitSeeds split = split_seeds(frames, request.noise, seeds_of(found), request.probe, request.size);
  std::vector<Detection> result(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first));
  for (std::size_t k = 0; k < split.seeds.size(); ++k) {
    if (split.origin[k] < first) continue;
    Detection one = found[split.origin[k]];
    one.x_px = split.seeds[k].x_px, one.y_px = split.seeds[k].y_px;
    one.diameter_px = split.seeds[k].diameter_px;
    result.push_back(one);
  }
  return result;
}

bool touch(const Disk& a, const Disk& b, double gap_px) {
  return nearer(a.x - b.x, a.y - b.y, 0.5 * (a.diameter + b.diameter) + gap_px);
}

/// Of what was found, that at the places asked about, then what reaches into the windows of their fits.
struct Asked {
  std::vector<Detection> found;
  std::size_t wanted = 0;
};

Asked asked_of(const FindRequest& request, const std::vector<Detection>& found,
               const std::vector<Disk>& asked) {
  if (asked.empty()) return {found, found.size()};
  const auto disk = [](const Detection& one) { return Disk{one.x_px, one.y_px, one.diameter_px}; };
  Asked result;
  std::vector<Detection> others;
  for (const Detection& one : found)
    (std::any_of(asked.begin(), asked.end(),
                 [&](const Disk& place) { return touch(disk(one), place, come_back_px); })
         ? result.found
         : others)
        .push_back(one);
  result.wanted = result.found.size();
  const double window_px = (request.size.window_sigmas + 3.0) * blurred_sigma(request.probe.sigma_px) + 1.0;
  for (const Detection& one : others)
    if (std::any_of(result.found.begin(), result.found.begin() + static_cast<std::ptrdiff_t>(result.wanted),
                    [&](const Detection& wanted) { return touch(disk(one), disk(wanted), window_px); }))
      result.found.push_back(one);
  return result;
}

bool is_at_any(const std::vector<Detection>& places, const Particle& particle) {
  return std::any_of(places.begin(), places.end(), [&](const Detection& place) {
    return nearer(place.x_px - particle.x_px, place.y_px - particle.y_px, 0.5 * place.diameter_px);
  });
}

std::vector<Measured> search_frame(const FindRequest& request, const Ground& ground, const FrameView& view) {
  const DetectOptions options = request.average ? shared(request.detect) : request.detect;
  // What is known goes first. What the average shows is the same from frame to frame, where a frame's own
  // search may take one half of a pair or both.
  const std::vector<Detection> standing = confirmed(view.raw.pixels, view.standing);
  std::vector<Detection> found = standing;
  const auto is_new = [&found](const Detection& one) {
    return std::none_of(found.begin(), found.end(),
                        [&](const Detection& other) { return repeats(one, other); });
  };
  const auto add_new = [&](std::vector<Detection> more) {
    std::erase_if(more, [&](const Detection& one) { return !is_new(one); });
    found.insert(found.end(), more.begin(), more.end());
  };
  add_new(confirmed(view.clean, view.in_average));
  const std::size_t known = found.size();
  // What is asked about was painted into all frames alike: no frame shows more of it than their average does.
  if (view.asked.empty() || view.average.empty())
    add_new(changed(view.clean, view.average, view.average_shift_px,
                    detect(view.clean, view.searched, options, ground, view.asked)));
  found = told_apart(request, {view.raw}, found, known);
  if (view.raw.support.empty() || standing.empty()) {
    const Asked here = asked_of(request, found, view.asked);
    std::vector<Measured> particles =
        measured(request, view.raw, view.counted, here.found, ground.judged, here.wanted,
                 view.asked.empty() ? Wanted::diameters : Wanted::places);
    for (Measured& one : particles) one.standing = is_at_any(standing, one.particle);
    return particles;
  }
  // The known support shows what stands on it as well.
  std::vector<Measured> particles =
      measured(request, {view.raw.pixels, {}}, view.counted, found, ground.judged, standing.size());
  for (Measured& one : particles) one.standing = true;
  const std::vector<Measured> others =
      measured(request, view.raw, view.counted,
               {found.begin() + static_cast<std::ptrdiff_t>(standing.size()), found.end()}, ground.judged,
               found.size() - standing.size());
  particles.insert(particles.end(), others.begin(), others.end());
  return without_repeats(std::move(particles), request.probe.sigma_px);
}

/// The blocks of a hold, of like length.
class HoldBlocks {
 public:
  HoldBlocks(std::size_t frame, const FindRequest& request) {
    const std::vector<std::size_t>& starts = request.first_of_hold;
    const auto after = std::upper_bound(starts.begin(), starts.end(), frame);
    begin_ = after == starts.begin() ? 0 : *(after - 1);
    frames_ = (after == starts.end() ? request.raw->size() : *after) - begin_;
    const auto most = static_cast<std::size_t>(request.detect.averaged_frames);
    blocks_ = (frames_ + most - 1) / most;
  }
  std::size_t number_of(std::size_t frame) const { return (frame - begin_) * blocks_ / frames_; }
  FrameBlock block(std::size_t k) const { return {start(k), start(k + 1) - start(k)}; }

 private:
  // Block k holds the frames whose share of the hold, times the number of blocks, rounds down to k.
  std::size_t start(std::size_t k) const { return begin_ + (k * frames_ + blocks_ - 1) / blocks_; }

  std::size_t begin_ = 0, frames_ = 0, blocks_ = 0;
};

/// The frame whose ground serves the frames of a block. Support and noise stay as they are for a few blocks
/// in a row, unless the specimen drifts away beneath the map of its scatter.
std::size_t ground_frame_of(const FindRequest& request, const FrameBlock& block) {
  const HoldBlocks hold(block.first, request);
  const std::size_t leader = hold.block(hold.number_of(block.first) / ground_blocks * ground_blocks).first;
  const FrameShift there = shift_of(request, leader), here = shift_of(request, block.first);
  return cv::norm(here.shift_px - there.shift_px) < most_ground_drift_px ? leader : block.first;
}

/// What the memo knows is not measured again.
Ground recalled(const FindRequest& request, GroundMemo::Of what, std::size_t first,
                const std::function<Ground()>& measure) {
  return request.grounds != nullptr ? request.grounds->recall(what, first, measure) : measure();
}

Ground ground_of_frame(const FindRequest& request, std::size_t frame) {
  return recalled(request, GroundMemo::Of::frame, frame, [&] {
    return measure_ground(request.clean->load(frame).pixels, searched_in(request, frame), request.detect);
  });
}

BlockKnowledge study_block(const FindRequest& request, const FrameBlock& block, const Ground& ground) {
  BlockKnowledge known{ground, {}, {}, {}};
  if (!request.average || block.count < 2) return known;
  known.average = request.average(block.first, block.count);
  known.average_searched = searched_in(request, block.first);
  known.average_ground = recalled(request, GroundMemo::Of::average, block.first, [&] {
    return measure_ground(known.average, known.average_searched, shared(request.detect));
  });
  return known;
}

/// What the average of a block shows, touching particles told apart in its frames.
std::vector<Detection> found_in_average(const FindRequest& request, const FrameBlock& block,
                                        const BlockKnowledge& known) {
  if (known.average.empty()) return {};
  std::vector<ShiftedFrame> frames;
  const cv::Point2d origin = shift_of(request, block.first).shift_px;
  const std::size_t looked_at = request.size.split_touching ? std::min(block.count, split_frames) : 0;
  for (std::size_t i = block.first; i < block.first + looked_at; ++i) {
    frames.push_back(measured_frame(request, i, request.raw->load(i).pixels));
    frames.back().shift_px = shift_of(request, i).shift_px - origin;
  }
  return told_apart(request, frames, search_average(request, known, known.average));
}

/// The grounds that these blocks ask for, by frame.
std::map<std::size_t, Ground> grounds_of(const FindRequest& request, const std::vector<FrameBlock>& blocks) {
  std::map<std::size_t, Ground> grounds;
  for (const FrameBlock& block : blocks) grounds[ground_frame_of(request, block)];
  std::vector<std::pair<const std::size_t, Ground>*> open;
  for (auto& one : grounds) open.push_back(&one);
  parallel_for(open.size(), request.threads,
               [&](std::size_t k) { open[k]->second = ground_of_frame(request, open[k]->first); });
  return grounds;
}

}  // namespace

cv::Mat1b searched_area(const SupportArea& support, const FrameShift& shift) {
  return moved(support.searched.empty() ? support.mask : support.searched, shift);
}

cv::Mat1b counted_area(const SupportArea& support, const FrameShift& shift) {
  return moved(support.mask, shift);
}

cv::Mat1b oxide_area(const SupportArea& support, const FrameShift& shift) {
  return moved(support.oxide, shift);
}

cv::Mat1b searched_in(const FindRequest& request, std::size_t frame) {
  const FrameShift shift = shift_of(request, frame);
  const cv::Mat1b elsewhere = searched_area(request.support, shift);
  const cv::Mat1b known = request.support_known ? request.support_known(frame) : cv::Mat1b();
  if (known.empty() || request.support.oxide.empty()) return elsewhere;
  const int width = 2 * cvCeil(request.support.guard_px) + 1;
  cv::Mat1b edges_gone;
  cv::erode(known, edges_gone, cv::getStructuringElement(cv::MORPH_RECT, {width, width}));
  return elsewhere | (oxide_area(request.support, shift) & edges_gone);
}

ShiftedFrame measured_frame(const FindRequest& request, std::size_t frame, const cv::Mat1f& raw) {
  return request.supported ? request.supported(frame, raw) : ShiftedFrame{raw, {}};
}

FrameBlock block_of(std::size_t frame, const FindRequest& request) {
  const HoldBlocks hold(frame, request);
  return hold.block(hold.number_of(frame));
}

BlockKnowledge study_block(const FindRequest& request, const FrameBlock& block) {
  return study_block(request, block, ground_of_frame(request, ground_frame_of(request, block)));
}

std::vector<Detection> search_average(const FindRequest& request, const BlockKnowledge& known,
                                      const cv::Mat1f& average, const std::vector<Disk>& asked) {
  return detect(average, known.average_searched, shared(request.detect), known.average_ground, asked);
}

std::vector<Particle> find_in_frame(const FindRequest& request, const Ground& ground, const FrameView& view) {
  std::vector<Particle> particles;
  for (const Measured& one : search_frame(request, ground, view)) particles.push_back(one.particle);
  return particles;
}

std::vector<Particle> find_particles(const FindRequest& request, Progress& progress) {
  if (request.clean->size() != request.raw->size())
    throw Error("the searched and the measured frames differ in number");
  std::vector<FrameBlock> blocks;
  for (std::size_t i = 0; i < request.raw->size(); i += blocks.back().count)
    blocks.push_back(block_of(i, request));
  std::vector<Detection> standing;
  for (const Seed& seed : request.standing) {
    Detection one;
    one.x_px = seed.x_px, one.y_px = seed.y_px, one.diameter_px = seed.diameter_px;
    one.bright = request.detect.polarity != "dark";
    standing.push_back(one);
  }
  const std::map<std::size_t, Ground> grounds = grounds_of(request, blocks);
  std::vector<std::vector<Measured>> of_frame(request.raw->size());
  parallel_for(blocks.size(), request.threads, [&](std::size_t k) {
    const FrameBlock& block = blocks[k];
    const BlockKnowledge known = study_block(request, block, grounds.at(ground_frame_of(request, block)));
    const std::vector<Detection> in_average = found_in_average(request, block, known);
    const cv::Point2d origin = shift_of(request, block.first).shift_px;
    for (std::size_t i = block.first; i < block.first + block.count; ++i) {
      const FrameShift shift = shift_of(request, i);
      FrameView view;
      view.clean = request.clean->load(i).pixels;
      view.raw = measured_frame(request, i, request.raw->load(i).pixels);
      view.searched = searched_in(request, i);
      view.counted = counted_area(request.support, shift);
      if (shift.reliable) view.average = known.average;
      view.average_shift_px = shift.shift_px - origin;
      view.in_average = moved(in_average, view.average_shift_px);
      view.standing = moved(standing, shift.shift_px);
      of_frame[i] = search_frame(request, known.ground, view);
      for (Measured& one : of_frame[i]) {
        one.particle.x_specimen_px = one.particle.x_px - shift.shift_px.x;
        one.particle.y_specimen_px = one.particle.y_px - shift.shift_px.y;
      }
      of_frame[i].shrink_to_fit();  // they stay until all frames are known
      progress.advance();
    }
  });
  of_frame = alike(std::move(of_frame), blocks);
  std::vector<Particle> all;
  for (std::size_t i = 0; i < of_frame.size(); ++i) {
    const std::size_t before = all.size();
    for (const Measured& found : of_frame[i]) {
      all.push_back(found.particle);
      all.back().frame = static_cast<int>(i);
    }
    of_frame[i] = {};
    std::sort(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(),
              [](const Particle& a, const Particle& b) {
                return std::tie(a.y_px, a.x_px) < std::tie(b.y_px, b.x_px);
              });
  }
  return all;
}

}  // namespace sinterscope
