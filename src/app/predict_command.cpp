// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/predict.h"

namespace sinterscope {

void add_predict_command(CLI::App& app) {
  auto request = std::make_shared<PredictRequest>();
  CLI::App* command =
      app.add_subcommand("predict", "c*_ad, DeltaG(N), redispersion temperature; the (T, dh) map");
  command->add_option("--dh-ev", request->dh_eV, "enthalpies per atom in eV (negative = bound)")
      ->required()
      ->expected(1, -1);
  command->add_option("--temperature-c", request->temperatures_c, "temperatures in C")->expected(1, -1);
  command->add_option("--c-ad", request->c_ad,
                      "metal atoms per support site: answers at which temperature they disperse");
  command->add_option("--sites", request->sites, "support sites M of DeltaG(N)")->check(within(2, 100000000));
  command->add_option("--map", request->map,
                      "write c*_ad over (T, dh): .csv, .svg or .png; may be given again");
  command->add_option("--delta-g", request->delta_g,
                      "write DeltaG over c_ad, a curve per enthalpy and temperature: .csv, .svg or .png");
  command->add_option(
      "--surface-energy-j-m2", request->surface_energy_J_m2,
      "surface energy in J/m^2: shows how dh and c*_ad shift with particle size (Gibbs-Thomson)");
  command->add_option("--diameter-nm", request->diameters_nm, "curvature diameters for that, in nm")
      ->expected(1, -1);
  command->add_option("--particle", request->particle, "particle phase for that, e.g. PdO");
  command->footer(
      "sinterscope predict --dh-ev -0.16 -0.65 --temperature-c 200 500 --c-ad 0.02\n"
      "sinterscope predict --dh-ev -0.16 --map map.svg --delta-g delta_g.csv");
  command->callback([request] { fmt::print("{}", predict(*request)); });
}

}  // namespace sinterscope
