// SPDX-License-Identifier: GPL-3.0-or-later
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>

#include "command_text.h"
#include "commands.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/version.h"

namespace {

/// Images come and go all the time. Given back to the kernel each time they would come again page by page,
/// zeroed.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sinterscope;
  keep_freed_memory();
  CLI::App app{"sinterscope: in situ ESTEM frames to particle inventories and the entropy of redispersion"};
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.footer(
      "The demo: sinterscope run pipelines/pd_ceo2_cycle.json --out cycle, then open cycle/report.html.\n"
      "sinterscope COMMAND --help tells the arguments of a command, with an example.");
  app.get_formatter()->column_width(34);
  add_run_command(app);
  add_batch_command(app);
  add_inspect_command(app);
  add_simulate_command(app);
  add_kmc_command(app);
  add_predict_command(app);
  add_fit_command(app);
  add_xps_command(app);
  add_report_command(app);
  add_stages_command(app);
  add_describe_command(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& wrong) {
    if (const std::string hint = wrong_name(app, argc, argv); !hint.empty())
      std::fprintf(stderr, "sinterscope: %s\n", hint.c_str());
    else
      app.exit(wrong);
    return 2;
  } catch (const Error& error) {
    std::fprintf(stderr, "sinterscope: %s\n", error.what());
    return error.kind() == Error::Kind::usage ? 2 : 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "sinterscope: out of memory; use fewer --threads or smaller frames\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sinterscope: %s\n", error.what());
    return 1;
  }
}
