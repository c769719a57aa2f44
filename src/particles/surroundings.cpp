// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/surroundings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nearer.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr int directions = 16;
constexpr double rim = 1.5;      ///< px of the blurred edge of a blob that is left out
constexpr double reach = 6.0;    ///< px of surroundings beyond it
constexpr double ring_px = 3.0;  ///< of them, in which the blob must stand alone
constexpr int sectors = 8;
constexpr double largest_diameter = 14.0;  ///< px; wider blobs are judged as if they were so wide
constexpr double diameter_step = 0.5;
constexpr double place_step = 0.5;  ///< px to which a blob's centre is rounded

double left_out_of(double diameter) { return 0.55 * diameter + rim; }

/// A pixel of the window: whole-pixel offset from the rounded-down centre.
struct Place {
  int dx = 0, dy = 0;
};

struct Bin {
  float count = 0, value = 0, along = 0;
};

/// Where the pixels of a window lie along and across one direction.
struct Direction {
  std::vector<int> bin;  ///< of each pixel around: profile bin, the two sides one after the other
  std::vector<float> along;
  std::vector<Bin> full;  ///< profile of zeros where every pixel counts
  double vv = 0;          ///< sum of along^2, the same
  struct Below {
    int bin = 0;        ///< of the side that lies backwards
    float next = 0;     ///< share of the bin after it
    float forward = 0;  ///< share of the side that lies forwards
    float along = 0;
  };
  std::vector<Below> beneath;
};

/// Everything about a window that does not depend on the image.
struct Geometry {
  std::vector<Place> around, beneath;
  std::vector<int> sector;    ///< of each pixel around; -1 beyond the ring
  std::vector<float> weight;  ///< of each pixel beneath: a blurred disk is nearly a Gaussian
  std::vector<int> ring;      ///< of each pixel beneath: whole px from the centre
  std::vector<char> middle;   ///< of each pixel beneath
  double weight_squares = 0;  ///< sum of weight^2
  int bins = 0;               ///< of one side
  std::array<Direction, directions> direction;
};

Geometry make_geometry(double diameter, double x_fraction, double y_fraction) {
  Geometry g;
  const double left_out = left_out_of(diameter), radius = left_out + reach, sigma = blob_sigma * diameter;
  g.bins = 2 * static_cast<int>(std::ceil(radius)) + 2;
  const int half = static_cast<int>(std::ceil(radius)) + 1;
  std::vector<cv::Point2d> around, beneath;
  for (int dy = -half; dy <= half; ++dy)
    for (int dx = -half; dx <= half; ++dx) {
      const double x = dx - x_fraction, y = dy - y_fraction, distance = std::hypot(x, y);
      if (distance > radius) continue;
      if (distance < left_out) {
        g.beneath.push_back({dx, dy});
        beneath.emplace_back(x, y);
        g.weight.push_back(static_cast<float>(std::exp(-0.5 * distance * distance / (sigma * sigma))));
        g.weight_squares += static_cast<double>(g.weight.back()) * g.weight.back();
        g.ring.push_back(static_cast<int>(distance));
        g.middle.push_back(distance <= std::max(0.25 * diameter, 1.0) ? 1 : 0);
      } else {
        g.around.push_back({dx, dy});
        around.emplace_back(x, y);
        const int k = static_cast<int>(std::floor((std::atan2(y, x) + pi) / (2.0 * pi) * sectors)) % sectors;
        g.sector.push_back(distance <= left_out + ring_px ? k : -1);
      }
    }
  for (int k = 0; k < directions; ++k) {
    const double c = std::cos(k * pi / directions), s = std::sin(k * pi / directions);
    Direction& direction = g.direction[static_cast<std::size_t>(k)];
    for (const cv::Point2d& p : around) {
      const double v = c * p.y - s * p.x;
      const int bin = static_cast<int>(std::lround(c * p.x + s * p.y)) + g.bins / 2;
      direction.bin.push_back(bin + (v > 0.0 ? g.bins : 0));
      direction.along.push_back(static_cast<float>(v));
    }
    direction.full.resize(static_cast<std::size_t>(2 * g.bins));
    for (std::size_t i = 0; i < direction.bin.size(); ++i) {
      const float v = direction.along[i];
      Bin& bin = direction.full[static_cast<std::size_t>(direction.bin[i])];
      bin.count += 1.0F, bin.along += v;
      direction.vv += static_cast<double>(v) * v;
    }
    for (const cv::Point2d& p : beneath) {
      const double u = c * p.x + s * p.y, v = c * p.y - s * p.x, low = std::floor(u);
      direction.beneath.push_back({static_cast<int>(low) + g.bins / 2, static_cast<float>(u - low),
                                   static_cast<float>(std::clamp(0.5 + 0.5 * v / left_out, 0.0, 1.0)),
                                   static_cast<float>(v)});
    }
  }
  return g;
}

/// Geometries by diameter and by the centre's place within its pixel, made once.
const Geometry& geometry_of(double diameter, int x_step, int y_step) {
  constexpr int places = static_cast<int>(1.0 / place_step);
  static const std::vector<Geometry> all = [] {
    std::vector<Geometry> made;
    for (double d = diameter_step; d <= largest_diameter + 1e-9; d += diameter_step)
      for (int y = 0; y < places; ++y)
        for (int x = 0; x < places; ++x) made.push_back(make_geometry(d, x * place_step, y * place_step));
    return made;
  }();
  const int size = std::clamp(static_cast<int>(std::lround(diameter / diameter_step)), 1,
                              static_cast<int>(largest_diameter / diameter_step));
  return all[static_cast<std::size_t>(((size - 1) * places + y_step) * places + x_step)];
}

/// One profile across a direction on either side of the blob, and a slope along it.
struct Foretelling {
  std::vector<Bin> profile;
  float slope = 0;
  double left = 1e30;  ///< variance of the surroundings about it
};

/// The pixels around a blob; those that do not count are 0.
struct Around {
  std::vector<float> values;
  std::vector<float> counts;  ///< 1 or 0 for each
  double squares = 0;         ///< sum of values^2
  double pixels = 0;          ///< that count
  bool all_count() const { return pixels == static_cast<double>(values.size()); }
};

/// In four sums side by side: one after the other each would wait for the last.
double dot(const std::vector<float>& a, const std::vector<float>& b) {
  std::array<double, 4> sums{};
  const std::size_t whole = a.size() / 4 * 4;
  for (std::size_t i = 0; i < whole; i += 4)
    for (std::size_t k = 0; k < 4; ++k) sums[k] += static_cast<double>(a[i + k]) * b[i + k];
  for (std::size_t i = whole; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

Foretelling foretell(const Direction& direction, const Around& around) {
  Foretelling f;
  f.profile = direction.full;
  const std::vector<float>& values = around.values;
  double yy = around.squares, vv = direction.vv, vy = dot(direction.along, values);
  for (std::size_t i = 0; i < values.size(); ++i)
    f.profile[static_cast<std::size_t>(direction.bin[i])].value += values[i];
  if (!around.all_count())
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (around.counts[i] != 0.0F) continue;
      const float v = direction.along[i];
      Bin& bin = f.profile[static_cast<std::size_t>(direction.bin[i])];
      bin.count -= 1.0F, bin.along -= v;
      vv -= static_cast<double>(v) * v;
    }
  // Least squares of the slope on what is left within the bins.
  double used = 1.0;
  for (Bin& bin : f.profile) {
    if (bin.count == 0.0F) continue;
    const double value = bin.value, along = bin.along, share = 1.0 / static_cast<double>(bin.count);
    yy -= value * value * share;
    vv -= along * along * share;
    vy -= along * value * share;
    bin.value = static_cast<float>(value * share), bin.along = static_cast<float>(along * share);
    used += 1.0;
  }
  if (vv > 1e-6) f.slope = static_cast<float>(vy / vv);
  if (around.pixels - used > 10.0)
    f.left = std::max(yy - static_cast<double>(f.slope) * vy, 0.0) / (around.pixels - used);
  return f;
}

/// How far the pixels beneath rise above the foretold.
std::vector<float> rises(const Foretelling& f, const Geometry& g, std::size_t k,
                         const std::vector<float>& beneath) {
  // Of each bin its weight and its level where the slope has been taken off.
  struct Level {
    float known = 0, value = 0;
  };
  std::vector<Level> levels(f.profile.size());
  for (std::size_t b = 0; b < levels.size(); ++b)
    if (f.profile[b].count != 0.0F) levels[b] = {1.0F, f.profile[b].value - f.slope * f.profile[b].along};
  const std::vector<Direction::Below>& places = g.direction[k].beneath;
  std::vector<float> result(beneath.size());
  for (std::size_t i = 0; i < beneath.size(); ++i) {
    const Direction::Below& p = places[i];
    const Level* backwards = &levels[static_cast<std::size_t>(p.bin)];
    const Level* forwards = backwards + g.bins;
    float sum = 0, weight = 0;
    for (const int step : {0, 1}) {
      const float share = step == 0 ? 1.0F - p.next : p.next;
      const float back = share * (1.0F - p.forward) * backwards[step].known,
                  forth = share * p.forward * forwards[step].known;
      sum += back * backwards[step].value;
      weight += back;
      sum += forth * forwards[step].value;
      weight += forth;
    }
    result[i] = beneath[i] - ((weight > 0.0F ? sum / weight : 0.0F) + f.slope * p.along);
  }
  return result;
}

double height_of(const std::vector<float>& rise, const Geometry& g) {
  return g.weight_squares > 0.0 ? dot(g.weight, rise) / g.weight_squares : 0.0;
}

/// Variance of the rise about its mean at equal distance from the centre.
double lopsidedness(const std::vector<float>& rise, const Geometry& g) {
  std::array<double, 32> sum{}, count{};
  for (std::size_t i = 0; i < rise.size(); ++i) {
    const auto ring = static_cast<std::size_t>(g.ring[i]);
    sum[ring] += static_cast<double>(rise[i]), count[ring] += 1.0;
  }
  double squares = 0, rings = 0;
  for (std::size_t i = 0; i < rise.size(); ++i) {
    const auto ring = static_cast<std::size_t>(g.ring[i]);
    const double rest = static_cast<double>(rise[i]) - sum[ring] / count[ring];
    squares += rest * rest;
  }
  for (const double n : count) rings += n > 0.0 ? 1.0 : 0.0;
  return squares / std::max(static_cast<double>(rise.size()) - rings, 1.0);
}

/// How far the blob's middle stands above the second-highest of the sectors around it.
double second_lowest_drop(const Geometry& g, const Around& around, const std::vector<float>& beneath) {
  std::array<double, sectors> sum{}, count{};
  for (std::size_t i = 0; i < around.values.size(); ++i)
    if (g.sector[i] >= 0) {
      const auto k = static_cast<std::size_t>(g.sector[i]);
      sum[k] += static_cast<double>(around.values[i]), count[k] += static_cast<double>(around.counts[i]);
    }
  double middle = 0, weight = 0;
  for (std::size_t i = 0; i < beneath.size(); ++i)
    if (g.middle[i] != 0) middle += static_cast<double>(beneath[i]), weight += 1.0;
  std::vector<double> drops;
  for (std::size_t k = 0; k < sectors; ++k)
    if (count[k] > 2.0 && weight > 0.0) drops.push_back(middle / weight - sum[k] / count[k]);
  if (drops.size() < 3) return 0.0;
  std::nth_element(drops.begin(), drops.begin() + 1, drops.end());
  return drops[1];
}

/// Variance of the surroundings about a plane.
double left_by_a_plane(const Geometry& g, const Around& around) {
  // Across the first direction and across the one at right angles to it.
  const std::vector<float>&y = g.direction[0].along, &x = g.direction[directions / 2].along;
  cv::Matx33d normal = cv::Matx33d::zeros();
  cv::Vec3d right = cv::Vec3d::all(0.0);
  for (std::size_t i = 0; i < around.values.size(); ++i) {
    if (around.counts[i] == 0.0F) continue;
    const cv::Vec3d row(1.0, static_cast<double>(x[i]), static_cast<double>(y[i]));
    normal += row * row.t();
    right += static_cast<double>(around.values[i]) * row;
  }
  if (around.pixels < 10.0) return std::numeric_limits<double>::infinity();
  const cv::Vec3d plane = normal.solve(right, cv::DECOMP_CHOLESKY);
  return std::max(around.squares - plane.dot(right), 0.0) / (around.pixels - 3.0);
}

}  // namespace

Surroundings judge_surroundings(const cv::Mat1f& image, const Disk& blob, bool bright, double noise_sd,
                                const std::vector<Disk>& others) {
  const int x2 = cvRound(blob.x / place_step), y2 = cvRound(blob.y / place_step);
  const int x0 = x2 >> 1, y0 = y2 >> 1;  // two steps to a pixel
  const Geometry& g = geometry_of(blob.diameter, x2 & 1, y2 & 1);

  const double radius = left_out_of(blob.diameter) + reach + 1.0;
  std::vector<Disk> near;
  for (const Disk& other : others)
    if (nearer(other.x - blob.x, other.y - blob.y, radius + left_out_of(other.diameter)))
      near.push_back(other);
  const float sign = bright ? 1.0F : -1.0F;
  const auto inside = [&](const Place& p) {
    return x0 + p.dx >= 0 && y0 + p.dy >= 0 && x0 + p.dx < image.cols && y0 + p.dy < image.rows;
  };
  Around around{std::vector<float>(g.around.size()), std::vector<float>(g.around.size())};
  const int half = static_cast<int>(std::ceil(radius));  // no pixel of the window lies further off
  const bool all_count = near.empty() && inside({-half, -half}) && inside({half, half});
  for (std::size_t i = 0; i < g.around.size(); ++i) {
    const Place& p = g.around[i];
    const bool counted =
        all_count || (inside(p) && std::none_of(near.begin(), near.end(), [&](const Disk& other) {
                        return nearer(x0 + p.dx - other.x, y0 + p.dy - other.y, left_out_of(other.diameter));
                      }));
    if (!counted) continue;
    const float value = sign * image(y0 + p.dy, x0 + p.dx);
    around.counts[i] = 1.0F, around.values[i] = value;
    around.squares += static_cast<double>(value) * value, around.pixels += 1.0;
  }
  std::vector<float> beneath(g.beneath.size());
  for (std::size_t i = 0; i < beneath.size(); ++i) {
    const Place& p = g.beneath[i];
    beneath[i] =
        sign * image(std::clamp(y0 + p.dy, 0, image.rows - 1), std::clamp(x0 + p.dx, 0, image.cols - 1));
  }

  std::array<Foretelling, directions> foretold;
  std::size_t best = 0;
  for (std::size_t k = 0; k < directions; ++k) {
    foretold[k] = foretell(g.direction[k], around);
    if (foretold[k].left < foretold[best].left) best = k;
  }
  // Of the directions that describe the surroundings equally well, the one that leaves the blob least.
  const double admitted =
      foretold[best].left * (1.0 + 3.0 * std::sqrt(2.0 / static_cast<double>(g.around.size())));
  Surroundings result;
  result.height = 1e30;
  for (std::size_t k = 0; k < directions; ++k)
    if (foretold[k].left <= admitted)
      result.height = std::min(result.height, height_of(rises(foretold[k], g, k, beneath), g));
  const auto beyond_noise = [&](double variance) {
    return std::sqrt(std::max(variance - noise_sd * noise_sd, 0.0));
  };
  result.structure = beyond_noise(foretold[best].left);
  result.lopsided = beyond_noise(lopsidedness(rises(foretold[best], g, best, beneath), g));
  result.alone = second_lowest_drop(g, around, beneath);
  result.uneven = beyond_noise(left_by_a_plane(g, around));
  return result;
}

}  // namespace sinterscope
