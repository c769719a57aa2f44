// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a result comes from: what run.json holds and the foot of the page shows.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sinterscope {

struct InputFile {
  std::string path;  ///< as the pipeline names it
  std::uint64_t bytes = 0;
  std::string sha256;  ///< hex; empty = not hashed
};

struct StageTiming {
  std::string stage;
  double wall_s = 0.0;
  double cpu_s = 0.0;
  bool resumed = false;  ///< taken from an earlier run instead of computed
};

struct Provenance {
  std::string version;  ///< of sinterscope
  std::string started;  ///< ISO 8601, UTC
  std::uint64_t seed = 0;
  int threads = 0;
  std::string options_json;  ///< every option in full, as JSON text
  std::vector<InputFile> inputs;
  std::vector<StageTiming> timings;
  std::vector<std::string> warnings;
  std::vector<std::pair<std::string, std::string>> notes;  ///< anything else: name, value
};

/// The text of run.json: two-space indented, keys in the order above. Throws Error where options_json is not
/// JSON.
std::string run_json(const Provenance& provenance);

}  // namespace sinterscope
