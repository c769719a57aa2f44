// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/fit_table.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/core/normal.h"
#include "sinterscope/core/units.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/run.h"

namespace sinterscope {
namespace {

constexpr double default_d50_nm = 1.0;  ///< where the table says nothing of the detection limit
constexpr double default_width_nm = 0.12;
constexpr double relative_size_se = 0.05;  ///< of a diameter without its own error
constexpr double largest_count = 1e6;

std::string where(const std::filesystem::path& file, std::size_t row) {
  return fmt::format("{}: row {}", file.string(), row + 2);
}

double required(const Table& table, std::size_t row, const char* column, const std::filesystem::path& file) {
  const auto value = table.number(row, column);
  if (!value) throw Error(fmt::format("{}: {} is empty", where(file, row), column));
  return *value;
}

/// A count or an index: whole, not negative.
int whole_number(double value, const char* column, std::size_t row, const std::filesystem::path& file) {
  if (!(value >= 0.0 && value <= largest_count && value == std::floor(value)))
    throw Error(
        fmt::format("{}: {} is {}: must be a whole number from 0 on", where(file, row), column, value));
  return static_cast<int>(value);
}

std::optional<double> optional_number(const Table& table, std::size_t row, const char* column) {
  return table.has_column(column) ? table.number(row, column) : std::nullopt;
}

std::string region_of(const Table& table, std::size_t row) {
  const std::string region = table.has_column("region") ? table.text(row, "region") : "";
  return region.empty() ? "1" : region;
}

DetectionLimit read_limit(const Table& table, std::size_t row, const std::filesystem::path& file) {
  DetectionLimit limit;
  limit.d50_nm = optional_number(table, row, "d50_nm").value_or(default_d50_nm);
  limit.width_nm = default_width_nm;
  if (const auto d90 = optional_number(table, row, "d90_nm")) {
    if (!(*d90 > limit.d50_nm))
      throw Error(fmt::format("{}: d90_nm is {}: must be larger than d50_nm ({})", where(file, row), *d90,
                              limit.d50_nm));
    limit.width_nm = (*d90 - limit.d50_nm) / std::log(9.0);
  }
  return limit;
}

/// Without a list of particles: as many as were counted, at the quantiles of a lognormal of the given mean
/// and spread.
std::vector<SizedParticle> from_summary(const Table& table, std::size_t row, double area_nm2,
                                        const std::filesystem::path& file) {
  std::optional<double> count = optional_number(table, row, "particles");
  if (!count)
    if (const auto density = optional_number(table, row, "number_density_nm2")) count = *density * area_nm2;
  if (!count) count = optional_number(table, row, "particles_per_frame");
  if (!count)
    throw Error(
        fmt::format("{}: says nothing of the particles: give particles (0 where none were seen), "
                    "number_density_nm2, particles_per_frame, or c_np with c_np_se",
                    where(file, row)));
  if (!(*count >= 0.0 && *count <= largest_count))
    throw Error(fmt::format("{}: the number of particles is {}: must lie between 0 and {}", where(file, row),
                            *count, largest_count));
  const auto n = static_cast<std::size_t>(std::lround(*count));
  std::vector<SizedParticle> particles;
  if (n == 0) return particles;
  const double mean = required(table, row, "diameter_mean_nm", file);
  if (!(mean > 0.0))
    throw Error(fmt::format("{}: diameter_mean_nm is {}: must be positive", where(file, row), mean));
  const double sd = optional_number(table, row, "diameter_sd_nm").value_or(0.15 * mean);
  const double log_variance = std::log1p(sd * sd / (mean * mean));
  for (std::size_t i = 0; i < n; ++i) {
    const double z = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
    const double diameter = mean * std::exp(z * std::sqrt(log_variance) - 0.5 * log_variance);
    particles.push_back({diameter, relative_size_se * diameter});
  }
  return particles;
}

/// The row's c_np with its error, or its upper limit, as a summary; false where it has neither, or counts.
bool read_concentration(const Table& table, std::size_t row, HoldInventory& hold,
                        const std::filesystem::path& file) {
  for (const char* count : {"particles", "number_density_nm2", "particles_per_frame"})
    if (optional_number(table, row, count)) return false;
  hold.c_np = optional_number(table, row, "c_np");
  hold.c_np_se = optional_number(table, row, "c_np_se");
  hold.c_np_upper95 = optional_number(table, row, "c_np_upper95");
  if (!hold.c_np && !hold.c_np_upper95) return false;
  if (hold.c_np.value_or(0.0) > 0.0) {
    if (!hold.c_np_se || !(*hold.c_np_se > 0.0))
      throw Error(
          fmt::format("{}: c_np without a positive c_np_se: an inventory without its error has no weight",
                      where(file, row)));
  } else if (!hold.c_np_upper95) {
    throw Error(
        fmt::format("{}: nothing in particles, but c_np_upper95 is empty: give the upper limit, or "
                    "particles = 0 with d50_nm",
                    where(file, row)));
  } else {
    hold.limit.d50_nm = 0.0;  // the limit is the whole statement: no detection curve to do better with
  }
  return true;
}

std::vector<HoldInventory> read_inventory(const FitTableRequest& request) {
  const Table holds = read_csv(request.inventory);
  if (holds.size() == 0)
    throw Error(fmt::format("{}: no rows: a table of holds needs at least one", request.inventory.string()));
  std::vector<HoldInventory> inventory;
  for (std::size_t row = 0; row < holds.size(); ++row) {
    HoldInventory hold;
    hold.hold = whole_number(required(holds, row, "hold", request.inventory), "hold", row, request.inventory);
    hold.region = region_of(holds, row);
    if (const auto celsius = optional_number(holds, row, "temperature_c"))
      hold.temperature_K = kelvin_from_celsius(*celsius);
    hold.start_s = optional_number(holds, row, "start_s").value_or(static_cast<double>(row));
    hold.end_s = optional_number(holds, row, "end_s").value_or(hold.start_s + 1.0);
    hold.frames =
        whole_number(optional_number(holds, row, "frames").value_or(1.0), "frames", row, request.inventory);
    hold.support_area_nm2 = required(holds, row, "support_area_nm2", request.inventory);
    hold.limit = read_limit(holds, row, request.inventory);
    if (!(hold.support_area_nm2 > 0.0 && std::isfinite(hold.support_area_nm2)))
      throw Error(fmt::format("{}: support_area_nm2 is {}: must be positive", where(request.inventory, row),
                              hold.support_area_nm2));
    if (request.particles.empty() && !read_concentration(holds, row, hold, request.inventory))
      hold.particles = from_summary(holds, row, hold.support_area_nm2, request.inventory);
    inventory.push_back(hold);
  }
  return inventory;
}

void add_particles(std::vector<HoldInventory>& inventory, const std::filesystem::path& file) {
  const Table particles = read_csv(file);
  for (std::size_t row = 0; row < particles.size(); ++row) {
    const int number = whole_number(required(particles, row, "hold", file), "hold", row, file);
    const std::string region = region_of(particles, row);
    HoldInventory* hold = nullptr;
    for (HoldInventory& one : inventory)
      if (one.hold == number && one.region == region) hold = &one;
    if (!hold)
      throw Error(fmt::format("{}: hold {} of region '{}' is not in the table of holds", where(file, row),
                              number, region));
    const double diameter = required(particles, row, "diameter_nm", file);
    hold->particles.push_back(
        {diameter, optional_number(particles, row, "diameter_se_nm").value_or(relative_size_se * diameter)});
  }
}

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
  std::vector<HoldInventory> inventory = read_inventory(request);
  if (!request.particles.empty()) add_particles(inventory, request.particles);
  Products products;
  products.config.sample = sample_of(request);
  const FitOptions options = read_options(request.options);
  in_context(request.inventory.string(), [&] {
    products.fit = fit_entropy_model(inventory, *products.config.sample, options);
    products.models = compare_models(inventory, *products.config.sample, options);
  });
  std::error_code failed;
  std::filesystem::create_directories(request.out, failed);
  if (failed) throw Error(fmt::format("{}: cannot be made: {}", request.out.string(), failed.message()));
  write_file(request.out / "fit.json", fit_json(products).dump(1) + "\n");
  return describe_fit(request.out / "fit.json");
}

}  // namespace sinterscope
