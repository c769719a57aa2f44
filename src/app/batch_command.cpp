// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/batch.h"
#include "terminal.h"

namespace sinterscope {

void add_batch_command(CLI::App& app) {
  struct Arguments {
    BatchRequest request;
    bool quiet = false, merge = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "batch", "many experiments; a failing one is listed with its reason and does not stop the rest");
  command
      ->add_option("LIST", arguments->request.sources,
                   "pipeline, kmc or scene files, folders, globs, or a .txt list of them")
      ->required();
  command->add_option("--out", arguments->request.out, "one folder per experiment is made there")->required();
  command->add_option("--shard", arguments->request.shard, "I/N: the I-th of N parts (1 <= I <= N)");
  command
      ->add_option("--jobs", arguments->request.jobs,
                   "cores to use; 0 = all; experiments side by side, one core each")
      ->check(within(0, 1024));
  command->add_flag("--merge", arguments->merge,
                    "run nothing: batch.csv and batch.html over what all shards have left in --out");
  command->add_flag("--forget-stages", arguments->request.forget_stages,
                    "remove what the stages of finished experiments left for another run");
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->footer(
      "sinterscope batch 'experiments/*.json' --out results         # then open results/batch.html\n"
      "sinterscope batch 'experiments/*.json' --out results --shard 2/8");
  command->callback([arguments] {
    TerminalProgress progress(arguments->quiet);
    if (arguments->merge && !arguments->request.shard.empty())
      throw usage_error("--merge is for all shards together: leave --shard out");
    arguments->request.program = "/proc/self/exe";
    const BatchResult result =
        arguments->merge ? merge_batch(arguments->request) : run_batch(arguments->request, progress);
    fmt::print("{}", result.summary);
    if (result.failed > 0)
      throw Error(fmt::format("{} of {} experiments failed (see the table)", result.failed, result.total));
  });
}

}  // namespace sinterscope
