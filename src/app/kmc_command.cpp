// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/kmc_command.h"

#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/core/error.h"
#include "terminal.h"

namespace sinterscope {

void add_kmc_command(CLI::App& app) {
  struct Arguments {
    KmcRequest request;
    bool quiet = false, dump = false, options = false;
  };
  auto arguments = std::make_shared<Arguments>();
  KmcRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand(
      "kmc", "lattice kinetic Monte Carlo: runs, ensembles, temperature programs, phase diagrams");
  command->add_option("RUN", request.config, "file of runs (JSON)");
  command->add_option("--out", request.out, "output directory; an interrupted run there goes on");
  command->add_option("--threads", request.threads, "threads; 0 = all cores; runs are shared out over them")
      ->check(within(0, 1024));
  command->add_option("--events", request.overrides.events,
                      "executed hops of every temperature step, instead of the file's");
  command->add_option("--seed", request.overrides.seed, "seed, instead of the file's")
      ->check(CLI::NonNegativeNumber);
  command->add_option(
      "--shard", request.shard,
      "I/N: only the I-th of N parts of the runs, for several processes on one --out; then once "
      "without it");
  command->add_flag("--fresh", request.fresh, "work again, without what the directory holds");
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->add_flag("--options", arguments->options, "print every key of the file with default and meaning");
  command->add_flag("--dump-default-config", arguments->dump, "print a runnable file with every default");
  command->footer(
      "sinterscope kmc pipelines/figure2.json --out lattice         # series.csv, film.png ... of every run");
  command->callback([arguments] {
    if (arguments->dump || arguments->options) {
      fmt::print("{}", arguments->dump ? default_kmc_text() : describe_kmc_options());
      return;
    }
    if (arguments->request.config.empty())
      throw usage_error("kmc: name a file of runs, e.g. kmc RUN.json --out DIR");
    if (arguments->request.out.empty())
      throw usage_error("kmc: --out is missing: name a directory for the results");
    TerminalProgress progress(arguments->quiet);
    fmt::print("{}", run_lattices(arguments->request, progress));
  });
}

}  // namespace sinterscope
