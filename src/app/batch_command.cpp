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
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("batch", "many pipelines; a failing one is reported and does not stop the rest");
  command->add_option("LIST", arguments->request.sources, "pipeline files, folders, or a .txt list")
      ->required();
  command->add_option("--out", arguments->request.out, "one folder per pipeline is made there")->required();
  command->add_option("--shard", arguments->request.shard, "I/N: the I-th of N parts (1 <= I <= N)");
  command->add_option("--jobs", arguments->request.threads, "threads; 0 = all cores")
      ->check(CLI::Range(0, 1024));
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->callback([arguments] {
    TerminalProgress progress(arguments->quiet);
    const BatchResult result = run_batch(arguments->request, progress);
    fmt::print("{}", result.summary);
    if (result.failed > 0)
      throw Error(fmt::format("{} of {} experiments failed (see the table)", result.failed, result.total));
  });
}

}  // namespace sinterscope
