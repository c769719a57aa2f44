// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One function a command: adds its description and an example to the command line, and the work to its
// callback.

#include <CLI/CLI.hpp>

namespace sinterscope {

/// A range that is checked and not written behind the name: the description tells it where it matters.
inline CLI::Validator within(int low, int high) { return CLI::Range(low, high).description(""); }

void add_run_command(CLI::App& app);
void add_batch_command(CLI::App& app);
void add_inspect_command(CLI::App& app);
void add_simulate_command(CLI::App& app);
void add_kmc_command(CLI::App& app);
void add_predict_command(CLI::App& app);
void add_fit_command(CLI::App& app);
void add_xps_command(CLI::App& app);
void add_report_command(CLI::App& app);
void add_stages_command(CLI::App& app);

}  // namespace sinterscope
