// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/run.h"
#include "terminal.h"

namespace sinterscope {

void add_run_command(CLI::App& app) {
  struct Arguments {
    std::string pipeline;
    RunOptions options;
    bool forget_stages = false, quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("run", "the whole way for one experiment: frames to particles, inventory and fit");
  command->add_option("PIPELINE", arguments->pipeline, "pipeline file (JSON)")->required();
  command
      ->add_option("--out", arguments->options.out,
                   "output directory; what it already holds is not done again")
      ->required();
  command->add_option("--threads", arguments->options.threads, "threads; 0 = all cores")
      ->check(within(0, 1024));
  command->add_option("--overlays", arguments->options.overlays, "at most so many overlay pictures")
      ->check(within(0, 1000000));
  command->add_flag("--fresh", arguments->options.fresh,
                    "work again even if the directory holds this very run");
  command->add_flag("--forget-stages", arguments->forget_stages,
                    "at the end, remove what the stages left in OUT/.stages for the next run");
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->footer(
      "sinterscope run pipelines/pd_ceo2_cycle.json --out cycle     # then open cycle/report.html\n"
      "sinterscope stages --dump-default-config > mine.json         # a pipeline file to start from");
  command->callback([arguments] {
    TerminalProgress progress(arguments->quiet);
    arguments->options.keep_stages = !arguments->forget_stages;
    if (!run_pipeline(arguments->pipeline, arguments->options, progress) && !arguments->quiet)
      fmt::print(stderr, "{} already holds this run; --fresh works again\n", arguments->options.out.string());
    fmt::print("{}", describe_results(arguments->options.out));
  });
}

}  // namespace sinterscope
