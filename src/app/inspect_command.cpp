// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/inspect.h"

namespace sinterscope {

void add_inspect_command(CLI::App& app) {
  struct Arguments {
    std::string file, dataset, detector;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("inspect", "what an image file holds: format, shape, calibration, statistics");
  command->add_option("FILE", arguments->file, "image file, folder or pattern")->required();
  command->add_flag("--json", arguments->json, "as JSON");
  command->add_option("--dataset", arguments->dataset, "which image of a file that holds several");
  command->add_option("--detector", arguments->detector, "which detector of a file that holds several");
  command->callback([arguments] {
    fmt::print("{}", inspect_file(arguments->file, arguments->dataset, arguments->detector, arguments->json));
  });
}

}  // namespace sinterscope
