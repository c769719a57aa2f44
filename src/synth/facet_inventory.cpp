// SPDX-License-Identifier: GPL-3.0-or-later
#include "facet_inventory.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinterscope {

double SizeLaw::draw(Rng& rng) const {
  double z = rng.normal();
  while (std::abs(z) > 3.0) z = rng.normal();
  return mean_nm * std::exp(sd_ln_d * z - 0.5 * sd_ln_d * sd_ln_d);
}

std::vector<double> fitting_diameters(const SizeLaw& law, double atoms, const Sample& sample, Rng& rng) {
  std::vector<double> diameters;
  double sum = 0.0;
  while (sum < atoms) {
    const double diameter = law.draw(rng), next = sample.atoms(diameter);
    if (!diameters.empty() && sum + next - atoms > atoms - sum) break;  // nearer without it
    diameters.push_back(diameter);
    sum += next;
  }
  const double factor = std::cbrt(atoms / sum);
  for (double& diameter : diameters) diameter *= factor;
  return diameters;
}

FacetInventory::FacetInventory(const PopulationSettings& settings, const Sites& sites,
                               double site_density_nm2, Rng rng)
    : settings_(settings) {
  const double s = settings.loading_spread;
  for (int facet = 0; facet < sites.facet_count(); ++facet) {
    loading_.push_back(settings.c_tot * std::exp(s * rng.normal() - 0.5 * s * s));
    sites_.push_back(sites.area_nm2(facet) * site_density_nm2);
  }
}

double FacetInventory::total_sites() const { return std::accumulate(sites_.begin(), sites_.end(), 0.0); }

double FacetInventory::total_atoms() const {
  return std::inner_product(sites_.begin(), sites_.end(), loading_.begin(), 0.0);
}

std::vector<double> FacetInventory::atoms_due(const SceneStep& step, Rng rng) const {
  std::vector<double> due;
  for (std::size_t facet = 0; facet < sites_.size(); ++facet) {
    const double z =
        rng.normal();  // drawn in any case: an option must not move the numbers of the next facet
    double c_np = 0.0;
    if (step.c_np && settings_.c_tot > 0.0) {
      c_np = *step.c_np * loading_[facet] / settings_.c_tot;
    } else if (step.c_star && sites_[facet] > 0.0) {
      const double scatter =
          settings_.finite_facets ? std::sqrt(*step.c_star * (1.0 - *step.c_star) / sites_[facet]) : 0.0;
      c_np = loading_[facet] - std::max(0.0, *step.c_star + scatter * z);
    }
    due.push_back(std::max(0.0, c_np) * sites_[facet]);
  }
  return due;
}

}  // namespace sinterscope
