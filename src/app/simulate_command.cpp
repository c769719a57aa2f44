// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/simulate.h"
#include "terminal.h"

namespace sinterscope {

void add_simulate_command(CLI::App& app) {
  struct Arguments {
    std::string scene, out;
    int threads = 0;
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("simulate", "a synthetic experiment: frames, pipeline.json, truth.csv, truth.json");
  command->add_option("SCENE", arguments->scene, "scene file (JSON)")->required();
  command->add_option("--out", arguments->out, "output directory")->required();
  command->add_option("--threads", arguments->threads, "threads; 0 = all cores")->check(within(0, 1024));
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->footer(
      "sinterscope simulate sample_data/scenes/pd_ceo2_cycle.json --out sim\n"
      "sinterscope run sim/pipeline.json --out sim/out              # compare with sim/truth.json");
  command->callback([arguments] {
    TerminalProgress progress(arguments->quiet);
    fmt::print("{}", simulate_experiment(arguments->scene, arguments->out, arguments->threads, progress));
  });
}

}  // namespace sinterscope
