// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/entropy_posterior.h"

#include <ceres/cubic_interpolation.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "sinterscope/core/parallel.h"
#include "sinterscope/inference/statistics.h"
#include "solvus_law.h"

namespace sinterscope {
namespace {

constexpr double x_reach = 3.0;  // prior s.d. of the calibration that the grid spans
constexpr double v_low = -2.4;   // a facet spread below exp(-2.4 * 0.7) of its median is as good as none
constexpr double v_high = 2.0;
// Below e^-40 atoms per site nothing is ever seen, whatever the calibration: all tables end at 1e-7.
constexpr double nothing_z = 9.0;
constexpr double log_nothing = -0.5 * nothing_z * nothing_z;
constexpr int table_refinement = 8;  // linear look-up in a cubic refinement: error below 1e-3 of the cubic

std::vector<double> even_axis(double low, double high, int steps) {
  std::vector<double> axis(static_cast<std::size_t>(steps));
  for (int i = 0; i < steps; ++i) axis[static_cast<std::size_t>(i)] = low + (high - low) * i / (steps - 1);
  return axis;
}

std::vector<double> normal_log_weights(const std::vector<double>& axis, double mean, double sd) {
  std::vector<double> weights;
  for (const double value : axis) weights.push_back(-0.5 * (value - mean) * (value - mean) / (sd * sd));
  const double total = log_sum_exp(weights);
  for (double& weight : weights) weight -= total;
  return weights;
}

constexpr double no_weight = 1e-9;  // of a loading this far from the common one, over the highest

CommonLoading loading_about(const std::vector<double>& log_c, double mean, double spread) {
  CommonLoading common;
  const std::vector<double> logs = normal_log_weights(log_c, mean, spread);
  const double least = *std::max_element(logs.begin(), logs.end()) + std::log(no_weight);
  while (logs[common.first] < least) ++common.first;
  for (std::size_t c = common.first; c < logs.size() && logs[c] >= least; ++c)
    common.weights.push_back(std::exp(logs[c]));
  return common;
}

/// One alone, or one whose loading is known, has nothing to share.
std::vector<CommonLoading> common_loadings(const EntropyProblem& problem, const PosteriorAxes& axes) {
  std::vector<CommonLoading> all;
  if (problem.regions.size() < 2 || problem.loading_per_site) {
    all.push_back({});
    for (const double weight : axes.log_weight_c) all.back().weights.push_back(std::exp(weight));
    return all;
  }
  for (const double spread : region_loading_log_sd)
    for (const double mean : axes.log_c) all.push_back(loading_about(axes.log_c, mean, spread));
  for (CommonLoading& one : all) one.log_weight = -std::log(static_cast<double>(all.size()));
  return all;
}

/// A likelihood over ln c_tot (from its first node on) seen through each of the common loadings.
std::vector<double> seen_through(const std::vector<CommonLoading>& common,
                                 const std::vector<double>& over_c) {
  std::vector<double> seen;
  for (const CommonLoading& one : common)
    seen.push_back(std::inner_product(one.weights.begin(), one.weights.end(),
                                      over_c.begin() + static_cast<std::ptrdiff_t>(one.first), 0.0));
  return seen;
}

/// The stretch of an axis where a curve is within `drop` of its maximum, two nodes wider on both sides.
std::pair<double, double> ends_of(const std::vector<double>& axis, const std::vector<double>& curve,
                                  double drop) {
  const double top = *std::max_element(curve.begin(), curve.end());
  std::size_t first = 0, last = axis.size() - 1;
  while (curve[first] < top - drop) ++first;
  while (curve[last] < top - drop) --last;
  return {axis[first > 2 ? first - 2 : 0], axis[std::min(last + 2, axis.size() - 1)]};
}

/// A table refined by cubic interpolation, for fast linear look-up at ln c in steps of the refinement.
class FineTable {
 public:
  explicit FineTable(const std::vector<double>& table) : last_((table.size() - 1) * table_refinement) {
    const ceres::Grid1D<double> nodes(table.data(), 0, static_cast<int>(table.size()));
    const ceres::CubicInterpolator<ceres::Grid1D<double>> cubic(nodes);
    values_.resize(last_ + 2);
    for (std::size_t i = 0; i <= last_; ++i)
      cubic.Evaluate(static_cast<double>(i) / table_refinement, &values_[i]);
    values_[last_ + 1] = values_[last_];
  }
  static double steps(double log_ratio) { return log_ratio * (table_refinement / log_c_step()); }
  static double position(double log_c) { return steps(log_c - log_c_at(0)); }
  double at(double position) const {  // constant beyond the ends
    const double u = std::min(std::max(position, 0.0), static_cast<double>(last_));
    const int i = static_cast<int>(u);
    const double* node = values_.data() + i;
    return node[0] + (u - i) * (node[1] - node[0]);
  }

 private:
  std::size_t last_;
  std::vector<double> values_;
};

/// Of the spectra of a region, at every ln c_tot.
void share_log_likelihood(const ShareTerm& term, const SolvusGrid& solvus, const std::vector<double>& log_c,
                          std::size_t dh, std::size_t v, std::vector<double>& values) {
  std::vector<const double*> rows;
  for (const DispersedShare& share : term.shares) rows.push_back(solvus.row(share.temperature_K, dh, v));
  for (std::size_t c = 0; c < log_c.size(); ++c)
    values[c] = -0.5 * term.deviance([&](std::size_t i) { return rows[i][c]; }, log_c[c]);
}

}  // namespace

std::vector<SolvusRegion> solvus_regions(const std::vector<RegionObservations>& observations, bool by_peak) {
  constexpr double same_K = 0.5;
  std::vector<SolvusRegion> regions;
  for (const RegionObservations& observed : observations) {
    SolvusRegion region{observed.region, {}};
    for (const HoldObservation& hold : observed.holds) {
      const double peak = by_peak ? hold.peak_temperature_K : hold.temperature_K;
      const auto same =
          std::find_if(region.tables.begin(), region.tables.end(), [&](const SolvusTable& table) {
            return std::abs(table.temperature_K - hold.temperature_K) <= same_K &&
                   std::abs(table.peak_temperature_K - peak) <= same_K;
          });
      if (same == region.tables.end()) {
        region.tables.push_back({hold.temperature_K, peak, hold.table});
        continue;
      }
      for (std::size_t k = 0; k < hold.table.size(); ++k) same->log_likelihood[k] += hold.table[k];
    }
    regions.push_back(std::move(region));
  }
  return regions;
}

GridWindow whole_window(const EntropyProblem& problem) {
  return {problem.options.dh_min_eV,
          0.0,
          std::log(problem.options.c_ad_min),
          std::log(problem.options.c_ad_max),
          -x_reach,
          x_reach,
          v_low,
          v_high};
}

PosteriorAxes posterior_axes(const EntropyProblem& problem, const GridSize& size, const GridWindow& window) {
  const FitOptions& options = problem.options;
  PosteriorAxes axes;
  axes.dh_eV = even_axis(window.dh_low, window.dh_high, size.dh);
  axes.log_c = even_axis(window.log_c_low, window.log_c_high, size.c);
  axes.x = options.calibration_log_sd > 0.0 ? even_axis(window.x_low, window.x_high, size.x)
                                            : std::vector<double>{0.0};
  axes.v = options.facet_spread_log_sd > 0.0 ? even_axis(window.v_low, window.v_high, size.v)
                                             : std::vector<double>{0.0};
  axes.log_weight_x = normal_log_weights(axes.x, 0.0, 1.0);
  axes.log_weight_v = normal_log_weights(axes.v, 0.0, 1.0);
  axes.log_weight_c =
      problem.loading_per_site
          ? normal_log_weights(axes.log_c, std::log(*problem.loading_per_site), options.loading_log_sd)
          : std::vector<double>(axes.log_c.size(), -std::log(static_cast<double>(size.c)));
  axes.common = common_loadings(problem, axes);
  return axes;
}

SolvusGrid::SolvusGrid(const EntropyProblem& problem, const PosteriorAxes& axes, int threads)
    : v_count_(axes.v.size()), c_count_(axes.log_c.size()) {
  for (const SolvusRegion& region : problem.regions)
    for (const SolvusTable& table : region.tables)
      for (const double temperature : {table.temperature_K, table.peak_temperature_K})
        values_.try_emplace(temperature, axes.dh_eV.size() * v_count_ * c_count_);
  for (const SolvusRegion& region : problem.regions)
    if (region.shares)
      for (const DispersedShare& share : region.shares->shares)
        values_.try_emplace(share.temperature_K, axes.dh_eV.size() * v_count_ * c_count_);
  parallel_for(axes.dh_eV.size(), threads, [&](std::size_t k) {
    for (auto& [temperature, values] : values_)
      for (std::size_t j = 0; j < v_count_; ++j) {
        const double spread = std::exp(log_facet_spread(problem.options, axes.v[j]));
        const SmoothSolvus<double> solvus(axes.dh_eV[k], spread, temperature, problem.options.facet_sites,
                                          problem.options.entropy_per_atom);
        const double nothing_below = solvus.log_total_below(nothing_z);
        double* row = &values[(k * v_count_ + j) * c_count_];
        for (std::size_t c = 0; c < c_count_; ++c)
          row[c] =
              axes.log_c[c] < nothing_below ? log_nothing : solvus.log_particle_concentration(axes.log_c[c]);
      }
  });
}

const double* SolvusGrid::row(double temperature_K, std::size_t dh, std::size_t v) const {
  return &values_.at(temperature_K)[(dh * v_count_ + v) * c_count_];
}

PosteriorGrid::PosteriorGrid(const EntropyProblem& problem, const PosteriorAxes& axes, int threads)
    : PosteriorGrid(problem, axes, SolvusGrid(problem, axes, threads), threads) {}

PosteriorGrid::PosteriorGrid(const EntropyProblem& problem, const PosteriorAxes& axes,
                             const SolvusGrid& solvus, int threads)
    : axes_(axes) {
  fill(problem, solvus, threads);
  reduce(threads);
}

void PosteriorGrid::fill(const EntropyProblem& problem, const SolvusGrid& solvus, int threads) {
  const std::size_t nx = axes_.x.size(), nv = axes_.v.size(), nc = axes_.log_c.size(),
                    nd = axes_.dh_eV.size();
  for (const SolvusRegion& region : problem.regions) {
    std::vector<FineTable> fine;
    double offset =
        0.0;  // of the order of the best value: keeps the single-precision remainder exact where it counts
    for (const SolvusTable& table : region.tables) {
      fine.emplace_back(table.log_likelihood);
      offset += *std::max_element(table.log_likelihood.begin(), table.log_likelihood.end());
    }
    std::vector<float> values(nd * nx * nv * nc);
    parallel_for(nd, threads, [&](std::size_t k) {
      std::vector<double> positions(region.tables.size() * nc), sums(nc), from_spectra(nc, 0.0);
      for (std::size_t j = 0; j < nv; ++j) {
        for (std::size_t t = 0; t < region.tables.size(); ++t) {
          const double* now = solvus.row(region.tables[t].temperature_K, k, j);
          const double* at_peak = solvus.row(region.tables[t].peak_temperature_K, k, j);
          const LawMixture mix(now == at_peak ? 1.0 : problem.returning_share);  // nothing has come back yet
          for (std::size_t c = 0; c < nc; ++c)
            positions[t * nc + c] = FineTable::position(mix(now[c], at_peak[c]));
        }
        if (region.shares) share_log_likelihood(*region.shares, solvus, axes_.log_c, k, j, from_spectra);
        for (std::size_t i = 0; i < nx; ++i) {
          const double shift = FineTable::steps(problem.options.calibration_log_sd * axes_.x[i]);
          for (std::size_t c = 0; c < nc; ++c) sums[c] = from_spectra[c] - offset;
          for (std::size_t t = 0; t < fine.size(); ++t)
            for (std::size_t c = 0; c < nc; ++c) sums[c] += fine[t].at(positions[t * nc + c] + shift);
          float* row = &values[((k * nx + i) * nv + j) * nc];
          for (std::size_t c = 0; c < nc; ++c) row[c] = static_cast<float>(sums[c]);
        }
      }
    });
    log_likelihood_.push_back(std::move(values));
    offset_.push_back(offset);
  }
}

PosteriorGrid::OverC PosteriorGrid::over_c(std::size_t region, std::size_t dh, std::size_t x) const {
  const std::size_t nv = axes_.v.size(), nc = axes_.log_c.size();
  OverC result{-std::numeric_limits<double>::infinity(), std::vector<double>(nc, 0.0)};
  for (std::size_t j = 0; j < nv; ++j)
    for (std::size_t c = 0; c < nc; ++c)
      result.log_scale =
          std::max(result.log_scale, log_likelihood(region, dh, x, j, c) + axes_.log_weight_v[j]);
  for (std::size_t j = 0; j < nv; ++j)
    for (std::size_t c = 0; c < nc; ++c)
      result.values[c] +=
          std::exp(log_likelihood(region, dh, x, j, c) + axes_.log_weight_v[j] - result.log_scale);
  return result;
}

void PosteriorGrid::reduce(int threads) {
  const std::size_t nx = axes_.x.size(), nv = axes_.v.size(), nc = axes_.log_c.size(),
                    nd = axes_.dh_eV.size(), nm = axes_.common.size();
  const double top_weight_c = *std::max_element(axes_.log_weight_c.begin(), axes_.log_weight_c.end());
  log_maximum_.assign(regions(), std::vector<double>(nd * nx));
  std::vector<double> highest(nd * nx);  // of all regions and x together
  parallel_for(nd, threads, [&](std::size_t k) {
    for (std::size_t i = 0; i < nx; ++i) {
      highest[k * nx + i] = axes_.log_weight_x[i];
      for (std::size_t r = 0; r < regions(); ++r) {
        double top = -std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < nv; ++j)
          for (std::size_t c = 0; c < nc; ++c)
            top = std::max(top, log_likelihood(r, k, i, j, c) - 0.5 * axes_.v[j] * axes_.v[j] +
                                    axes_.log_weight_c[c] - top_weight_c);
        log_maximum_[r][k * nx + i] = top;
        highest[k * nx + i] += top;
      }
    }
  });
  // Sums over c and v, and what the regions share, move the weight of a node by a few units a region; far
  // below that it is none, and is left as if each stood by itself.
  const double least =
      *std::max_element(highest.begin(), highest.end()) - 50.0 - 10.0 * static_cast<double>(regions());
  log_independent_.resize(nd * nx);
  log_joint_.resize(nd * nx);
  log_common_.assign(nd * nx * nm, 0.0);
  parallel_for(nd, threads, [&](std::size_t k) {
    for (std::size_t i = 0; i < nx; ++i) {
      const std::size_t node = k * nx + i;
      const bool counts = highest[node] >= least;
      log_independent_[node] = axes_.log_weight_x[i];
      for (std::size_t r = 0; r < regions(); ++r) {
        const OverC likelihood = over_c(r, k, i);
        double alone = 0.0;
        for (std::size_t c = 0; c < nc; ++c) alone += likelihood.values[c] * std::exp(axes_.log_weight_c[c]);
        log_independent_[node] += likelihood.log_scale + std::log(alone);
        if (!counts) continue;
        const std::vector<double> seen = seen_through(axes_.common, likelihood.values);
        for (std::size_t m = 0; m < nm; ++m)
          log_common_[node * nm + m] += likelihood.log_scale + std::log(seen[m]);
      }
      log_joint_[node] =
          counts ? axes_.log_weight_x[i] + log_sum_exp(log_weights_common(k, i)) : log_independent_[node];
    }
  });
}

std::vector<double> PosteriorGrid::log_weights_common(std::size_t dh, std::size_t x) const {
  const double* const of_common = &log_common_[(dh * axes_.x.size() + x) * axes_.common.size()];
  std::vector<double> weights;
  for (std::size_t m = 0; m < axes_.common.size(); ++m)
    weights.push_back(axes_.common[m].log_weight + of_common[m]);
  return weights;
}

std::vector<double> PosteriorGrid::log_marginal_dh() const {
  std::vector<double> marginal, terms(axes_.x.size());
  for (std::size_t k = 0; k < axes_.dh_eV.size(); ++k) {
    for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = log_joint(k, i);
    marginal.push_back(log_sum_exp(terms));
  }
  return marginal;
}

double PosteriorGrid::log_evidence() const {
  return log_sum_exp(log_independent_) - std::log(static_cast<double>(axes_.dh_eV.size()));
}

std::vector<double> PosteriorGrid::joint_weight_c(std::size_t region) const {
  constexpr double negligible = -30.0;
  const std::size_t nx = axes_.x.size(), nc = axes_.log_c.size(), nd = axes_.dh_eV.size();
  const double top = *std::max_element(log_joint_.begin(), log_joint_.end());
  std::vector<double> weights(nd * nc, 0.0);
  for (std::size_t k = 0; k < nd; ++k)
    for (std::size_t i = 0; i < nx; ++i) {
      if (log_joint(k, i) - top < negligible) continue;
      const OverC likelihood = over_c(region, k, i);
      const std::vector<double> seen = seen_through(axes_.common, likelihood.values);
      const std::vector<double> of_common = log_weights_common(k, i);
      for (std::size_t m = 0; m < of_common.size(); ++m) {
        const double of_all = of_common[m] + axes_.log_weight_x[i] - top;
        if (!(of_all > negligible)) continue;
        const double others = std::exp(of_all) / seen[m];  // and the scale of this region's values
        const CommonLoading& common = axes_.common[m];
        for (std::size_t c = 0; c < common.weights.size(); ++c)
          weights[k * nc + common.first + c] +=
              others * common.weights[c] * likelihood.values[common.first + c];
      }
    }
  return weights;
}

PosteriorGrid::RegionProfiles PosteriorGrid::region_profiles(std::size_t region) const {
  const std::size_t nx = axes_.x.size(), nv = axes_.v.size(), nc = axes_.log_c.size(),
                    nd = axes_.dh_eV.size();
  const double lowest = -std::numeric_limits<double>::infinity();
  RegionProfiles best{std::vector<double>(nc, lowest), std::vector<double>(nv, lowest)};
  for (std::size_t k = 0; k < nd; ++k)
    for (std::size_t i = 0; i < nx; ++i) {
      double others = -0.5 * axes_.x[i] * axes_.x[i];
      for (std::size_t r = 0; r < regions(); ++r)
        if (r != region) others += log_maximum(r, k, i);
      for (std::size_t j = 0; j < nv; ++j)
        for (std::size_t c = 0; c < nc; ++c) {
          const double value = others - 0.5 * axes_.v[j] * axes_.v[j] + axes_.log_weight_c[c] +
                               log_likelihood(region, k, i, j, c);
          best.over_c[c] = std::max(best.over_c[c], value);
          best.over_v[j] = std::max(best.over_v[j], value);
        }
    }
  return best;
}

GridWindow PosteriorGrid::likely_window(double drop) const {
  const double lowest = -std::numeric_limits<double>::infinity();
  std::vector<double> over_dh(axes_.dh_eV.size(), lowest), over_x(axes_.x.size(), lowest);
  for (std::size_t k = 0; k < over_dh.size(); ++k)
    for (std::size_t i = 0; i < over_x.size(); ++i) {
      double sum = -0.5 * axes_.x[i] * axes_.x[i];
      for (std::size_t r = 0; r < regions(); ++r) sum += log_maximum(r, k, i);
      over_dh[k] = std::max(over_dh[k], sum);
      over_x[i] = std::max(over_x[i], sum);
    }
  GridWindow window{};
  std::tie(window.dh_low, window.dh_high) = ends_of(axes_.dh_eV, over_dh, drop);
  std::tie(window.x_low, window.x_high) = ends_of(axes_.x, over_x, drop);
  window.log_c_low = window.v_low = std::numeric_limits<double>::infinity();
  window.log_c_high = window.v_high = -std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < regions(); ++r) {  // regions share their axes: the union
    const RegionProfiles profiles = region_profiles(r);
    const auto [c_low, c_high] = ends_of(axes_.log_c, profiles.over_c, drop);
    const auto [spread_low, spread_high] = ends_of(axes_.v, profiles.over_v, drop);
    window.log_c_low = std::min(window.log_c_low, c_low);
    window.log_c_high = std::max(window.log_c_high, c_high);
    window.v_low = std::min(window.v_low, spread_low);
    window.v_high = std::max(window.v_high, spread_high);
  }
  return window;
}

PosteriorGrid resolved_grid(const EntropyProblem& problem, PosteriorGrid whole, std::size_t detections,
                            int threads) {
  constexpr std::size_t many = 250;
  constexpr double negligible =
      20.0;  // e^-20; generous because a coarse grid may miss the top by several units
  if (detections < many) return whole;
  const PosteriorAxes& axes = whole.axes();
  const GridSize finer{static_cast<int>(axes.dh_eV.size()), static_cast<int>(axes.log_c.size()), 25, 13};
  return PosteriorGrid(problem, posterior_axes(problem, finer, whole.likely_window(negligible)), threads);
}

}  // namespace sinterscope
