// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/xps.h"

namespace sinterscope {

void add_xps_command(CLI::App& app) {
  struct Arguments {
    XpsRequest request;
    bool options = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("xps", "interfacial fraction of photoelectron spectra over temperature");
  command->add_option("SPECTRA", arguments->request.spectra, "file of spectra (JSON)");
  command->add_option("--out", arguments->request.out, "output directory");
  command->add_flag("--options", arguments->options, "print every option with default, unit and meaning");
  command->footer("sinterscope xps pipelines/pd_ceo2_xps.json --out spectra");
  command->callback([arguments] {
    if (arguments->options) {
      fmt::print("{}", describe_xps_options());
      return;
    }
    if (arguments->request.spectra.empty())
      throw usage_error("xps: name a file of spectra, e.g. xps SPECTRA.json --out DIR");
    if (arguments->request.out.empty())
      throw usage_error("xps: --out is missing: name a directory for the results");
    fmt::print("{}", analyse_spectra(arguments->request));
  });
}

}  // namespace sinterscope
