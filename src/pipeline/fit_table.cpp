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

}  // namespace

std::string fit_table(const FitTableRequest& request) {
  const InventoryTable table = read_inventory_table(request.inventory, request.particles);
  Products products;
  products.config.sample = sample_of(request);
  const FitOptions options = read_options(request.options);
  in_context(request.inventory.string(), [&] {
    products.fit = fit_entropy_model(table.holds, *products.config.sample, options);
    products.models = compare_models(table.holds, *products.config.sample, options);
  });
  std::vector<FitMessage>& messages = products.fit->messages;
  messages.insert(messages.begin(), table.notes.begin(), table.notes.end());
  std::error_code failed;
  std::filesystem::create_directories(request.out, failed);
  if (failed) throw Error(fmt::format("{}: cannot be made: {}", request.out.string(), failed.message()));
  write_file(request.out / "fit.json", fit_json(products).dump(1) + "\n");
  return describe_fit(request.out / "fit.json");
}

}  // namespace sinterscope
