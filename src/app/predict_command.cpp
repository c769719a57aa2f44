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
  command->add_option("--dh-ev", request->dh_eV, "enthalpy per ad-atom in eV (negative = bound)")->required();
  command->add_option("--temperature-c", request->temperatures_c, "temperatures in C")->expected(1, -1);
  command->add_option("--c-ad", request->c_ad,
                      "metal atoms per support site: answers at which temperature they disperse");
  command->add_option("--sites", request->sites, "support sites M of DeltaG(N)")
      ->check(CLI::Range(2, 100000000));
  command->add_option("--map", request->map, "write c*_ad over (T, dh) as CSV");
  command->callback([request] { fmt::print("{}", predict(*request)); });
}

}  // namespace sinterscope
