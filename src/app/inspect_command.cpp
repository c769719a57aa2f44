// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/inspect.h"

namespace sinterscope {

void add_inspect_command(CLI::App& app) {
  auto request = std::make_shared<InspectRequest>();
  CLI::App* command =
      app.add_subcommand("inspect", "what an image file holds: format, shape, calibration, statistics");
  command->add_option("FILE", request->file, "image file, folder or pattern")->required();
  command->add_flag("--json", request->as_json, "as JSON");
  command->add_option("--dataset", request->dataset, "which image of a file that holds several");
  command->add_option("--detector", request->detector, "which detector of a file that holds several");
  command->add_option("--thumbnail", request->thumbnail, "PNG to write of one frame, with a scale bar");
  command->add_option("--frame", request->thumbnail_frame, "which frame the thumbnail shows")
      ->check(within(0, 1 << 30));
  command->footer("sinterscope inspect stack.tif --thumbnail frame.png");
  command->callback([request] { fmt::print("{}", inspect_file(*request)); });
}

}  // namespace sinterscope
