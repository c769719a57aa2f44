// SPDX-License-Identifier: GPL-3.0-or-later
#include "command_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

constexpr std::string_view results_and_exit =
    "Results go to stdout, progress and warnings to stderr. Exit: 0 done; 1 the work failed; 2 wrong command "
    "line or configuration.";

/// In the order in which they were added; what has no group is hidden.
std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->get_name() == name) return command;
  return nullptr;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// "`--out TEXT` (required)", "`LIST` ...".
std::string option_heading(const CLI::Option& option) {
  std::string names;
  if (option.get_positional()) names = option.get_single_name();
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  std::string text = "`" + names;
  if (!option.get_positional() && takes_value(option)) text += " " + option.get_type_name();
  text += "`";
  if (option.get_items_expected_max() > 1) text += " ...";
  if (option.get_required()) text += " (required)";
  return text;
}

/// Text of a man page: a backslash and a hyphen mean something there, and so does a dot that begins a line.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_begins = c == '\n';
  }
  return out;
}

/// A heading with its name in bold, which stands between backticks.
std::string roff_heading(const CLI::Option& option) {
  const std::string heading = option_heading(option);
  const std::size_t end = heading.find('`', 1);
  return "\\fB" + roff(heading.substr(1, end - 1)) + "\\fR" + roff(heading.substr(end + 1));
}

/// Text of a cell: a bar would end it.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

std::string commands_as_markdown(const CLI::App& app) {
  std::string page = fmt::format(
      "# Commands\n\nMade from the descriptions that `--help` prints: `scripts/make-cli-docs`. {}\n",
      results_and_exit);
  for (const CLI::App* command : commands_of(app)) {
    page += fmt::format("\n## sinterscope {}\n\n{}\n\n| argument | meaning |\n|---|---|\n",
                        command->get_name(), command->get_description());
    for (const CLI::Option* option : command->get_options())
      page += fmt::format("| {} | {} |\n", cell(option_heading(*option)), cell(option->get_description()));
    page += fmt::format("\n```\n{}\n```\n", command->get_footer());
  }
  return page;
}

std::string commands_as_man_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH SINTERSCOPE 1 \"\" \"sinterscope {}\" \"User Commands\"\n.SH NAME\nsinterscope \\- {}\n"
      ".SH SYNOPSIS\n.B sinterscope\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n.SH DESCRIPTION\n{}\n.SH COMMANDS\n",
      version, roff(app.get_description().substr(app.get_description().find(' ') + 1)),
      roff(results_and_exit));
  for (const CLI::App* command : commands_of(app)) {
    page += fmt::format(".SS sinterscope {}\n{}\n", command->get_name(), roff(command->get_description()));
    for (const CLI::Option* option : command->get_options())
      page += fmt::format(".TP\n{}\n{}\n", roff_heading(*option), roff(option->get_description()));
    page += fmt::format(".PP\n.EX\n{}\n.EE\n", roff(command->get_footer()));
  }
  return page +
         ".SH FILES\nPipelines that run as they are, with their images: /usr/share/sinterscope (or "
         "PREFIX/share).\n"
         ".SH SEE ALSO\n/usr/share/doc/sinterscope/docs: tutorial.md, method.md, formats.md, interop.md\n";
}

std::string commands_as_bash_completion(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    std::string values;
    for (const CLI::Option* option : command->get_options())
      if (takes_value(*option))
        for (const std::string& name : option->get_lnames()) values += (values.empty() ? "--" : "|--") + name;
    cases += fmt::format("    {}) options=\"{}\" values=\"{}\" ;;\n", command->get_name(),
                         fmt::join(option_names(*command), " "), values);
  }
  return fmt::format(R"(# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion of sinterscope, made from its own option descriptions
_sinterscope() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options values
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} {}" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}    *) return ;;
  esac
  case "|$values|" in *"|$before|"*) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}}
complete -o filenames -F _sinterscope sinterscope
)",
                     fmt::join(command_names(app), " "), fmt::join(option_names(app), " "), cases);
}

std::string wrong_name(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2) return "";
  const CLI::App* command = &app;
  int first = 1;
  if (argv[1][0] != '-') {
    command = command_named(app, argv[1]);
    first = 2;
    if (command == nullptr)
      return fmt::format("unknown command '{}'; did you mean '{}'? (sinterscope --help lists them)", argv[1],
                         nearest_name(argv[1], command_names(app)));
  }
  const std::vector<std::string> known = option_names(*command);
  for (int i = first; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--") break;
    if (word.rfind("--", 0) != 0) continue;
    word.resize(std::min(word.find('='), word.size()));
    if (std::find(known.begin(), known.end(), word) == known.end())
      return fmt::format("unknown option '{}'; did you mean '{}'? (sinterscope {}--help lists them)", word,
                         nearest_name(word, known), first == 2 ? argv[1] + std::string(" ") : "");
  }
  return "";
}

void add_describe_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("describe-commands", "the commands as a page or as a completion");
  command->group("");
  struct Arguments {
    bool completion = false, man = false;
  };
  auto arguments = std::make_shared<Arguments>();
  command->add_flag("--bash-completion", arguments->completion, "for bash instead of docs/cli.md");
  command->add_flag("--man", arguments->man, "as a man page instead");
  command->callback([&app, arguments] {
    fmt::print("{}", arguments->completion ? commands_as_bash_completion(app)
                     : arguments->man      ? commands_as_man_page(app)
                                           : commands_as_markdown(app));
  });
}

}  // namespace sinterscope
