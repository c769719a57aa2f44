// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The command line all sharded studies share: NAME [--row NAME] [--experiments N] [--shard I/N] [--seed S]
// writes one line per experiment of shard I of N (1 <= I <= N); NAME --table FILE... reads such lines from
// any number of shards and prints the table.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace sinterscope::study {

struct Options {
  std::string row;  ///< empty = all
  int experiments = 300;
  int shard = 1, shards = 1;
  std::uint64_t seed = 1;
  std::vector<std::string> tables;  ///< files to summarise; empty = simulate
};

inline Options read_options(int count, char** words) {
  Options options;
  const std::vector<std::string> list(words + 1, words + count);
  const auto usage = [&] {
    std::fprintf(stderr,
                 "usage: %s [--row NAME] [--experiments N] [--shard I/N] [--seed S] > SHARD\n       %s "
                 "--table SHARD...\n",
                 words[0], words[0]);
    std::exit(2);
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == "--table") {
      options.tables.assign(list.begin() + static_cast<std::ptrdiff_t>(i) + 1, list.end());
      return options;
    }
    if (i + 1 >= list.size()) usage();
    const std::string& value = list[++i];
    if (list[i - 1] == "--row")
      options.row = value;
    else if (list[i - 1] == "--experiments")
      options.experiments = std::stoi(value);
    else if (list[i - 1] == "--seed")
      options.seed = std::stoull(value);
    else if (list[i - 1] != "--shard" ||
             std::sscanf(value.c_str(), "%d/%d", &options.shard, &options.shards) != 2 || options.shard < 1 ||
             options.shard > options.shards)
      usage();
  }
  return options;
}

/// Lines of all files, each as its words.
inline std::vector<std::vector<std::string>> read_shards(const std::vector<std::string>& files) {
  std::vector<std::vector<std::string>> lines;
  for (const std::string& name : files) {
    std::ifstream file(name);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", name.c_str());
      std::exit(1);
    }
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      lines.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
    }
  }
  return lines;
}

/// Calls experiment(i) for those of a row that belong to the shard, and hands its line out.
template <typename Experiment>
void for_each_experiment(const Options& options, const std::string& row, Experiment&& experiment) {
  if (!options.row.empty() && options.row != row) return;
  for (int i = options.shard - 1; i < options.experiments; i += options.shards) {
    experiment(static_cast<std::uint64_t>(i));
    std::fflush(stdout);
  }
}

/// The whole of a study's main.
inline int run(int count, char** words, void (*simulate)(const Options&),
               void (*print_table)(const std::vector<std::string>&)) {
  const Options options = read_options(count, words);
  if (options.tables.empty())
    simulate(options);
  else
    print_table(options.tables);
  return 0;
}

}  // namespace sinterscope::study
