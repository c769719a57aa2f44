// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/hold_likelihood.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "sinterscope/core/units.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

constexpr int mu_nodes = 33;
constexpr int spread_nodes = 17;
constexpr double smallest_spread = 0.05;
constexpr double largest_spread = 0.7;
// A density below e^-80 says "impossible" whatever the rest: the floor keeps products of a few of them
// representable and lets one absurd detection not outvote all others.
constexpr double density_floor = 1e-35;
constexpr int factors_per_rescaling = 8;

struct SizeNode {
  double mu, spread, log_prior;
};

const NormalQuadrature& fine_rule() {
  static const NormalQuadrature rule = normal_quadrature(24);
  return rule;
}
const NormalQuadrature& coarse_rule() {
  static const NormalQuadrature rule = normal_quadrature(9);
  return rule;
}

/// Enough where the true size is known to a tenth: the detection curve is nearly straight over that.
constexpr double narrow_sd = 0.1;
const NormalQuadrature& narrow_rule() {
  static const NormalQuadrature rule = normal_quadrature(5);
  return rule;
}

double log_normal_density(double x, double mean, double sd) {
  const double z = (x - mean) / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * std::log(2.0 * pi);
}

/// The detection probability over ln d as a table, for linear look-up: it is asked for a hundred thousand
/// times a hold. Four thousand steps over where it varies: wrong by less than 1e-5 for a width of a tenth of
/// d50, 1e-4 at worst.
class DetectionCurve {
 public:
  explicit DetectionCurve(const DetectionLimit& limit) : limit_(limit), values_(steps + 2) {
    constexpr double reach = 40.0;  // widths: beyond, the curve is at its end
    constexpr double smallest_nm = 1e-3;
    low_ = std::log(std::max(limit.d50_nm - reach * limit.width_nm, smallest_nm));
    step_ = (std::log(std::max(limit.d50_nm, 0.0) + reach * limit.width_nm + smallest_nm) - low_) / steps;
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = limit.probability(std::exp(low_ + step_ * static_cast<double>(i)));
  }
  const DetectionLimit& limit() const { return limit_; }
  double operator()(double log_d) const {
    const double u = std::min(std::max((log_d - low_) / step_, 0.0), static_cast<double>(steps));
    const int i = static_cast<int>(u);
    const double* node = values_.data() + i;
    return node[0] + (u - i) * (node[1] - node[0]);
  }

 private:
  static constexpr int steps = 4096;
  DetectionLimit limit_;
  std::vector<double> values_;
  double low_, step_;
};

/// Mean of p(Y) for normal Y, p the detection probability over ln d.
template <typename Curve>
double mean_detection(const Curve& p, double mean, double sd, const NormalQuadrature& rule) {
  double sum = 0.0;
  for (std::size_t k = 0; k < rule.node.size(); ++k) sum += rule.weight[k] * p(mean + sd * rule.node[k]);
  return sum;
}

double mean_atoms(const Sample& sample, double mu, double spread) {
  return sample.atoms_per_nm3() * std::exp(3.0 * mu + 4.5 * spread * spread);
}

/// ln d and its standard error for every particle of the hold.
struct Sizes {
  std::vector<double> log_d, error;
};

Sizes sizes_of(const HoldInventory& hold) {
  Sizes sizes;
  for (const SizedParticle& particle : hold.particles) {
    sizes.log_d.push_back(std::log(particle.diameter_nm));
    sizes.error.push_back(particle.diameter_se_nm / particle.diameter_nm);
  }
  return sizes;
}

/// G_i: density of the i-th measured ln d among all particles of a size law, detection included.
double detected_size_density(const Sizes& sizes, std::size_t i, const DetectionCurve& curve,
                             const SizeNode& node) {
  const double y = sizes.log_d[i];
  const double spread2 = node.spread * node.spread;
  const double error2 = sizes.error[i] * sizes.error[i];
  const double total2 = spread2 + error2;
  const double true_mean = (node.mu * error2 + y * spread2) / total2;
  const double true_sd = std::sqrt(spread2 * error2 / total2);
  const double found =
      mean_detection(curve, true_mean, true_sd, true_sd < narrow_sd ? narrow_rule() : coarse_rule());
  return found * std::exp(log_normal_density(y, node.mu, std::sqrt(total2)));
}

/// A closed region: the total is known, the sizes are marks.
std::vector<double> closed_row(const HoldInventory& hold, const Sample& sample, const Sizes& sizes,
                               const DetectionCurve& curve, const SizeNode& node) {
  const QuickInventory quick = quick_inventory(hold, sample);
  const double found = mean_detection(curve, node.mu, node.spread, fine_rule());
  double marks = 0.0;
  for (std::size_t i = 0; i < sizes.log_d.size(); ++i)
    marks += std::log(std::max(detected_size_density(sizes, i, curve, node) / found, density_floor));
  std::vector<double> row;
  for (int k = 0; k < log_c_points; ++k)
    row.push_back(marks + log_normal_density(quick.c_np, std::exp(log_c_at(k)), quick.conserved_se));
  return row;
}

/// The common axis as concentrations, padded to whole vector registers: the innermost loop of every table
/// runs over it.
constexpr std::size_t padded_points = 160;
static_assert(padded_points >= log_c_points);
using ConcentrationAxis = std::array<double, padded_points>;

const ConcentrationAxis& concentrations() {
  static const ConcentrationAxis axis = [] {
    ConcentrationAxis c{};
    for (std::size_t k = 0; k < c.size(); ++k) c[k] = std::exp(log_c_at(static_cast<int>(k)));
    return c;
  }();
  return axis;
}

/// Moves the power of two of each factor (positive, normal) into the exponents: a product of any length stays
/// representable, and one logarithm at its end is enough.
void take_exponents(ConcentrationAxis& product, std::array<std::int64_t, padded_points>& exponent) {
  constexpr int mantissa_bits = 52;
  constexpr std::uint64_t mantissa = (std::uint64_t{1} << mantissa_bits) - 1,
                          one = std::uint64_t{1023} << mantissa_bits;
  for (std::size_t k = 0; k < padded_points; ++k) {
    const auto bits = std::bit_cast<std::uint64_t>(product[k]);
    exponent[k] += static_cast<std::int64_t>(bits >> mantissa_bits) - 1023;
    product[k] = std::bit_cast<double>((bits & mantissa) | one);
  }
}

/// ln L over the common axis for one size law: one row of the table before the nuisances are integrated out.
std::vector<double> likelihood_row(const HoldInventory& hold, const Sample& sample, const Sizes& sizes,
                                   const DetectionCurve& curve, const SizeNode& node) {
  const DetectionLimit& limit = curve.limit();
  const double particles_per_c =
      sample.site_density_nm2 / mean_atoms(sample, node.mu, node.spread);  // per nm^2
  const double found_per_c = particles_per_c * mean_detection(curve, node.mu, node.spread, fine_rule());
  const ConcentrationAxis& c = concentrations();
  ConcentrationAxis product;
  product.fill(1.0);
  std::array<std::int64_t, padded_points> exponent{};  // of two, taken out of the product
  for (std::size_t i = 0; i < sizes.log_d.size(); ++i) {
    const double y = sizes.log_d[i];
    const double real = particles_per_c * detected_size_density(sizes, i, curve, node);
    const double spurious_sd = std::hypot(limit.false_diameter_log_sd, sizes.error[i]);
    const double spurious = limit.false_density_nm2 *
                            std::exp(log_normal_density(y, std::log(limit.false_diameter_nm), spurious_sd));
    for (std::size_t k = 0; k < padded_points; ++k) {
      const double density = c[k] * real + spurious;
      product[k] *= density > density_floor ? density : density_floor;
    }
    if ((i + 1) % factors_per_rescaling == 0) take_exponents(product, exponent);
  }
  std::vector<double> row(log_c_points);
  for (std::size_t k = 0; k < row.size(); ++k)
    row[k] = std::log(product[k]) + std::log(2.0) * static_cast<double>(exponent[k]) -
             hold.support_area_nm2 * (c[k] * found_per_c + limit.false_density_nm2);
  return row;
}

/// The detection curve at three values of its uncertain d50, with the weights of the normal law.
using DetectionCurves = std::vector<std::pair<DetectionCurve, double>>;

DetectionCurves uncertain_curves(const DetectionLimit& limit) {
  DetectionCurves curves;
  if (!(limit.d50_se_nm > 0.0)) {
    curves.emplace_back(limit, 1.0);
    return curves;
  }
  const NormalQuadrature rule = normal_quadrature(3);
  for (std::size_t k = 0; k < rule.node.size(); ++k) {
    DetectionLimit shifted = limit;
    shifted.d50_nm += limit.d50_se_nm * rule.node[k];
    curves.emplace_back(shifted, rule.weight[k]);
  }
  return curves;
}

/// ln of the sum over size laws (with their priors) and over the uncertain d50 of exp(row).
std::vector<double> integrate(const HoldInventory& hold, const Sample& sample, const DetectionCurves& curves,
                              const std::vector<SizeNode>& nodes, bool closed_region) {
  const Sizes sizes = sizes_of(hold);
  constexpr double negligible = 45.0;  // e^-45 of the largest: thousands of such terms change no digit
  const auto row_of = closed_region && !hold.particles.empty() ? closed_row : likelihood_row;
  // Running sums of exp(value - top): one exponential a term, and a rescaling where a larger one comes.
  std::vector<double> top(log_c_points, -std::numeric_limits<double>::infinity());
  std::vector<double> sum(log_c_points, 0.0);
  for (const auto& [curve, weight] : curves) {
    for (const SizeNode& node : nodes) {
      const std::vector<double> row = row_of(hold, sample, sizes, curve, node);
      const double prior = node.log_prior + std::log(weight);
      for (std::size_t k = 0; k < sum.size(); ++k) {
        const double value = row[k] + prior;
        if (value > top[k]) {
          sum[k] = sum[k] * std::exp(top[k] - value) + 1.0;
          top[k] = value;
        } else if (value > top[k] - negligible) {
          sum[k] += std::exp(value - top[k]);
        }
      }
    }
  }
  for (std::size_t k = 0; k < sum.size(); ++k) top[k] += std::log(sum[k]);
  return top;
}

/// The spread's nodes, evenly spaced in its logarithm.
std::vector<SizeNode> spread_laws(const SizePrior& prior, double mu, double log_prior_mu) {
  const double low = std::log(smallest_spread);
  const double step = (std::log(largest_spread) - low) / (spread_nodes - 1);
  std::vector<SizeNode> nodes;
  for (int j = 0; j < spread_nodes; ++j) {
    const double log_spread = low + step * j;
    const double log_prior =
        log_normal_density(log_spread, std::log(prior.spread_median), prior.spread_log_sd) + std::log(step);
    nodes.push_back({mu, std::exp(log_spread), log_prior_mu + log_prior});
  }
  return nodes;
}

/// Where the median size can be: the prior's range, narrowed around what was detected.
std::pair<double, double> mu_range(const std::vector<double>& log_d, const SizePrior& prior) {
  constexpr double prior_sds = 3.5;
  const double low = prior.mean_log_nm - prior_sds * prior.log_sd;
  const double high = prior.mean_log_nm + prior_sds * prior.log_sd;
  const std::size_t n = log_d.size();
  if (n < 3) return {low, high};
  std::vector<double> sorted = log_d;
  std::sort(sorted.begin(), sorted.end());
  const double median = 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(n);
  double squares = 0.0;
  for (const double value : sorted) squares += (value - mean) * (value - mean);
  const double sd = std::sqrt(squares / static_cast<double>(n - 1));
  // Seven standard errors; more room below, where undetected small particles pull the true median down.
  const double reach = std::max(7.0 * std::max(sd, 0.12) / std::sqrt(static_cast<double>(n)), 0.05);
  const double data_low = median - reach - 0.5 * std::max(sd, 0.1);
  const double data_high = median + reach;
  return {std::max(low, std::min(data_low, high - 0.2)), std::min(high, std::max(data_high, low + 0.2))};
}

/// Table of a hold known by c and its error only: a count n = c^2/se^2 of events, each worth se^2/c.
std::vector<double> summary_table(const HoldInventory& hold, const Sample& sample) {
  std::vector<double> row(log_c_points);
  const QuickInventory quick = quick_inventory(hold, sample);
  for (int k = 0; k < log_c_points; ++k) {
    const double c = std::exp(log_c_at(k));
    if (quick.c_np > 0.0) {
      const double events_per_c = quick.c_np / (quick.c_np_se * quick.c_np_se);
      const double residual =
          2.0 * (std::sqrt(quick.c_np * events_per_c + 0.375) - std::sqrt(c * events_per_c + 0.375));
      row[static_cast<std::size_t>(k)] = -0.5 * residual * residual;
    } else {
      constexpr double drop_at_limit = 2.996;  // a Poisson mean of ln 20 leaves 5 % to the empty hold
      row[static_cast<std::size_t>(k)] = -drop_at_limit * c / hold.c_np_upper95.value_or(1.0);
    }
  }
  return row;
}

}  // namespace

bool is_summary(const HoldInventory& hold) {
  if (!hold.particles.empty()) return false;
  if (hold.c_np.value_or(0.0) > 0.0) return true;
  if (hold.c_np_upper95 && !(hold.limit.d50_nm > 0.0)) return true;  // no detection curve to do better with
  return hold.number_density_nm2.value_or(0.0) > 0.0 && hold.diameter_mean_nm.has_value();
}

std::vector<double> hold_table(const HoldInventory& hold, const Sample& sample, const SizePrior& prior,
                               bool closed_region) {
  if (is_summary(hold)) return summary_table(hold, sample);
  const auto [low, high] = mu_range(sizes_of(hold).log_d, prior);
  const double step = (high - low) / (mu_nodes - 1);
  std::vector<SizeNode> nodes;
  for (int i = 0; i < mu_nodes; ++i) {
    const double mu = low + step * i;
    const std::vector<SizeNode> laws =
        spread_laws(prior, mu, log_normal_density(mu, prior.mean_log_nm, prior.log_sd) + std::log(step));
    nodes.insert(nodes.end(), laws.begin(), laws.end());
  }
  return integrate(hold, sample, uncertain_curves(hold.limit), nodes, closed_region);
}

std::vector<double> hold_size_table(const HoldInventory& hold, const Sample& sample, const SizePrior& prior,
                                    std::span<const double> mu, bool closed_region) {
  std::vector<double> table;
  const std::vector<double> summary = is_summary(hold) ? summary_table(hold, sample) : std::vector<double>();
  const DetectionCurves curves = uncertain_curves(hold.limit);
  for (const double value : mu) {
    const std::vector<double> row =
        summary.empty() ? integrate(hold, sample, curves, spread_laws(prior, value, 0.0), closed_region)
                        : summary;
    table.insert(table.end(), row.begin(), row.end());
  }
  return table;
}

double detections_per_concentration(const HoldInventory& hold, const Sample& sample, double mu,
                                    double spread) {
  return hold.support_area_nm2 * sample.site_density_nm2 / mean_atoms(sample, mu, spread) *
         mean_detection([&](double log_d) { return hold.limit.probability(std::exp(log_d)); }, mu, spread,
                        fine_rule());
}

QuickInventory quick_inventory(const HoldInventory& hold, const Sample& sample) {
  QuickInventory quick;
  const double sites = hold.support_area_nm2 * sample.site_density_nm2;
  if (is_summary(hold)) {
    const double spread = hold.diameter_sd_nm.value_or(0.0) / hold.diameter_mean_nm.value_or(1.0);
    const double d = hold.diameter_mean_nm.value_or(0.0);
    const double atoms = sample.atoms(d) * (1.0 + 3.0 * spread * spread);  // mean of d^3 about a mean d
    quick.c_np =
        hold.c_np ? *hold.c_np : hold.number_density_nm2.value_or(0.0) * atoms / sample.site_density_nm2;
    if (!(quick.c_np > 0.0)) return quick;
    const double events = hold.number_density_nm2.value_or(0.0) * hold.support_area_nm2;
    const double counted_se = quick.c_np * std::sqrt((1.0 + 9.0 * spread * spread) / std::max(events, 1.0));
    quick.c_np_se = hold.c_np_se && *hold.c_np_se > 0.0 ? *hold.c_np_se : counted_se;
    quick.atoms_per_event = quick.c_np_se * quick.c_np_se / quick.c_np * sites;
    return quick;
  }
  constexpr double smallest_share = 0.1;  // bounds the weight of a particle near the detection limit
  constexpr double hold_to_hold = 0.05;   // focus and contrast differ between holds
  double sum = 0.0;
  double squares = 0.0;
  double sizing = 0.0, missed = 0.0;
  for (const SizedParticle& particle : hold.particles) {
    const double d = particle.diameter_nm;
    const double se = particle.diameter_se_nm;
    const double cube =
        std::max(d * d * d - 3.0 * d * se * se, smallest_share * d * d * d);  // E[d^3] = d^3 + 3 d se^2
    const double found = std::max(hold.limit.probability(d), smallest_share);
    const double atoms = sample.atoms_per_nm3() * cube / found;
    sum += atoms;
    squares += atoms * atoms;
    const double d2 = d * d, se2 = se * se;
    const double cube_variance = 9.0 * d2 * d2 * se2 + 18.0 * d2 * se2 * se2 + 6.0 * se2 * se2 * se2;
    sizing += std::pow(sample.atoms_per_nm3() / found, 2) * cube_variance;
    missed += (1.0 - found) * atoms * atoms;
  }
  if (hold.particles.empty()) return quick;
  const double spurious =
      hold.limit.false_density_nm2 / sample.site_density_nm2 *
      mean_atoms(sample, std::log(hold.limit.false_diameter_nm), hold.limit.false_diameter_log_sd);
  quick.c_np = std::max(0.0, sum / sites - spurious);
  quick.c_np_se = std::sqrt(squares) / sites;
  const double one_hidden =
      0.5 * sample.atoms(std::max(hold.limit.d50_nm, 0.0));  // or one too many, near the limit
  quick.conserved_se =
      std::sqrt(sizing + missed + one_hidden * one_hidden + std::pow(hold_to_hold * sum, 2)) / sites;
  quick.atoms_per_event = squares / sum;
  return quick;
}

}  // namespace sinterscope
