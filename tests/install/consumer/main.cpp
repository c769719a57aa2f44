// SPDX-License-Identifier: GPL-3.0-or-later
// Fits two holds with particles and two without, and prints c* of the published example.
#include <cstdio>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/theory/nanoparticle.h"

int main() {
  using namespace sinterscope;
  Sample sample;
  sample.volume_per_metal_atom_nm3 = particle_material("PdO").volume_per_metal_atom_nm3;
  sample.site_density_nm2 = support_surface("CeO2(100)").site_density_nm2;
  std::vector<HoldInventory> holds;
  for (const double kelvin : {773.15, 473.15, 773.15, 473.15}) {
    HoldInventory hold;
    hold.hold = static_cast<int>(holds.size());
    hold.temperature_K = kelvin;
    hold.start_s = 10.0 * hold.hold;
    hold.end_s = hold.start_s + 10.0;
    hold.frames = 1;
    hold.support_area_nm2 = 3600.0;
    hold.limit.d50_nm = 1.0;
    if (kelvin < 600.0)
      for (int i = 0; i < 12; ++i) hold.particles.push_back({1.8 + 0.03 * i, 0.1});
    holds.push_back(hold);
  }
  FitOptions options;
  options.dh_steps = 41;
  const EntropyFit fit = fit_entropy_model(holds, sample, options);
  for (const HoldVerdict& verdict : fit.holds) std::printf("%s ", verdict.observed.c_str());
  std::printf("%.4f\n", critical_concentration(-0.16, 773.0));
  try {
    options.dh_steps = 1;
    fit_entropy_model(holds, sample, options);
  } catch (const Error& error) {
    std::printf("%s\n", error.what());
  }
}
