// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small scenes for the tests of the room.

#include "sinterscope/experiment/sample.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope::test {

/// PdO hemispheres on CeO2(100); numbers of THEORY 2.1.
inline Sample pdo_on_ceria() {
  Sample sample;
  sample.particle_name = "PdO";
  sample.volume_per_metal_atom_nm3 = 0.0247099;
  sample.support_name = "CeO2(100)";
  sample.site_density_nm2 = 6.8309;
  return sample;
}

/// The paper's cycle in small: as prepared, hot, cold, hot. c* of dh = -0.16 eV.
inline Scene cycle_scene(int size_px = 192) {
  Scene scene;
  scene.name = "cycle";
  scene.optics.width_px = scene.optics.height_px = size_px;
  const double temperature_K[] = {298.15, 773.15, 473.15, 773.15};
  const double c_star[] = {7.258e-4, 3.225e-2, 7.216e-3, 3.225e-2};
  const double diameter_nm[] = {1.41, 1.41, 2.05, 2.05};
  for (int i = 0; i < 4; ++i) {
    SceneStep step;
    step.temperature_K = temperature_K[i];
    step.start_s = 100.0 * i;
    step.frames = 2;
    step.c_star = c_star[i];
    step.mean_diameter_nm = diameter_nm[i];
    scene.programme.push_back(step);
  }
  return scene;
}

}  // namespace sinterscope::test
