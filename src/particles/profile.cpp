// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr std::array<std::pair<ProfileKind, const char*>, 5> kind_words = {{
    {ProfileKind::automatic, "auto"},
    {ProfileKind::disk, "disk"},
    {ProfileKind::rim_disk, "rim_disk"},
    {ProfileKind::cap, "cap"},
    {ProfileKind::gaussian, "gaussian"},
}};

constexpr double step = 0.25;       // of both axes of the tables, in units of sigma
constexpr double largest = 48.0;    // largest radius / sigma
constexpr double tail = 5.0;        // the profile ends this far beyond the radius
constexpr int rows = 192 + 8;       // radius / sigma from 0 to 49.75
constexpr int columns = rows + 24;  // r / sigma, six further

constexpr std::array<double, 4> node = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                        0.8611363115940526};  // Gauss-Legendre, four points
constexpr std::array<double, 4> weight = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                          0.3478548451374538};

/// exp(-x) I0(x), x >= 0, to 2e-7 (Abramowitz & Stegun 9.8.1, 9.8.2).
double scaled_bessel_i0(double x) {
  if (x < 3.75) {
    const double t = x * x / 14.0625;
    const double i0 =
        1 + t * (3.5156229 +
                 t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))));
    return i0 * std::exp(-x);
  }
  const double t = 3.75 / x;
  const double tail_sum =
      0.39894228 +
      t * (0.01328592 +
           t * (0.00225319 +
                t * (-0.00157565 +
                     t * (0.00916281 +
                          t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377)))))));
  return tail_sum / std::sqrt(x);
}

/// A thin ring of radius q seen at distance r through a Gaussian of sigma 1, per dq.
double ring(double r, double q) { return q * std::exp(-0.5 * (r - q) * (r - q)) * scaled_bessel_i0(r * q); }

/// Weights of the four cubic B-splines around a point at fraction t of its interval, and their derivatives.
struct SplineWeights {
  explicit SplineWeights(double t) {
    const double u = 1 - t;
    value = {u * u * u / 6, (4 + t * t * (3 * t - 6)) / 6, (4 + u * u * (3 * u - 6)) / 6, t * t * t / 6};
    slope = {-0.5 * u * u, 0.5 * t * (3 * t - 4), -0.5 * u * (3 * u - 4), 0.5 * t * t};
  }
  std::array<double, 4> value, slope;
};

/// The cubic between the middle two of four B-spline coefficients, in powers of t from 0 to 1.
std::array<double, 4> cubic(const double* c) {
  return {(c[0] + 4 * c[1] + c[2]) / 6, (c[2] - c[0]) / 2, (c[0] - 2 * c[1] + c[2]) / 2,
          (c[3] - c[0] + 3 * (c[1] - c[2])) / 6};
}

/// Turns samples, `stride` apart, into the coefficients of the cubic B-spline through them; the samples are
/// mirrored at both ends (Unser, IEEE Signal Process. Mag. 16, 22, 1999, DOI 10.1109/79.799930).
void to_spline(double* samples, int count, int stride) {
  const double pole = std::sqrt(3.0) - 2.0;
  const auto at = [samples, stride](int i) -> double& {
    return samples[static_cast<std::ptrdiff_t>(i) * stride];
  };
  double sum = at(0), power = pole;
  for (int i = 1; i < std::min(count, 30); ++i, power *= pole) sum += power * at(i);
  at(0) = sum;
  for (int i = 1; i < count; ++i) at(i) += pole * at(i - 1);
  at(count - 1) = pole / (pole * pole - 1) * (at(count - 1) + pole * at(count - 2));
  for (int i = count - 2; i >= 0; --i) at(i) = pole * (at(i + 1) - at(i));
  for (int i = 0; i < count; ++i) at(i) *= 6.0;
}

/// D(r, R) or C(r, R) in units of sigma as spline coefficients. Both are even in r and in R, hence the mirror
/// at 0.
class ProfileTable {
 public:
  /// Coefficients of row (radius) i, which may be -1, from column (distance) 0 on.
  const double* row(int i) const { return &cells_[static_cast<std::size_t>(std::abs(i)) * columns]; }
  /// The disk: rings summed outwards.
  static ProfileTable disk() {
    ProfileTable table;
    for (int j = 0; j < columns; ++j) {
      double sum = 0.0;
      for (int i = 1; i < rows; ++i) {
        const double middle = (i - 0.5) * step;
        if (std::abs(middle - j * step) < tail + 3)
          for (std::size_t k = 0; k < 4; ++k)
            sum += 0.5 * step * weight[k] * ring(j * step, middle + 0.5 * step * node[k]);
        table.cell(i, j) = sum;
      }
    }
    table.make_spline();
    return table;
  }
  /// The cap: sqrt(1 - t^2) is a sum of disks of radius R sin(a) with weight sin(a) da, a from 0 to pi/2.
  static ProfileTable cap(const ProfileTable& disk) {
    ProfileTable table;
    for (int i = 1; i < rows; ++i) {
      const int panels = 4 + i / 4;
      const double width = 0.5 * pi / panels;
      for (int panel = 0; panel < panels; ++panel)
        for (std::size_t k = 0; k < 4; ++k) {
          const double sine = std::sin(width * (panel + 0.5 + 0.5 * node[k]));
          const double share = 0.5 * width * weight[k] * sine;
          const double at = i * sine;
          const int below = static_cast<int>(at);
          const SplineWeights spline(at - below);
          const int last = std::min(columns, i + 32);
          for (int j = 0; j < last; ++j) {
            double sum = 0.0;
            for (int n = 0; n < 4; ++n)
              sum += spline.value[static_cast<std::size_t>(n)] * disk.row_coefficient(below - 1 + n, j);
            table.cell(i, j) += share * sum;
          }
        }
    }
    table.make_spline();
    return table;
  }

 private:
  ProfileTable() : cells_(static_cast<std::size_t>(rows) * columns) {}
  double& cell(int i, int j) {
    return cells_[static_cast<std::size_t>(i) * columns + static_cast<std::size_t>(j)];
  }
  /// Coefficients along the radius only, samples along the distance.
  double row_coefficient(int i, int j) const {
    const std::size_t row = static_cast<std::size_t>(std::min(std::abs(i), rows - 1));
    return along_radius_[row * columns + static_cast<std::size_t>(j)];
  }
  void make_spline() {
    for (int j = 0; j < columns; ++j) to_spline(&cells_[static_cast<std::size_t>(j)], rows, columns);
    along_radius_ = cells_;
    for (int i = 0; i < rows; ++i) to_spline(&cell(i, 0), columns, 1);
  }

  std::vector<double> cells_, along_radius_;
};

const ProfileTable& disk_table() {
  static const ProfileTable table = ProfileTable::disk();
  return table;
}

const ProfileTable& cap_table() {
  static const ProfileTable table = ProfileTable::cap(disk_table());
  return table;
}

}  // namespace

std::string to_text(ProfileKind kind) {
  for (const auto& [known, word] : kind_words)
    if (known == kind) return word;
  return "auto";
}

ProfileKind profile_kind(const std::string& word) {
  std::vector<std::string> words;
  for (const auto& [kind, known] : kind_words) {
    if (known == word) return kind;
    words.emplace_back(known);
  }
  throw usage_error(
      fmt::format("unknown particle profile '{}', did you mean '{}'?", word, nearest_name(word, words)));
}

double blurred_sigma(double probe_sigma_px) {
  return std::sqrt(probe_sigma_px * probe_sigma_px + 1.0 / 12.0);
}

RadialProfile::RadialProfile(ProfileShape shape) : shape_(shape) {}

void RadialProfile::reset(double radius_px, double blurred_sigma_px, Wanted wanted) {
  sigma_ = std::max(blurred_sigma_px, radius_px / largest);
  ratio_ = radius_px / sigma_;
  if (shape_.kind == ProfileKind::gaussian) {
    reach_ = 4.8 * std::sqrt(sigma_ * sigma_ + radius_px * radius_px / (2 * std::log(2.0)));
    return;
  }
  reach_ = radius_px + tail * sigma_;
  const double at = ratio_ / step;
  const int below = static_cast<int>(at);
  const SplineWeights spline(at - below);
  const double cap_share = shape_.kind == ProfileKind::cap        ? 1.0
                           : shape_.kind == ProfileKind::rim_disk ? -shape_.rim
                                                                  : 0.0;
  const double disk_share = 1.0 - cap_share;
  const int count = std::min(static_cast<int>((ratio_ + tail) / step) + 4, columns);
  // B-spline coefficients along r; the first is that of column -1, which mirrors column 1.
  thread_local std::vector<double> value, slope;
  value.assign(static_cast<std::size_t>(count) + 1, 0.0);
  slope.assign(value.size(), 0.0);
  const auto add = [&](const ProfileTable& table, double share) {
    const std::array<const double*, 4> row = {table.row(below - 1), table.row(below), table.row(below + 1),
                                              table.row(below + 2)};
    const auto mix = [&row, count](const std::array<double, 4>& w, double factor, std::vector<double>& to) {
      const double a = w[0] * factor, b = w[1] * factor, c = w[2] * factor, d = w[3] * factor;
      for (int j = 0; j < count; ++j)
        to[static_cast<std::size_t>(j + 1)] += a * row[0][j] + b * row[1][j] + c * row[2][j] + d * row[3][j];
    };
    mix(spline.value, share, value);
    if (wanted == Wanted::slopes) mix(spline.slope, share / (step * sigma_), slope);
  };
  if (disk_share != 0.0) add(disk_table(), disk_share);
  if (cap_share != 0.0) add(cap_table(), cap_share);
  value[0] = value[2];
  slope[0] = slope[2];
  inverse_step_ = 1 / (step * sigma_);
  pieces_.resize(value.size() - 3);
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    pieces_[k].value = cubic(&value[k]);
    if (wanted == Wanted::slopes) pieces_[k].slope = cubic(&slope[k]);
  }
}

RadialProfile::Value RadialProfile::gaussian_at(double r) const {
  const double radius = ratio_ * sigma_;
  const double own = radius * radius / (2 * std::log(2.0));  // variance of the speck
  const double blur = sigma_ * sigma_;
  const double all = own + blur;
  const double value = own / all * std::exp(-0.5 * r * r / all);
  const double by_own = value * (1 / own - 1 / all + 0.5 * r * r / (all * all));
  const double by_blur = value * (-1 / all + 0.5 * r * r / (all * all));
  return {value, -value * r / all, by_own * radius / std::log(2.0), by_blur * 2 * sigma_};
}

}  // namespace sinterscope
