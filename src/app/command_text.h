// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the descriptions of the commands are good for beside --help: the page docs/cli.md, the man page, the
// completion of bash, and the nearest name to a wrong one. One source, so none of them can tell of an option
// that is not there.

#include <CLI/CLI.hpp>
#include <string>

namespace sinterscope {

/// docs/cli.md.
std::string commands_as_markdown(const CLI::App& app);

/// sinterscope(1).
std::string commands_as_man_page(const CLI::App& app);

/// A completion of bash: commands, then the options of the command or files.
std::string commands_as_bash_completion(const CLI::App& app);

/// "unknown command 'fitt'; did you mean 'fit'?", or the same of an option; empty where every name is known.
std::string wrong_name(const CLI::App& app, int argc, const char* const* argv);

/// The hidden command that prints the first three.
void add_describe_command(CLI::App& app);

}  // namespace sinterscope
