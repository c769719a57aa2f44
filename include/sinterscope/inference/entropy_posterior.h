// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The joint likelihood of all holds under the entropy model, on a grid and along a profile.
//
// Parameters: dh and a common calibration kappa = s_kappa x for the whole experiment; per region the total of
// metal atoms per site c_tot (as its logarithm) and the facet spread s_c = median exp(sd v). Priors: x, v
// standard normal, dh flat in its box, ln c_tot normal about a known loading or about one that the regions
// share, which is flat in its box, with a spread of 0.1, 0.3 or 1 among them. (Were each region's flat by
// itself, the prior would count once a region: it put dh 18 meV too low for the eight regions of the sample
// pd_ceo2_10wt.)
//   ln L = sum over holds of table( ln c_NP(dh, c_tot, s_c; T) + s_kappa x )
// and, where there are photoelectron spectra, the term of inference/dispersed_share, which knows no kappa.
// Given (dh, x) and what they share the regions are independent, so each is integrated over its own (ln
// c_tot, v) and the results multiply: the cost grows with the number of (region, temperature) pairs and not
// with a power of the regions.
//
// Rival laws share the machinery: with `returning_share` r the inventory is r c_NP(T) + (1-r) c_NP(T_peak),
// T_peak the highest temperature so far; r = 1 is the reversible entropy model, r = 0 a redispersion that
// never comes back.
//
// The likelihood is neither Gaussian nor always bounded on both sides and may have two modes; covariances of
// it are not used. The profile is maximised with Ceres (BFGS line search on automatic derivatives of the very
// formulas of theory) from several starts per dh: the best grid node and the solutions of both neighbours.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/inference/dispersed_share.h"
#include "sinterscope/inference/fit_options.h"
#include "sinterscope/inference/observations.h"

namespace sinterscope {

/// All holds of a region at one temperature (and one peak temperature), their tables summed.
struct SolvusTable {
  double temperature_K = 0.0;
  double peak_temperature_K = 0.0;
  std::vector<double> log_likelihood;  ///< on the axis of log_c_at
};

struct SolvusRegion {
  std::string region;
  std::vector<SolvusTable> tables;
  std::optional<ShareTerm> shares = {};  ///< of spectra of this region; reversible law only
};

/// Sums the tables of holds of one region within 0.5 K; by peak temperature too where that matters.
std::vector<SolvusRegion> solvus_regions(const std::vector<RegionObservations>& observations,
                                         bool by_peak = false);

/// What the posterior is made of: data and priors.
struct EntropyProblem {
  std::vector<SolvusRegion> regions;
  FitOptions options;
  std::optional<double> loading_per_site;  ///< centre of the prior of ln c_tot; empty = flat in its box
  double returning_share = 1.0;
};

/// Regions of one sample are loaded alike, nobody knows how nearly: spreads of ln c_tot among them, equally
/// likely.
inline constexpr std::array<double, 3> region_loading_log_sd{0.1, 0.3, 1.0};

/// What the regions may have in common, and what it makes of the ln c_tot of each.
struct CommonLoading {
  double log_weight = 0.0;      ///< prior
  std::size_t first = 0;        ///< node of log_c to which the first weight belongs; none elsewhere
  std::vector<double> weights;  ///< sum to 1
};

/// Nodes of the grid and the logarithms of the prior weights that belong to them. log_weight_c: of one region
/// by itself.
struct PosteriorAxes {
  std::vector<double> dh_eV, log_c, x, v;
  std::vector<double> log_weight_c, log_weight_x, log_weight_v;
  std::vector<CommonLoading> common;
};

/// Nodes per axis.
struct GridSize {
  int dh = 161, c = 122, x = 13, v = 7;
};

/// Where on each axis the likelihood lives.
struct GridWindow {
  double dh_low, dh_high, log_c_low, log_c_high, x_low, x_high, v_low, v_high;
};

/// The whole box of the problem, three prior s.d. of the calibration, and facets from near equal to very
/// unequal.
GridWindow whole_window(const EntropyProblem& problem);

PosteriorAxes posterior_axes(const EntropyProblem& problem, const GridSize& size, const GridWindow& window);

/// ln c_NP over (dh, v, ln c) for each temperature of a problem: the costly part, shared by regions and by
/// rival laws.
class SolvusGrid {
 public:
  SolvusGrid(const EntropyProblem& problem, const PosteriorAxes& axes, int threads);
  /// The row over ln c at (dh, v) of a temperature of the problem.
  const double* row(double temperature_K, std::size_t dh, std::size_t v) const;

 private:
  std::size_t v_count_, c_count_;
  std::map<double, std::vector<double>> values_;
};

class PosteriorGrid {
 public:
  PosteriorGrid(const EntropyProblem& problem, const PosteriorAxes& axes, int threads);
  /// With a solvus computed before, for the same axes.
  PosteriorGrid(const EntropyProblem& problem, const PosteriorAxes& axes, const SolvusGrid& solvus,
                int threads);

  const PosteriorAxes& axes() const { return axes_; }
  std::size_t regions() const { return log_likelihood_.size(); }
  /// ln L of one region at a node, without priors.
  double log_likelihood(std::size_t region, std::size_t dh, std::size_t x, std::size_t v,
                        std::size_t c) const {
    return log_likelihood_[region]
                          [((dh * axes_.x.size() + x) * axes_.v.size() + v) * axes_.log_c.size() + c] +
           offset_[region];
  }
  /// Largest ln(likelihood x prior density of v and loading) of the region over (ln c_tot, v); no box volume.
  double log_maximum(std::size_t region, std::size_t dh, std::size_t x) const {
    return log_maximum_[region][dh * axes_.x.size() + x];
  }
  /// ln of the joint weight of (dh, x): all regions and the prior of x.
  double log_joint(std::size_t dh, std::size_t x) const { return log_joint_[dh * axes_.x.size() + x]; }
  /// ln of the joint weight of (dh, x) and each of axes().common, the prior of x left out.
  std::vector<double> log_weights_common(std::size_t dh, std::size_t x) const;
  /// ln of the marginal posterior of dh at its nodes, not normalised.
  std::vector<double> log_marginal_dh() const;
  /// ln of the evidence: dh flat in its box, ln c_tot of each region by itself, as the rival models have it.
  double log_evidence() const;
  /// Joint weights of (dh, ln c_tot) of one region given all data, row-major, largest 1.
  std::vector<double> joint_weight_c(std::size_t region) const;
  /// Largest ln posterior over everything but the region's ln c_tot, or but its v.
  struct RegionProfiles {
    std::vector<double> over_c, over_v;
  };
  RegionProfiles region_profiles(std::size_t region) const;
  /// The part of the axes outside of which ln posterior is lower than its maximum by more than `drop`
  /// everywhere, with two nodes to spare.
  GridWindow likely_window(double drop) const;

 private:
  /// A region's likelihood over ln c_tot at (dh, x), v integrated out: exp(log_scale) times values.
  struct OverC {
    double log_scale = 0.0;
    std::vector<double> values;
  };
  OverC over_c(std::size_t region, std::size_t dh, std::size_t x) const;
  void fill(const EntropyProblem& problem, const SolvusGrid& solvus, int threads);
  void reduce(int threads);
  PosteriorAxes axes_;
  std::vector<std::vector<float>> log_likelihood_;  ///< less the offset of the region
  std::vector<double> offset_;
  std::vector<std::vector<double>> log_maximum_;
  std::vector<double> log_independent_;  ///< joint weight of (dh, x) if each region stood by itself
  std::vector<double> log_joint_;
  std::vector<double> log_common_;  ///< over (dh, x) and axes().common: of all regions, priors left out
};

/// The posterior on a grid that resolves it: the whole box first, then, where the data are many, again with
/// twice the nodes in x and v over the window in which the likelihood lives. On the first grid alone,
/// thousands of particles give a likelihood narrower than its steps: quantiles of dh were off by 20 meV.
/// `detections`: all particles of the experiment.
PosteriorGrid resolved_grid(const EntropyProblem& problem, PosteriorGrid whole, std::size_t detections,
                            int threads);

/// A point of the parameter space and ln(likelihood x prior density of x, v, loading) there.
struct PosteriorPoint {
  double dh_eV = 0.0;
  double x = 0.0;
  std::vector<double> log_c, v;  ///< per region
  double log_posterior = 0.0;
};

/// The maximum over everything but dh, at every dh node of the grid.
std::vector<PosteriorPoint> profile(const EntropyProblem& problem, const PosteriorGrid& grid);

/// The maximum over everything, from the best points of the profile.
PosteriorPoint maximum(const EntropyProblem& problem, const std::vector<PosteriorPoint>& profile_points);

/// The best node of the grid, polished with dh free: cheaper than a profile, for the comparison of models.
PosteriorPoint maximum(const EntropyProblem& problem, const PosteriorGrid& grid);

/// ln likelihood at a point, priors left out.
double log_likelihood(const EntropyProblem& problem, const PosteriorPoint& point);

}  // namespace sinterscope
