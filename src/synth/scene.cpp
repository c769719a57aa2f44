// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/scene.h"

#include <algorithm>

#include "sinterscope/core/options.h"

namespace sinterscope {
namespace {

void validate_step(const Scene& scene, std::size_t index) {
  const SceneStep& step = scene.programme[index];
  validate(step);
  const int given =
      int(step.c_star.has_value()) + int(step.c_np.has_value()) + int(step.number_density_nm2.has_value());
  if (step.change == "equilibrium" && given != 1 && step.particles.empty() && step.lattices.empty())
    throw usage_error(fmt::format(
        "an equilibrium step needs exactly one of 'c_star', 'c_np' and 'number_density_nm2', not {}", given));
  if (step.c_np && *step.c_np > scene.population.c_tot)
    throw usage_error(
        fmt::format("'c_np' is {}, more than 'c_tot' ({}): particles cannot hold more than all the metal",
                    *step.c_np, scene.population.c_tot));
  if (step.change != "equilibrium" && index == 0)
    throw usage_error(fmt::format("the first step cannot be '{}': nothing stands yet", step.change));
  const auto need_region = [&scene](const std::string& what, const std::string& region) {
    if (std::find(scene.regions.begin(), scene.regions.end(), region) == scene.regions.end())
      throw usage_error(fmt::format("{} lies in region '{}', did you mean '{}'?", what, region,
                                    nearest_name(region, scene.regions)));
  };
  for (const ScriptedParticle& particle : step.particles) {
    validate(particle);
    need_region(fmt::format("particle {}", particle.id), particle.region);
  }
  for (const LatticePatch& patch : step.lattices) {
    need_region("a lattice", patch.region);
    if (patch.heights.empty() || !(patch.site_nm > 0.0))
      throw usage_error("a lattice needs heights and a positive 'site_nm'");
  }
}

}  // namespace

void validate_scene(const Scene& scene) {
  in_context("scene '" + scene.name + "'", [&] {
    validate(scene);
    in_context("optics", [&] { validate(scene.optics); });
    in_context("support", [&] { validate(scene.support); });
    in_context("detector", [&] { validate(scene.detector); });
    in_context("drift", [&] { validate(scene.drift); });
    in_context("population", [&] { validate(scene.population); });
    if (scene.support.edge_min_nm > scene.support.edge_max_nm)
      throw usage_error("support: 'edge_min_nm' is larger than 'edge_max_nm'");
    if (scene.regions.empty()) throw usage_error("'regions' is empty: name at least one");
    for (std::size_t i = 0; i < scene.regions.size(); ++i)
      if (std::count(scene.regions.begin(), scene.regions.end(), scene.regions[i]) > 1)
        throw usage_error("region '" + scene.regions[i] + "' is named twice");
    if (scene.programme.empty()) throw usage_error("'programme' is empty: give at least one step");
    for (std::size_t i = 0; i < scene.programme.size(); ++i)
      in_context(fmt::format("programme step {}", i), [&] { validate_step(scene, i); });
  });
}

}  // namespace sinterscope
