// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "sinterscope/pipeline/run.h"
#include "terminal.h"

namespace sinterscope {

void add_report_command(CLI::App& app) {
  struct Arguments {
    ReportRequest request;
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  ReportRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("report", "report.html again, from what a finished run left");
  command->add_option("DIR", request.folder, "output directory of `run`")->required();
  command->add_option("--out", request.out, "folder for report.html and figures/, instead of DIR");
  command->add_flag("--figures", request.figures,
                    "also every figure of the page as SVG and PNG (600 dpi), into figures/");
  command
      ->add_option(
          "--page-mb", request.page_budget_MB,
          "size that report.html should keep, in MB, instead of report.page_budget_MB of the pipeline "
          "file: pictures become smaller or fewer")
      ->check(CLI::PositiveNumber.description(""));
  command->add_option("--pipeline", request.pipeline, "where the pipeline file is, if it was moved");
  command->add_option("--threads", request.threads, "threads; 0 = all cores")->check(within(0, 1024));
  command->add_flag("--quiet", arguments->quiet, "no progress");
  command->footer(
      "sinterscope report cycle --figures                           # cycle/report.html, "
      "cycle/figures/*.svg, *.png");
  command->callback([arguments] {
    TerminalProgress progress(arguments->quiet);
    const ReportFiles files = rebuild_report(arguments->request, progress);
    fmt::print("{}\n", files.page.string());
    for (const std::filesystem::path& figure : files.figures) fmt::print("{}\n", figure.string());
  });
}

}  // namespace sinterscope
