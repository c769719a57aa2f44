// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/fit_table.h"

namespace sinterscope {

void add_fit_command(CLI::App& app) {
  auto request = std::make_shared<FitTableRequest>();
  CLI::App* command = app.add_subcommand("fit", "the inference alone, from a table of holds");
  command
      ->add_option(
          "INVENTORY", request->inventory,
          "CSV, a row per hold and region: hold, temperature_c or temperature_k, support_area_nm2 and "
          "particles "
          "(0 = none seen) with diameter_mean_nm, or c_np with c_np_se or c_np_upper95; d50_nm, d90_nm where "
          "known; holds.csv of `run` will do")
      ->required();
  command->add_option("--out", request->out, "output directory")->required();
  command->add_option("--particles", request->particles,
                      "CSV, a row per particle and hold: hold, region, diameter_nm, diameter_se_nm; "
                      "hold_particles.csv of `run` will do");
  command->add_option("--particle", request->particle, "particle phase, e.g. PdO");
  command->add_option("--support", request->support, "support surface, e.g. CeO2(100)");
  command->add_option("--shape-factor", request->shape_factor, "volume / sphere volume; 0.5 = hemisphere");
  command->add_option("--loading-wt-percent", request->loading_wt_percent,
                      "metal loading; with the surface area it bounds c_ad");
  command->add_option("--surface-area-m2-g", request->surface_area_m2_g, "surface area of the catalyst");
  command->add_option(
      "--xps", request->xps,
      "xps.json of the command xps: its interfacial fractions enter as a second observable; the "
      "result without them stands beside");
  command->add_option("--options", request->options,
                      "JSON object with options of the stage `fit` (sinterscope stages fit lists them)");
  command->footer(
      "sinterscope fit cycle/holds.csv --particle PdO --support 'CeO2(100)' --out refit   # then read "
      "refit/fit.json");
  command->callback([request] { fmt::print("{}", fit_table(*request)); });
}

}  // namespace sinterscope
