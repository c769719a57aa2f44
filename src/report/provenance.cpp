// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/provenance.h"

#include <nlohmann/json.hpp>

#include "sinterscope/core/error.h"

namespace sinterscope {

std::string run_json(const Provenance& provenance) {
  using Json = nlohmann::ordered_json;
  Json run;
  run["version"] = provenance.version;
  run["started"] = provenance.started;
  run["seed"] = provenance.seed;
  run["threads"] = provenance.threads;
  const std::string& options = provenance.options_json;
  run["options"] = Json::parse(options.empty() ? "{}" : options, nullptr, false);
  if (run["options"].is_discarded())
    throw Error("run.json: the options are not JSON: " + options.substr(0, 80));
  run["inputs"] = Json::array();
  for (const InputFile& input : provenance.inputs)
    run["inputs"].push_back({{"path", input.path}, {"bytes", input.bytes}, {"sha256", input.sha256}});
  run["timings"] = Json::array();
  for (const StageTiming& timing : provenance.timings)
    run["timings"].push_back({{"stage", timing.stage},
                              {"wall_s", timing.wall_s},
                              {"cpu_s", timing.cpu_s},
                              {"resumed", timing.resumed}});
  run["warnings"] = provenance.warnings;
  run["notes"] = Json::object();
  for (const auto& [name, value] : provenance.notes) run["notes"][name] = value;
  return run.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sinterscope
