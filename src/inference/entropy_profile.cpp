// SPDX-License-Identifier: GPL-3.0-or-later
#include <ceres/cubic_interpolation.h>
#include <ceres/first_order_function.h>
#include <ceres/gradient_problem.h>
#include <ceres/gradient_problem_solver.h>
#include <ceres/jet.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "solvus_law.h"

namespace sinterscope {
namespace {

using Table = ceres::CubicInterpolator<ceres::Grid1D<double>>;

constexpr double c_wall = 1e3;   // per squared unit of ln c outside the box
constexpr double dh_wall = 1e6;  // per eV^2 outside the box

/// The square of how far a value lies outside [low, high].
template <typename Scalar>
Scalar outside(const Scalar& value, double low, double high) {
  if (value < Scalar(low)) return (value - low) * (value - low);
  if (value > Scalar(high)) return (value - high) * (value - high);
  return Scalar(0.0);
}

/// Tables of the problem behind Ceres interpolators; the problem must outlive it.
class InterpolatedTables {
 public:
  explicit InterpolatedTables(const EntropyProblem& problem) {
    for (const SolvusRegion& region : problem.regions) {
      std::vector<std::unique_ptr<Table>> row;
      for (const SolvusTable& table : region.tables) {
        grids_.push_back(
            std::make_unique<ceres::Grid1D<double>>(table.log_likelihood.data(), 0, log_c_points));
        row.push_back(std::make_unique<Table>(*grids_.back()));
      }
      tables_.push_back(std::move(row));
    }
  }
  template <typename Scalar>
  Scalar value(std::size_t region, std::size_t table, const Scalar& log_c) const {
    Scalar u = (log_c - log_c_at(0)) / log_c_step();
    if (u < Scalar(0.0)) u = Scalar(0.0);  // constant beyond the ends, so the derivative is zero there
    if (u > Scalar(log_c_points - 1.0)) u = Scalar(log_c_points - 1.0);
    Scalar result;
    tables_[region][table]->Evaluate(u, &result);
    return result;
  }

 private:
  std::vector<std::unique_ptr<ceres::Grid1D<double>>> grids_;
  std::vector<std::vector<std::unique_ptr<Table>>> tables_;
};

/// Minus ln(likelihood) of one region less the priors of its v and ln c_tot.
template <typename Scalar>
Scalar region_cost(const EntropyProblem& problem, const InterpolatedTables& tables, std::size_t region,
                   const Scalar& dh, const Scalar& x, const Scalar& log_c, const Scalar& v,
                   bool with_priors) {
  using std::exp;
  const FitOptions& options = problem.options;
  Scalar cost(0.0);
  if (with_priors) {
    cost += 0.5 * v * v;
    // A flat prior's lower end is no knowledge: without a loading, c_tot may fall until no particle is left
    // to see, or an experiment without particles would "exclude" strong binding by the edge of its box.
    const double lowest = problem.loading_per_site ? std::log(options.c_ad_min) : log_c_at(0);
    cost += c_wall * outside(log_c, lowest, std::log(options.c_ad_max));
    if (problem.loading_per_site) {
      const Scalar z = (log_c - std::log(*problem.loading_per_site)) / options.loading_log_sd;
      cost += 0.5 * z * z;
    }
  }
  const Scalar spread = exp(std::log(options.facet_spread) + options.facet_spread_log_sd * v);
  const SolvusRegion& data = problem.regions[region];
  for (std::size_t t = 0; t < data.tables.size(); ++t) {
    const Scalar log_c_np = log_inventory(problem, data.tables[t], dh, log_c, spread);
    cost -= tables.value(region, t, Scalar(log_c_np + options.calibration_log_sd * x));
  }
  if (data.shares) cost += 0.5 * share_deviance(problem, *data.shares, dh, log_c, spread);
  return cost;
}

/// Parameters: x, then (ln c_tot, v) of each region, then dh unless it is held.
class NegativeLogPosterior final : public ceres::FirstOrderFunction {
 public:
  NegativeLogPosterior(const EntropyProblem& problem, const InterpolatedTables& tables,
                       std::optional<double> held_dh)
      : problem_(problem), tables_(tables), held_dh_(held_dh) {}

  int NumParameters() const override {
    return 1 + 2 * static_cast<int>(problem_.regions.size()) + (held_dh_ ? 0 : 1);
  }

  bool Evaluate(const double* parameters, double* cost, double* gradient) const override {
    using Jet = ceres::Jet<double, 4>;  // dh, x, ln c_tot, v: a region sees no others
    const int last = NumParameters() - 1;
    const double dh = held_dh_ ? *held_dh_ : parameters[last];
    const double x = parameters[0];
    *cost = 0.5 * x * x + dh_wall * outside(dh, problem_.options.dh_min_eV, 0.0);
    if (gradient != nullptr) {
      std::fill(gradient, gradient + last + 1, 0.0);
      gradient[0] = x;
      if (!held_dh_) gradient[last] = 2.0 * dh_wall * (dh - std::clamp(dh, problem_.options.dh_min_eV, 0.0));
    }
    for (std::size_t r = 0; r < problem_.regions.size(); ++r) {
      const double* own = parameters + 1 + 2 * r;
      if (gradient == nullptr) {
        *cost += region_cost(problem_, tables_, r, dh, x, own[0], own[1], true);
        continue;
      }
      const Jet part =
          region_cost(problem_, tables_, r, Jet(dh, 0), Jet(x, 1), Jet(own[0], 2), Jet(own[1], 3), true);
      *cost += part.a;
      gradient[0] += part.v[1];
      gradient[1 + 2 * r] = part.v[2];
      gradient[2 + 2 * r] = part.v[3];
      if (!held_dh_) gradient[last] += part.v[0];
    }
    return std::isfinite(*cost);
  }

 private:
  const EntropyProblem& problem_;
  const InterpolatedTables& tables_;
  std::optional<double> held_dh_;
};

PosteriorPoint polish(const EntropyProblem& problem, const InterpolatedTables& tables,
                      const PosteriorPoint& start, bool free_dh) {
  std::vector<double> parameters{start.x};
  for (std::size_t r = 0; r < start.log_c.size(); ++r) {
    parameters.push_back(start.log_c[r]);
    parameters.push_back(start.v[r]);
  }
  if (free_dh) parameters.push_back(start.dh_eV);
  const ceres::GradientProblem minimisation(
      new NegativeLogPosterior(problem, tables, free_dh ? std::nullopt : std::optional(start.dh_eV)));
  ceres::GradientProblemSolver::Options settings;
  settings.line_search_direction_type = ceres::BFGS;
  settings.max_num_iterations = 100;
  settings.function_tolerance = 1e-10;
  settings.gradient_tolerance = 1e-7;
  settings.logging_type = ceres::SILENT;
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(settings, minimisation, parameters.data(), &summary);
  PosteriorPoint end = start;
  // A line search that cannot go on leaves its best point; a start that was better stays.
  if (!summary.IsSolutionUsable() && !(-summary.final_cost > start.log_posterior)) return start;
  end.log_posterior = -summary.final_cost;
  end.x = parameters[0];
  for (std::size_t r = 0; r < start.log_c.size(); ++r) {
    end.log_c[r] = parameters[1 + 2 * r];
    end.v[r] = parameters[2 + 2 * r];
  }
  if (free_dh) end.dh_eV = parameters.back();
  return end;
}

/// The best node of the grid at one dh.
PosteriorPoint best_node(const PosteriorGrid& grid, std::size_t dh) {
  const PosteriorAxes& axes = grid.axes();
  PosteriorPoint best;
  best.dh_eV = axes.dh_eV[dh];
  best.log_posterior = -std::numeric_limits<double>::infinity();
  std::size_t best_x = 0;
  for (std::size_t i = 0; i < axes.x.size(); ++i) {
    double sum = -0.5 * axes.x[i] * axes.x[i];
    for (std::size_t r = 0; r < grid.regions(); ++r) sum += grid.log_maximum(r, dh, i);
    if (sum > best.log_posterior) {
      best.log_posterior = sum;
      best_x = i;
    }
  }
  best.x = axes.x[best_x];
  for (std::size_t r = 0; r < grid.regions(); ++r) {
    double top = -std::numeric_limits<double>::infinity();
    std::size_t best_c = 0, best_v = 0;
    for (std::size_t j = 0; j < axes.v.size(); ++j)
      for (std::size_t c = 0; c < axes.log_c.size(); ++c) {
        const double value =
            grid.log_likelihood(r, dh, best_x, j, c) - 0.5 * axes.v[j] * axes.v[j] + axes.log_weight_c[c];
        if (value <= top) continue;
        top = value;
        best_c = c;
        best_v = j;
      }
    best.log_c.push_back(axes.log_c[best_c]);
    best.v.push_back(axes.v[best_v]);
  }
  return best;
}

void keep_better(PosteriorPoint& best, const PosteriorPoint& other) {
  if (other.log_posterior > best.log_posterior) best = other;
}

}  // namespace

std::vector<PosteriorPoint> profile(const EntropyProblem& problem, const PosteriorGrid& grid) {
  const InterpolatedTables tables(problem);
  const std::size_t n = grid.axes().dh_eV.size();
  std::vector<PosteriorPoint> points;
  for (std::size_t k = 0; k < n; ++k) points.push_back(polish(problem, tables, best_node(grid, k), false));
  const auto from_neighbour = [&](std::size_t k, std::size_t neighbour) {
    PosteriorPoint start = points[neighbour];
    start.dh_eV = points[k].dh_eV;
    start.log_posterior = -std::numeric_limits<double>::infinity();
    keep_better(points[k], polish(problem, tables, start, false));
  };
  for (std::size_t k = 1; k < n; ++k) from_neighbour(k, k - 1);
  for (std::size_t k = n - 1; k-- > 0;) from_neighbour(k, k + 1);
  return points;
}

PosteriorPoint maximum(const EntropyProblem& problem, const std::vector<PosteriorPoint>& profile_points) {
  const InterpolatedTables tables(problem);
  PosteriorPoint best = *std::max_element(
      profile_points.begin(), profile_points.end(),
      [](const PosteriorPoint& a, const PosteriorPoint& b) { return a.log_posterior < b.log_posterior; });
  keep_better(best, polish(problem, tables, best, true));
  best.dh_eV = std::clamp(best.dh_eV, problem.options.dh_min_eV, 0.0);
  return best;
}

PosteriorPoint maximum(const EntropyProblem& problem, const PosteriorGrid& grid) {
  const InterpolatedTables tables(problem);
  std::vector<PosteriorPoint> nodes;
  for (std::size_t k = 0; k < grid.axes().dh_eV.size(); ++k) nodes.push_back(best_node(grid, k));
  return maximum(problem, nodes);
}

double log_likelihood(const EntropyProblem& problem, const PosteriorPoint& point) {
  const InterpolatedTables tables(problem);
  double sum = 0.0;
  for (std::size_t r = 0; r < problem.regions.size(); ++r)
    sum -= region_cost(problem, tables, r, point.dh_eV, point.x, point.log_c[r], point.v[r], false);
  return sum;
}

}  // namespace sinterscope
