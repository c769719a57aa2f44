// SPDX-License-Identifier: GPL-3.0-or-later
#include "fit_window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "interpolated.h"

namespace sinterscope {
namespace {

/// For every outline, the others whose edges are nearer than `gap`, in ascending order.
std::vector<std::vector<std::size_t>> near_pairs(const std::vector<Outline>& outlines, double gap) {
  std::vector<std::size_t> order(outlines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return outlines[a].x != outlines[b].x ? outlines[a].x < outlines[b].x : a < b;
  });
  double largest = 0.0;
  for (const auto& outline : outlines) largest = std::max(largest, outline.radius);
  std::vector<std::vector<std::size_t>> near(outlines.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const Outline &a = outlines[order[i]], &b = outlines[order[j]];
      if (b.x - a.x > a.radius + largest + gap) break;
      if (edge_gap(a, b) >= gap) continue;
      near[order[i]].push_back(order[j]);
      near[order[j]].push_back(order[i]);
    }
  for (auto& list : near) std::sort(list.begin(), list.end());
  return near;
}

double edge_distance(const Outline& outline, double x, double y) {
  const double dx = x - outline.x, dy = y - outline.y;
  return std::sqrt(dx * dx + dy * dy) - outline.radius;
}

FitPixels collect_pixels(const FitSetting& setting, const std::vector<Outline>& outlines,
                         const Neighbourhood& hood, bool& saturated) {
  double left = std::numeric_limits<double>::max(), top = left, right = -left, bottom = -left;
  for (const std::size_t member : hood.members) {
    const Outline& outline = outlines[member];
    const double reach = outline.radius + window_of(setting, outlines, hood, member);
    left = std::min(left, outline.x - reach);
    right = std::max(right, outline.x + reach);
    top = std::min(top, outline.y - reach);
    bottom = std::max(bottom, outline.y + reach);
  }
  // Of one member or of several with alike windows.
  const double window_px = window_of(setting, outlines, hood, hood.members.front());
  const auto wanted = [&](double x, double y) {
    double own = std::numeric_limits<double>::max();
    for (const std::size_t member : hood.members) own = std::min(own, edge_distance(outlines[member], x, y));
    if (own > window_px) return false;
    return std::none_of(hood.others.begin(), hood.others.end(), [&](std::size_t other) {
      const double theirs = edge_distance(outlines[other], x, y);
      return theirs < blur_sigmas * setting.blurred_sigma_px && theirs < own;
    });
  };
  FitPixels pixels;
  const bool structured = std::any_of(setting.frames->begin(), setting.frames->end(),
                                      [](const ShiftedFrame& frame) { return !frame.support.empty(); });
  const double box = std::max(0.0, right - left + 1) * std::max(0.0, bottom - top + 1);
  for (auto* list : {&pixels.x, &pixels.y, &pixels.value})
    list->reserve(std::min(static_cast<std::size_t>(box), setting.frames->front().pixels.total()) *
                  setting.frames->size());
  saturated = false;
  const double saturation = setting.noise->saturation;
  for (const ShiftedFrame& frame : *setting.frames) {
    const int first_x = std::max(0, static_cast<int>(std::ceil(left + frame.shift_px.x)));
    const int last_x =
        std::min(frame.pixels.cols - 1, static_cast<int>(std::floor(right + frame.shift_px.x)));
    const int first_y = std::max(0, static_cast<int>(std::ceil(top + frame.shift_px.y)));
    const int last_y =
        std::min(frame.pixels.rows - 1, static_cast<int>(std::floor(bottom + frame.shift_px.y)));
    const bool supported = std::all_of(hood.members.begin(), hood.members.end(), [&](std::size_t member) {
      return support_known(frame, outlines[member], setting.blurred_sigma_px);
    });
    // Against the first one's place, so that the fitted plane is still what the frame shows there.
    const Outline& one = outlines[hood.members.front()];
    const double there =
        supported ? interpolated(frame.support, one.x + frame.shift_px.x, one.y + frame.shift_px.y) : 0.0;
    for (int j = first_y; j <= last_y; ++j)
      for (int i = first_x; i <= last_x; ++i) {
        const double x = i - frame.shift_px.x, y = j - frame.shift_px.y;
        const double value = static_cast<double>(frame.pixels(j, i));
        const double base = supported ? static_cast<double>(frame.support(j, i)) - there : 0.0;
        if (!std::isfinite(value) || !std::isfinite(base) || !wanted(x, y)) continue;
        if (saturation > 0 && value >= saturation) {
          saturated = true;
          continue;
        }
        pixels.x.push_back(x);
        pixels.y.push_back(y);
        pixels.value.push_back(value);
        if (structured) pixels.base.push_back(base);
      }
    pixels.frame_end.push_back(pixels.size());
  }
  return pixels;
}

/// The light of fitted neighbours at every pixel.
void add_light(const FitSetting& setting, const Neighbourhood& hood,
               const std::vector<std::optional<KnownParticle>>& known, FitPixels& pixels) {
  pixels.base.resize(pixels.size(), 0.0);
  RadialProfile profile(setting.profile);
  for (const std::size_t other : hood.others) {
    if (!known[other]) continue;
    const KnownParticle& one = *known[other];
    profile.reset(0.5 * one.diameter_px, setting.blurred_sigma_px);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const double dx = pixels.x[i] - one.x, dy = pixels.y[i] - one.y, r2 = dx * dx + dy * dy;
      if (r2 < profile.reach() * profile.reach())
        pixels.base[i] += one.amplitude * profile.value_at(std::sqrt(r2));
    }
  }
}

/// The noise of what is fitted: the frame's own, and that of the support taken off it.
NoiseModel noise_of(const FitSetting& setting) {
  double more = 0.0;
  for (const ShiftedFrame& frame : *setting.frames) more = std::max(more, frame.support_variance);
  NoiseModel noise = *setting.noise;
  noise.gain *= 1.0 + more;
  noise.read_variance *= 1.0 + more;
  return noise;
}

}  // namespace

double edge_gap(const Outline& a, const Outline& b) {
  return std::hypot(a.x - b.x, a.y - b.y) - a.radius - b.radius;
}

bool support_known(const ShiftedFrame& frame, const Outline& at, double blurred_sigma_px) {
  if (frame.support.empty()) return false;
  const double reach = at.radius + blur_sigmas * blurred_sigma_px;
  const cv::Point2d centre = cv::Point2d(at.x, at.y) + frame.shift_px, corner(reach, reach);
  const cv::Rect around = cv::Rect(cv::Point(centre - corner), cv::Point(centre + corner)) &
                          cv::Rect({0, 0}, frame.support.size());
  return !around.empty() && cv::checkRange(frame.support(around));
}

double window_of(const FitSetting& setting, const std::vector<Outline>& outlines, const Neighbourhood& hood,
                 std::size_t member) {
  const double radius = outlines[member].radius;
  const bool among_others =
      hood.members.size() > 1 || std::any_of(hood.others.begin(), hood.others.end(), [&](std::size_t other) {
        return outlines[other].radius > 0.5 * radius;
      });
  if (among_others) return setting.window_px;
  return std::max(setting.window_px, blur_sigmas * setting.blurred_sigma_px + setting.window_radii * radius);
}

std::vector<Neighbourhood> group_neighbours(const std::vector<Outline>& outlines, double blurred_sigma_px,
                                            double window_px, int largest) {
  const auto joined = near_pairs(outlines, 5 * blurred_sigma_px);
  const auto near = near_pairs(outlines, window_px + 3 * blurred_sigma_px);
  std::vector<Neighbourhood> hoods;
  std::vector<bool> taken(outlines.size(), false);
  for (std::size_t first = 0; first < outlines.size(); ++first) {
    if (taken[first]) continue;
    std::vector<std::size_t> members = {first};
    taken[first] = true;
    for (std::size_t next = 0; next < members.size(); ++next)
      for (const std::size_t other : joined[members[next]])
        if (!taken[other]) {
          taken[other] = true;
          members.push_back(other);
        }
    std::sort(members.begin(), members.end());
    if (members.size() > static_cast<std::size_t>(largest)) {
      for (const std::size_t member : members) hoods.push_back({{member}, near[member], true});
      continue;
    }
    Neighbourhood hood{members, {}, false};
    for (const std::size_t member : members)
      for (const std::size_t other : near[member])
        if (!std::binary_search(members.begin(), members.end(), other)) hood.others.push_back(other);
    std::sort(hood.others.begin(), hood.others.end());
    hood.others.erase(std::unique(hood.others.begin(), hood.others.end()), hood.others.end());
    hoods.push_back(std::move(hood));
  }
  return hoods;
}

GroupProblem pose_group(const FitSetting& setting, const std::vector<Outline>& outlines,
                        const Neighbourhood& hood, bool& saturated,
                        const std::vector<std::optional<KnownParticle>>* known) {
  GroupProblem problem;
  Neighbourhood masked = hood;
  if (known != nullptr)
    std::erase_if(masked.others, [known](std::size_t other) { return (*known)[other].has_value(); });
  problem.pixels = collect_pixels(setting, outlines, masked, saturated);
  if (masked.others.size() < hood.others.size()) add_light(setting, hood, *known, problem.pixels);
  problem.noise = noise_of(setting);
  problem.profile = setting.profile;
  problem.blurred_sigma_px = setting.blurred_sigma_px;
  problem.particles = static_cast<int>(hood.members.size());
  double largest = 0.0;
  for (const std::size_t member : hood.members) {
    const Outline& outline = outlines[member];
    problem.centre_x += outline.x / problem.particles;
    problem.centre_y += outline.y / problem.particles;
    problem.seed_x.push_back(outline.x);
    problem.seed_y.push_back(outline.y);
    problem.seed_diameter_px.push_back(2 * outline.radius);
    problem.wander_px.push_back(std::max(outline.radius, 2 * setting.blurred_sigma_px));
    problem.amplitude_priors.emplace_back();
    largest = std::max(largest, 2 * (outline.radius + window_of(setting, outlines, hood, member)));
  }
  problem.smallest_px = setting.smallest_px;
  problem.largest_px = std::min(setting.largest_px, largest);
  return problem;
}

}  // namespace sinterscope
