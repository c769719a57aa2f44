// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/fit_table.h"

#include <fmt/format.h>

#include "inventory_table.h"
#include "sinterscope/core/error.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/xps.h"

namespace sinterscope {
namespace {

Sample sample_of(const FitTableRequest& request) {
  nlohmann::json sample = {
      {"particle", request.particle}, {"support", request.support}, {"shape_factor", request.shape_factor}};
  if (request.loading_wt_percent.has_value() != request.surface_area_m2_g.has_value())
    throw usage_error("a loading needs --loading-wt-percent and --surface-area-m2-g together");
  if (request.loading_wt_percent) {
    sample["loading_wt_percent"] = *request.loading_wt_percent;
    sample["surface_area_m2_g"] = *request.surface_area_m2_g;
  }
  return read_sample(sample, "command line");
}

FitOptions read_options(const std::filesystem::path& file) {
  FitOptions options;
  if (file.empty()) return options;
  JsonReader reader(read_json_file(file), file.string());
  reader.read_fields(options);
  reader.finish();
  return options;
}

/// The fit with the spectra and without them; its other keys are those of the fit with them.
nlohmann::json beside_each_other(const nlohmann::json& with, const nlohmann::json& without,
                                 const std::vector<DispersedShare>& shares) {
  nlohmann::json result = {{"shares", nlohmann::json::array()}};
  for (const DispersedShare& share : shares)
    result["shares"].push_back({{"temperature_k", share.temperature_K},
                                {"interfacial_fraction", share.fraction},
                                {"logit_se", share.logit_se}});
  for (const char* key : {"dh_ev", "c_ad", "redispersion_temperature_k"}) {
    result["with"][key] = with.at(key);
    result["without"][key] = without.at(key);
  }
  return result;
}

std::string comparison_text(const nlohmann::json& both) {
  const auto end = [](const nlohmann::json& value) {
    return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : std::string("open");
  };
  std::string text;
  for (const char* which : {"with", "without"}) {
    const nlohmann::json& interval = both.at(which).at("dh_ev").at("interval95");
    text +=
        fmt::format("dh {:<7} the spectra: 95 % {} to {} eV\n", which, end(interval[0]), end(interval[1]));
  }
  return text;
}

}  // namespace

std::string fit_table(const FitTableRequest& request) {
  const InventoryTable table = read_inventory_table(request.inventory, request.particles);
  Products products;
  products.config.sample = sample_of(request);
  const FitOptions options = read_options(request.options);
  std::vector<DispersedShare> shares;
  if (!request.xps.empty()) shares = read_dispersed_shares(request.xps);
  in_context(request.inventory.string(), [&] {
    products.fit = fit_entropy_model(table.holds, *products.config.sample, options, 1, shares);
    products.models = compare_models(table.holds, *products.config.sample, options);
    withhold_refuted(*products.fit, *products.models);
  });
  std::vector<FitMessage>& messages = products.fit->messages;
  messages.insert(messages.begin(), table.notes.begin(), table.notes.end());
  std::error_code failed;
  std::filesystem::create_directories(request.out, failed);
  if (failed) throw Error(fmt::format("{}: cannot be made: {}", request.out.string(), failed.message()));
  nlohmann::json result = fit_json(products);
  std::string note;
  if (!shares.empty()) {
    Products alone;
    alone.fit = fit_entropy_model(table.holds, *products.config.sample, options);
    result["xps"] = beside_each_other(result, fit_json(alone), shares);
    note = comparison_text(result["xps"]);
  }
  write_file(request.out / "fit.json", result.dump(1) + "\n");
  return describe_fit(request.out / "fit.json") + note;
}

}  // namespace sinterscope
