// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/observations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"

namespace sinterscope {
namespace {

/// One check of a number: the message names where it stands and what would be right.
void require(bool right, const std::string& where, const char* field, double value, const char* wanted) {
  if (!right) throw Error(fmt::format("{}: {} is {}: {}", where, field, value, wanted));
}

void check_optional(const std::string& where, const char* field, const std::optional<double>& value) {
  if (value)
    require(std::isfinite(*value) && *value >= 0.0, where, field, *value,
            "must be zero or positive, or left empty");
}

void check_limit(const std::string& where, const DetectionLimit& limit) {
  require(std::isfinite(limit.d50_nm), where, "detection d50 (nm)", limit.d50_nm, "must be a number");
  require(std::isfinite(limit.d50_se_nm) && limit.d50_se_nm >= 0.0, where, "error of d50 (nm)",
          limit.d50_se_nm, "must be zero or positive");
  require(std::isfinite(limit.width_nm) && limit.width_nm > 0.0, where, "detection width (nm)",
          limit.width_nm, "must be positive");
  require(limit.plateau > 0.0 && limit.plateau <= 1.0, where, "detection plateau", limit.plateau,
          "must lie above 0 and at most at 1");
  require(std::isfinite(limit.false_density_nm2) && limit.false_density_nm2 >= 0.0, where,
          "density of false detections (1/nm2)", limit.false_density_nm2, "must be zero or positive");
  require(std::isfinite(limit.false_diameter_nm) && limit.false_diameter_nm > 0.0, where,
          "diameter of false detections (nm)", limit.false_diameter_nm, "must be positive");
  require(std::isfinite(limit.false_diameter_log_sd) && limit.false_diameter_log_sd > 0.0, where,
          "spread of false detections", limit.false_diameter_log_sd, "must be positive");
}

void check_hold(const HoldInventory& hold) {
  const std::string where = fmt::format("region '{}', hold {}", hold.region, hold.hold);
  if (hold.temperature_K)
    require(std::isfinite(*hold.temperature_K) && *hold.temperature_K > 0.0, where, "temperature (K)",
            *hold.temperature_K, "must be above 0 K (Celsius belongs into temperature_c)");
  require(std::isfinite(hold.support_area_nm2) && hold.support_area_nm2 > 0.0, where, "support area (nm2)",
          hold.support_area_nm2, "must be positive: without an area there is no concentration");
  require(std::isfinite(hold.support_area_se_nm2) && hold.support_area_se_nm2 >= 0.0, where,
          "error of the support area (nm2)", hold.support_area_se_nm2, "must be zero or positive");
  for (const SizedParticle& particle : hold.particles) {
    require(std::isfinite(particle.diameter_nm) && particle.diameter_nm > 0.0, where,
            "particle diameter (nm)", particle.diameter_nm, "must be positive");
    require(std::isfinite(particle.diameter_se_nm) && particle.diameter_se_nm >= 0.0, where,
            "error of a particle diameter (nm)", particle.diameter_se_nm, "must be zero or positive");
  }
  check_limit(where, hold.limit);
  check_optional(where, "number density (1/nm2)", hold.number_density_nm2);
  check_optional(where, "mean diameter (nm)", hold.diameter_mean_nm);
  check_optional(where, "s.d. of the diameters (nm)", hold.diameter_sd_nm);
  check_optional(where, "c_np", hold.c_np);
  check_optional(where, "error of c_np", hold.c_np_se);
  if (hold.c_np_upper95)
    require(std::isfinite(*hold.c_np_upper95) && *hold.c_np_upper95 > 0.0, where, "upper limit of c_np",
            *hold.c_np_upper95, "must be positive, or left empty");
}

}  // namespace

void check_inventories(std::span<const HoldInventory> holds, const Sample& sample) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0.0; };
  require(positive(sample.volume_per_metal_atom_nm3), "sample", "volume per metal atom (nm3)",
          sample.volume_per_metal_atom_nm3,
          "must be positive: name a known particle phase or give its number");
  require(positive(sample.site_density_nm2), "sample", "site density (1/nm2)", sample.site_density_nm2,
          "must be positive: name a known support or give its number");
  require(positive(sample.shape_factor), "sample", "shape factor", sample.shape_factor, "must be positive");
  if (sample.loading_per_site)
    require(positive(*sample.loading_per_site), "sample", "loading per site", *sample.loading_per_site,
            "must be positive");
  std::set<std::pair<std::string, int>> seen;
  for (const HoldInventory& hold : holds) {
    check_hold(hold);
    if (!seen.insert({hold.region, hold.hold}).second)
      throw Error(fmt::format(
          "region '{}', hold {} stands twice in the table of holds: number the holds of a region 0, 1, "
          "2, ... in time order",
          hold.region, hold.hold));
  }
}

SizePrior size_prior(std::span<const HoldInventory> holds, const FitOptions& options) {
  constexpr std::size_t enough = 5;
  double sum = 0.0;
  double count = 0.0;
  for (const HoldInventory& hold : holds) {
    if (hold.particles.size() < enough) continue;
    for (const SizedParticle& particle : hold.particles) sum += std::log(particle.diameter_nm);
    count += static_cast<double>(hold.particles.size());
  }
  return {count > 0.0 ? sum / count : std::log(options.size_prior_nm), options.size_prior_log_sd,
          options.size_spread, options.size_spread_log_sd};
}

std::vector<RegionObservations> observe(std::span<const HoldInventory> holds, const Sample& sample,
                                        const FitOptions& options, int threads) {
  check_inventories(holds, sample);
  std::vector<RegionObservations> regions;
  for (std::size_t i = 0; i < holds.size(); ++i) {
    if (!holds[i].temperature_K) continue;
    auto found = std::find_if(regions.begin(), regions.end(), [&](const RegionObservations& region) {
      return region.region == holds[i].region;
    });
    if (found == regions.end()) {
      regions.push_back({holds[i].region, 0.0, {}});
      found = regions.end() - 1;
    }
    found->support_area_nm2 = std::max(found->support_area_nm2, holds[i].support_area_nm2);
    found->holds.push_back({i, *holds[i].temperature_K, 0.0, {}});
  }
  std::vector<HoldObservation*> all;
  for (RegionObservations& region : regions) {
    std::sort(region.holds.begin(), region.holds.end(),
              [&](const HoldObservation& a, const HoldObservation& b) {
                return holds[a.input].hold < holds[b.input].hold;
              });
    double peak = 0.0;
    for (HoldObservation& hold : region.holds) {
      peak = std::max(peak, hold.temperature_K);
      hold.peak_temperature_K = peak;
      all.push_back(&hold);
    }
  }
  const SizePrior prior = size_prior(holds, options);
  parallel_for(all.size(), threads, [&](std::size_t i) {
    all[i]->table = hold_table(holds[all[i]->input], sample, prior, options.closed_regions);
  });
  return regions;
}

TableReading read_table(std::span<const double> table) {
  const auto top = static_cast<std::size_t>(std::max_element(table.begin(), table.end()) - table.begin());
  TableReading reading;
  reading.log_likelihood = table[top];
  reading.evidence = 2.0 * (table[top] - table.front());
  double offset = 0.0;
  if (top > 0 && top + 1 < table.size()) {
    const double curvature = table[top - 1] - 2.0 * table[top] + table[top + 1];
    if (curvature < 0.0)
      offset = 0.5 * (table[top - 1] - table[top + 1]) / curvature;  // vertex of the parabola
  }
  if (top > 0) reading.c_np = std::exp(log_c_at(static_cast<int>(top)) + offset * log_c_step());
  reading.upper95 = std::exp(log_c_at(log_c_points - 1));
  for (std::size_t k = top; k + 1 < table.size(); ++k) {
    const double here = 2.0 * (table[top] - table[k]);
    const double next = 2.0 * (table[top] - table[k + 1]);
    if (next < 2.706) continue;
    reading.upper95 = std::exp(log_c_at(static_cast<int>(k)) + log_c_step() * (2.706 - here) / (next - here));
    break;
  }
  return reading;
}

}  // namespace sinterscope
