// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A second, independent observable of how much metal is dispersed: the interfacial fraction of photoelectron
// spectra.
//
// Interfacial metal is ad-atoms and the particle atoms that touch the support; electrons from the foot of a
// particle are weakened by what stands above. With u = d / (2 lambda), lambda the inelastic mean free path
// along the normal, the atoms of a hemisphere escape with
//   contact atoms T_if = (2/u^2) [1 - (1+u) e^-u],   all atoms T_b = (3/(2u)) [1 - T_if],
// and the share q = min(1, m_s (pi/4) d^2 / N) of its N atoms touches (m_s sites per area). Over the
// particles seen
//   f = (c_ad + q T_if c_np) / (c_ad + T_b c_np),    c_ad = c_tot - c_np(T)
// Without any dispersed atom f is q T_if / T_b (about 0.2 for 2 nm), not 0. Only the ratio c_np / c_tot
// enters, neither the calibration of the images nor an area: that makes it independent of them. Compared as
// logits; what is common to all spectra of a sample (escape depth, contact share, line shapes) is one offset
// y ~ N(0, s_y^2), integrated over.
//
// It breaks where the powder that spectra average over is loaded unlike the facets in the images (give it its
// own c_tot then), or was not in equilibrium at the temperature of the measurement.

#include <cmath>
#include <span>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"

namespace sinterscope {

struct DispersedShare {
  double temperature_K = 0.0;  ///< at which it was measured
  double fraction = 0.5;       ///< interfacial, inside (0, 1)
  double logit_se = 0.1;       ///< standard error of ln(f / (1-f))
};

/// How visible the atoms of particles are, beside ad-atoms: means over all atoms of a population.
struct ParticleEscape {
  double contact = 0.2;  ///< share of the atoms that touch the support, times their escape probability
  double all = 0.8;      ///< escape probability of all; above contact
};

/// Of hemispheres with these diameters; at least one, all above 0. The mean free path in nm, above 0.
ParticleEscape particle_escape(std::span<const double> diameters_nm, const Sample& sample,
                               double mean_free_path_nm);

/// The shares of one sample, as a term of a likelihood.
struct ShareTerm {
  std::vector<DispersedShare> shares;
  ParticleEscape escape;
  double common_logit_sd = 0.3;

  /// Twice minus ln of the likelihood up to a constant; log_c_np: ln of the atoms in particles per site
  /// foretold at the temperature of share i, log_c those of c_tot.
  template <typename Scalar, typename Foretold>
  Scalar deviance(const Foretold& log_c_np, const Scalar& log_c) const {
    Scalar squares(0.0), sum(0.0);
    double weights = 0.0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const double weight = 1.0 / (shares[i].logit_se * shares[i].logit_se);
      const Scalar off = std::log(shares[i].fraction / (1.0 - shares[i].fraction)) -
                         foretold_logit(Scalar(log_c_np(i) - log_c));
      squares += weight * off * off;
      sum += weight * off;
      weights += weight;
    }
    // The inverse of diag(s^2) + s_y^2 1 1^T (Sherman and Morrison).
    const double variance = common_logit_sd * common_logit_sd;
    return squares - variance / (1.0 + variance * weights) * sum * sum;
  }

  /// logit of f, from ln(c_np / c_tot).
  template <typename Scalar>
  Scalar foretold_logit(const Scalar& log_particle_share) const {
    using std::exp;
    using std::log;
    Scalar in_particles = exp(log_particle_share);
    if (in_particles > Scalar(1.0)) in_particles = Scalar(1.0);
    return log(1.0 - in_particles * (1.0 - escape.contact)) - std::log(escape.all - escape.contact) -
           log_particle_share;
  }
};

}  // namespace sinterscope
