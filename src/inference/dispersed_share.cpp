// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/dispersed_share.h"

#include <algorithm>

#include "sinterscope/core/units.h"

namespace sinterscope {

ParticleEscape particle_escape(std::span<const double> diameters_nm, const Sample& sample,
                               double mean_free_path_nm) {
  double atoms = 0.0, contact = 0.0, all = 0.0;
  for (const double d : diameters_nm) {
    const double n = sample.atoms(d);
    const double touching = std::min(1.0, sample.site_density_nm2 * pi / 4.0 * d * d / n);
    const double u = 0.5 * d / mean_free_path_nm;
    // -expm1(-u) - u e^-u keeps its digits for particles much smaller than the mean free path.
    const double from_contact = 2.0 / (u * u) * (-std::expm1(-u) - u * std::exp(-u));
    const double from_all = 1.5 / u * (1.0 - from_contact);
    atoms += n;
    contact += n * touching * from_contact;
    all += n * std::max(from_all, touching * from_contact);
  }
  ParticleEscape escape{contact / atoms, all / atoms};
  // A layer one atom thick is all contact: it would be invisible as a particle.
  constexpr double most_contact = 0.99;
  escape.contact = std::min(escape.contact, most_contact * escape.all);
  return escape;
}

}  // namespace sinterscope
