// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Entropy-driven redispersion: when do metal atoms prefer to be dispersed over the support sites?
//
// Model (Zhu et al., Eqs. 1, 2 and 4): N atoms sit either in one particle or as ad-atom complexes on M equal
// sites. An atom in the particle has the enthalpy dh relative to an ad-atom (dh < 0 = bound) and the
// configurational entropy sigma k_B (1 for a liquid-like cluster with e^N minima); the dispersed state has
// k_B ln(M choose N):
//   DeltaG(N) = N dh - kT (ln M + sigma N) + kT ln(M choose N),   DeltaG > 0: dispersed is the more stable
//   state.
// exp(DeltaG/kT) is, up to a constant, the binomial probability of N in M trials with success probability
//   c*(dh, T) = 1 / (1 + exp(sigma - dh/kT)),
// so c* is both the maximum of DeltaG and the ad-atom concentration that coexists with a particle: of a total
// c_tot per site, min(c_tot, c*) is dispersed and the rest stays in particles. What breaks it: interaction
// between ad-atoms (c above about 0.05), sites that differ, a particle whose dh depends on its size
// (Gibbs-Thomson: theory/nanoparticle), and holds too short to equilibrate.
//
// Source of the smooth solvus: expectation of max(0, C - X) for lognormal C and X (W. Margrabe, J. Finance
// 33, 177, 1978, doi:10.1111/j.1540-6261.1978.tb03397.x). Formulas are templates on the scalar: what is
// tested and plotted with doubles is what is differentiated with ceres::Jet. Energies in eV, temperatures in
// K, concentrations per site.

#include <cmath>
#include <optional>
#include <utility>

#include "sinterscope/core/units.h"

namespace sinterscope {

inline constexpr double entropy_per_atom_kB =
    1.0;  ///< sigma of the published model: e^N minima of a liquid cluster

/// ln c*; exact for dh/kT from -1000 upwards, where c* itself would underflow. temperature_K > 0.
template <typename Scalar>
Scalar log_critical_concentration(const Scalar& dh_eV, double temperature_K,
                                  double sigma = entropy_per_atom_kB) {
  using std::exp;
  using std::log1p;
  const Scalar exponent = sigma - dh_eV / (boltzmann_eV_per_K * temperature_K);
  if (exponent > Scalar(0.0)) return -exponent - log1p(exp(-exponent));
  return -log1p(exp(exponent));
}

/// c*, ad-atoms per support site (Zhu et al., Eq. 4).
template <typename Scalar>
Scalar critical_concentration(const Scalar& dh_eV, double temperature_K, double sigma = entropy_per_atom_kB) {
  using std::exp;
  return exp(log_critical_concentration(dh_eV, temperature_K, sigma));
}

namespace detail {

inline constexpr double log_sqrt_two_pi = 0.91893853320467274178;
inline constexpr double normal_tail_from = -30.0;  ///< below, the asymptotic series is exact to 2e-12
inline constexpr double normal_one_from = 8.5;     ///< above, Phi is 1 in double precision

/// ln of Phi(x) exp(x^2/2) for x far in the lower tail, where it varies slowly.
template <typename Scalar>
Scalar log_scaled_normal_tail(const Scalar& x) {
  using std::log;
  using std::log1p;
  const Scalar inverse = 1.0 / (x * x);
  return -log(-x) - log_sqrt_two_pi +
         log1p(inverse * (-1.0 + inverse * (3.0 + inverse * (-15.0 + inverse * 105.0))));
}

/// Phi(x), the standard normal distribution function.
template <typename Scalar>
Scalar normal_cdf(const Scalar& x) {
  using std::erfc;
  if (x > Scalar(normal_one_from)) return Scalar(1.0);
  return 0.5 * erfc(-x * 0.70710678118654752440);
}

/// ln Phi(x), Phi the standard normal distribution function, for any x.
template <typename Scalar>
Scalar log_normal_cdf(const Scalar& x) {
  using std::erfc;
  using std::log;
  if (x > Scalar(normal_one_from)) return Scalar(0.0);
  if (x > Scalar(normal_tail_from)) return log(0.5 * erfc(-x * 0.70710678118654752440));
  return -0.5 * x * x + log_scaled_normal_tail(x);
}

}  // namespace detail

/// ln of the atoms in particles per site, ln c_NP, on a support of finite and unequally loaded facets, as a
/// function of the total.
///
/// The kink c_NP = max(0, c_tot - c*) is never seen: a facet of `facet_sites` sites holds a fluctuating
/// number of ad-atoms (mean c*, variance c*(1-c*)/M) and facets carry unequal totals (lognormal, mean c_tot,
/// s.d. of the logarithm `facet_spread`). The mean over facets is smooth and positive, as a differentiating
/// optimiser needs it; facet_spread -> 0 and facet_sites -> infinity give the kink back. facet_spread >= 0,
/// facet_sites > 0. What does not depend on the total is worked out once.
template <typename Scalar>
class SmoothSolvus {
 public:
  SmoothSolvus(const Scalar& dh_eV, const Scalar& facet_spread, double temperature_K, double facet_sites,
               double sigma = entropy_per_atom_kB)
      : log_c_star_(log_critical_concentration(dh_eV, temperature_K, sigma)) {
    using std::exp;
    using std::sqrt;
    // (1 - c*)/(M c*), at most 1: a facet that holds less than one ad-atom on average.
    const Scalar log_variance = sigma - dh_eV / (boltzmann_eV_per_K * temperature_K) - std::log(facet_sites);
    const Scalar capacity_variance = log_variance < Scalar(0.0) ? Scalar(exp(log_variance)) : Scalar(1.0);
    spread_ = sqrt(facet_spread * facet_spread + capacity_variance);
  }

  /// The ln c_tot below which less than e^(-z^2/2) of the metal is in particles. z > 0.
  Scalar log_total_below(double z) const { return log_c_star_ - spread_ * (z + 0.5 * spread_); }

  Scalar log_particle_concentration(const Scalar& log_c_tot) const {
    using std::exp;
    using std::expm1;
    using std::log;
    const Scalar excess = log_c_tot - log_c_star_;
    const Scalar d1 = excess / spread_ + 0.5 * spread_;
    const Scalar d2 = d1 - spread_;
    // The plain difference, where it can be taken: its two terms agree in fewer than four digits.
    if (d1 > Scalar(-8.0) && spread_ > Scalar(0.01) && spread_ < Scalar(4.0))
      return log_c_tot + log(detail::normal_cdf(d1) - detail::normal_cdf(d2) * exp(-excess));
    if (d1 > Scalar(detail::normal_tail_from)) {
      const Scalar held = detail::log_normal_cdf(d1);
      const Scalar lost = detail::log_normal_cdf(d2) - excess;
      return log_c_tot + held + log(-expm1(lost - held));
    }
    // Far below the solvus both terms share the factor exp(-d1^2/2): take it out before the difference.
    const Scalar held = detail::log_scaled_normal_tail(d1);
    const Scalar lost = detail::log_scaled_normal_tail(d2);
    return log_c_tot - 0.5 * d1 * d1 + held + log(-expm1(lost - held));
  }

 private:
  Scalar log_c_star_;
  Scalar spread_;  ///< s.d. of ln(total / capacity) over facets
};

/// The same for one total.
template <typename Scalar>
Scalar log_particle_concentration(const Scalar& dh_eV, const Scalar& log_c_tot, const Scalar& facet_spread,
                                  double temperature_K, double facet_sites,
                                  double sigma = entropy_per_atom_kB) {
  return SmoothSolvus<Scalar>(dh_eV, facet_spread, temperature_K, facet_sites, sigma)
      .log_particle_concentration(log_c_tot);
}

/// The dh for which c is the critical concentration at this temperature. 0 < c < 1.
double enthalpy_for_critical_concentration(double c, double temperature_K,
                                           double sigma = entropy_per_atom_kB);

/// Temperature above which a total of c_tot atoms per site is wholly dispersed; empty where no temperature
/// does it (dh >= 0, or c_tot at or above 1/(1+e^sigma), which is 0.269 for sigma = 1).
std::optional<double> redispersion_temperature(double dh_eV, double c_tot,
                                               double sigma = entropy_per_atom_kB);

/// DeltaG of N atoms on M sites, exact by lgamma. 1 <= N <= M, both may be fractional.
double delta_g_eV(double atoms, double sites, double dh_eV, double temperature_K,
                  double sigma = entropy_per_atom_kB);

/// The same with Stirling's leading term for the binomial: M times the mixing entropy. Differs by O(ln N) kT.
double delta_g_stirling_eV(double atoms, double sites, double dh_eV, double temperature_K,
                           double sigma = entropy_per_atom_kB);

/// N at which DeltaG is largest, exactly: the mode of the binomial, floor((M+1) c*). 0 = no interior maximum.
long most_stable_dispersed_atoms(long sites, double dh_eV, double temperature_K,
                                 double sigma = entropy_per_atom_kB);

/// The two N between which DeltaG > 0; empty where DeltaG < 0 for every N >= 1 (few sites or deep binding).
/// The lower one, a few atoms, comes from the ln M of placing the particle.
std::optional<std::pair<double, double>> delta_g_zero_crossings(double sites, double dh_eV,
                                                                double temperature_K,
                                                                double sigma = entropy_per_atom_kB);

/// Concentration at which DeltaG changes sign for M -> infinity, about e times c* where c* is small. It is
/// not the concentration of complete redispersion: between c* and it, particles and ad-atoms coexist.
double zero_crossing_concentration(double dh_eV, double temperature_K, double sigma = entropy_per_atom_kB);

struct LargestLoss {
  double dh_eV = 0.0;          ///< the dh at which it happens
  double concentration = 0.0;  ///< atoms per site
};

/// The most atoms per site that can leave the particles between two temperatures, whatever dh: the maximum
/// over dh of c*(dh, hot) - c*(dh, cold). An observed loss above it cannot be explained by this model. hot_K
/// > cold_K.
LargestLoss largest_loss(double cold_K, double hot_K, double sigma = entropy_per_atom_kB);

}  // namespace sinterscope
