// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/describe_stages.h"

namespace sinterscope {

void add_stages_command(CLI::App& app) {
  struct Arguments {
    std::string name;
    bool dump = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "stages", "every stage and option of a pipeline file with default, unit and meaning");
  command->add_option("NAME", arguments->name, "only this stage, or this section beside the stages");
  command->add_flag("--dump-default-config", arguments->dump,
                    "print a runnable pipeline file with every default");
  command->footer(
      "sinterscope stages detect                                    # the options of one stage\n"
      "sinterscope stages --dump-default-config > mine.json");
  command->callback([arguments] {
    fmt::print("{}", arguments->dump ? default_pipeline_text() : describe_stages(arguments->name));
  });
}

}  // namespace sinterscope
