// SPDX-License-Identifier: GPL-3.0-or-later
#include "inventory_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "sinterscope/core/error.h"
#include "sinterscope/core/normal.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/table_file.h"

namespace sinterscope {
namespace {

constexpr double default_d50_nm = 1.0;  ///< where the table says nothing of the detection limit
constexpr double default_width_nm = 0.12;
constexpr double relative_size_se = 0.05;  ///< of a diameter without its own error
constexpr double largest_count = 1e6;

std::string where(std::size_t row) { return fmt::format("row {}", row + 1); }

double required(const Table& table, std::size_t row, const char* column) {
  const auto value = table.number(row, column);
  if (!value) throw Error(fmt::format("{}: {} is empty", where(row), column));
  return *value;
}

/// A count or an index: whole, not negative.
int whole_number(double value, const char* column, std::size_t row) {
  if (!(value >= 0.0 && value <= largest_count && value == std::floor(value)))
    throw Error(fmt::format("{}: {} is {}: must be a whole number from 0 on", where(row), column, value));
  return static_cast<int>(value);
}

std::optional<double> optional_number(const Table& table, std::size_t row, const char* column) {
  return table.has_column(column) ? table.number(row, column) : std::nullopt;
}

/// The column `particles`: what stood in the hold, as a whole number.
std::optional<int> counted(const Table& table, std::size_t row) {
  const auto count = optional_number(table, row, "particles");
  return count ? std::optional<int>(whole_number(*count, "particles", row)) : std::nullopt;
}

std::string region_of(const Table& table, std::size_t row) {
  const std::string region = table.has_column("region") ? table.text(row, "region") : "";
  return region.empty() ? "1" : region;
}

DetectionLimit read_limit(const Table& table, std::size_t row) {
  DetectionLimit limit;
  limit.d50_nm = optional_number(table, row, "d50_nm").value_or(default_d50_nm);
  limit.width_nm = default_width_nm;
  if (const auto d90 = optional_number(table, row, "d90_nm")) {
    if (!(*d90 > limit.d50_nm))
      throw Error(
          fmt::format("{}: d90_nm is {}: must be larger than d50_nm ({})", where(row), *d90, limit.d50_nm));
    limit.width_nm = (*d90 - limit.d50_nm) / std::log(9.0);
  }
  return limit;
}

/// Without a list of particles: as many as were counted, at the quantiles of a lognormal of the given mean
/// and spread.
std::vector<SizedParticle> from_summary(const Table& table, std::size_t row, double area_nm2) {
  std::optional<double> count = counted(table, row);
  if (!count)
    if (const auto density = optional_number(table, row, "number_density_nm2")) count = *density * area_nm2;
  if (!count) count = optional_number(table, row, "particles_per_frame");
  if (!count)
    throw Error(
        fmt::format("{}: says nothing of the particles: give particles (0 where none were seen), "
                    "number_density_nm2, particles_per_frame, or c_np with c_np_se",
                    where(row)));
  if (!(*count >= 0.0 && *count <= largest_count))
    throw Error(fmt::format("{}: the number of particles is {}: must lie between 0 and {}", where(row),
                            *count, largest_count));
  const auto n = static_cast<std::size_t>(std::lround(*count));
  std::vector<SizedParticle> particles;
  if (n == 0) return particles;
  const double mean = required(table, row, "diameter_mean_nm");
  if (!(mean > 0.0))
    throw Error(fmt::format("{}: diameter_mean_nm is {}: must be positive", where(row), mean));
  const double sd = optional_number(table, row, "diameter_sd_nm").value_or(0.15 * mean);
  if (!(sd >= 0.0))
    throw Error(fmt::format("{}: diameter_sd_nm is {}: must not be negative", where(row), sd));
  const double log_variance = std::log1p(sd * sd / (mean * mean));
  for (std::size_t i = 0; i < n; ++i) {
    const double z = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
    const double diameter = mean * std::exp(z * std::sqrt(log_variance) - 0.5 * log_variance);
    particles.push_back({diameter, relative_size_se * diameter});
  }
  return particles;
}

/// The row's c_np with its error, or its upper limit, as a summary; false where it has neither, or counts.
bool read_concentration(const Table& table, std::size_t row, HoldInventory& hold) {
  for (const char* count : {"particles", "number_density_nm2", "particles_per_frame"})
    if (optional_number(table, row, count)) return false;
  hold.c_np = optional_number(table, row, "c_np");
  hold.c_np_se = optional_number(table, row, "c_np_se");
  hold.c_np_upper95 = optional_number(table, row, "c_np_upper95");
  if (!hold.c_np && !hold.c_np_upper95) return false;
  if (hold.c_np.value_or(0.0) > 0.0) {
    if (!hold.c_np_se || !(*hold.c_np_se > 0.0))
      throw Error(fmt::format(
          "{}: c_np without a positive c_np_se: an inventory without its error has no weight", where(row)));
  } else if (!hold.c_np_upper95) {
    throw Error(
        fmt::format("{}: nothing in particles, but c_np_upper95 is empty: give the upper limit, or "
                    "particles = 0 with d50_nm",
                    where(row)));
  } else {
    hold.limit.d50_nm = 0.0;  // the limit is the whole statement: no detection curve to do better with
  }
  return true;
}

std::optional<double> temperature_K(const Table& table, std::size_t row) {
  const auto kelvin = optional_number(table, row, "temperature_k");
  const auto celsius = optional_number(table, row, "temperature_c");
  if (kelvin && celsius && std::abs(*kelvin - kelvin_from_celsius(*celsius)) > 0.5)
    throw Error(fmt::format("{}: temperature_k is {} and temperature_c is {}: they disagree", where(row),
                            *kelvin, *celsius));
  if (kelvin) return kelvin;
  return celsius ? std::optional<double>(kelvin_from_celsius(*celsius)) : std::nullopt;
}

/// The number of a row's hold: as it says, or its place among the rows of its region.
int hold_number(const Table& table, std::size_t row) {
  if (table.has_column("hold")) return whole_number(required(table, row, "hold"), "hold", row);
  int number = 0;
  for (std::size_t earlier = 0; earlier < row; ++earlier)
    number += region_of(table, earlier) == region_of(table, row) ? 1 : 0;
  return number;
}

HoldInventory read_hold(const Table& table, std::size_t row, bool listed) {
  HoldInventory hold;
  hold.hold = hold_number(table, row);
  hold.region = region_of(table, row);
  hold.temperature_K = temperature_K(table, row);
  hold.start_s = optional_number(table, row, "start_s").value_or(static_cast<double>(row));
  hold.end_s = optional_number(table, row, "end_s").value_or(hold.start_s + 1.0);
  hold.frames = whole_number(optional_number(table, row, "frames").value_or(1.0), "frames", row);
  hold.support_area_nm2 = required(table, row, "support_area_nm2");
  hold.limit = read_limit(table, row);
  if (!(hold.support_area_nm2 > 0.0 && std::isfinite(hold.support_area_nm2)))
    throw Error(
        fmt::format("{}: support_area_nm2 is {}: must be positive", where(row), hold.support_area_nm2));
  if (!listed && !read_concentration(table, row, hold))
    hold.particles = from_summary(table, row, hold.support_area_nm2);
  return hold;
}

/// A table; one that another locale wrote looks as if it had a single column, and is told so.
Table read_commas(const std::filesystem::path& file) {
  std::ifstream text(file);
  std::string header;
  while (std::getline(text, header) && (header.empty() || header.front() == '#')) continue;
  if (header.find(',') == std::string::npos && header.find_first_of(";\t") != std::string::npos)
    throw Error(fmt::format("{}: columns are separated by {}: must be commas, and numbers written with '.'",
                            file.string(), header.find(';') != std::string::npos ? "semicolons" : "tabs"));
  return read_csv(file);
}

/// Particles cannot cover more than there is: a unit is wrong then.
void check_coverage(const HoldInventory& hold) {
  double area = 0.0;
  for (const SizedParticle& particle : hold.particles)
    area += 0.25 * pi * particle.diameter_nm * particle.diameter_nm;
  if (area > hold.support_area_nm2)
    throw Error(
        fmt::format("hold {} of region '{}': its particles cover {:.3g} times its support area: are "
                    "diameters in nm and areas in nm2?",
                    hold.hold, hold.region, area / hold.support_area_nm2));
}

/// In real programmes temperatures are round in Celsius; where all are round in kelvin, a column was
/// mistaken.
bool looks_like_kelvin(const std::vector<HoldInventory>& holds) {
  constexpr double round_to = 5.0, tolerance = 0.2;
  bool any = false;
  for (const HoldInventory& hold : holds) {
    if (!hold.temperature_K) continue;
    any = true;
    const double shifted = celsius_from_kelvin(celsius_from_kelvin(*hold.temperature_K));
    if (std::abs(shifted - round_to * std::round(shifted / round_to)) > tolerance) return false;
  }
  return any;
}

std::vector<FitMessage> notes_on(const Table& table, const std::vector<HoldInventory>& holds, bool listed) {
  std::vector<FitMessage> notes;
  if (table.has_column("temperature_c") && looks_like_kelvin(holds))
    notes.push_back({"kelvin_as_celsius",
                     "All temperatures would be round if they were kelvin: then name the column "
                     "temperature_k instead of temperature_c."});
  const bool counts = listed || std::any_of(holds.begin(), holds.end(),
                                            [](const HoldInventory& hold) { return !hold.c_np_upper95; });
  if (counts && !table.has_column("d50_nm"))
    notes.push_back({"assumed_limit",
                     fmt::format("No column d50_nm: it is assumed that half of all particles of {} nm were "
                                 "found. Where nothing was seen the answer rests on it.",
                                 default_d50_nm)});
  return notes;
}

void add_particles(std::vector<HoldInventory>& inventory, const Table& particles) {
  std::map<std::pair<std::string, int>, std::string> frame_of;
  for (std::size_t row = 0; row < particles.size(); ++row) {
    const int number = whole_number(required(particles, row, "hold"), "hold", row);
    const std::string region = region_of(particles, row);
    HoldInventory* hold = nullptr;
    for (HoldInventory& one : inventory)
      if (one.hold == number && one.region == region) hold = &one;
    if (!hold)
      throw Error(
          fmt::format("{}: hold {} of region '{}' is not in the table of holds", where(row), number, region));
    if (particles.has_column("frame")) {
      const std::string frame = particles.text(row, "frame");
      if (frame_of.emplace(std::pair(region, number), frame).first->second != frame)
        throw Error(
            fmt::format("{}: hold {} has rows of several frames: give one row a particle and hold "
                        "(hold_particles.csv of `run`), or the same particle counts once a frame",
                        where(row), number));
    }
    const double diameter = required(particles, row, "diameter_nm");
    hold->particles.push_back(
        {diameter, optional_number(particles, row, "diameter_se_nm").value_or(relative_size_se * diameter)});
  }
}

}  // namespace

InventoryTable read_inventory_table(const std::filesystem::path& holds_file,
                                    const std::filesystem::path& particles_file) {
  InventoryTable result;
  const bool listed = !particles_file.empty();
  const Table table = read_commas(holds_file);
  in_context(holds_file.string(), [&] {
    if (table.size() == 0) throw Error("no rows: a table of holds needs at least one");
    if (!table.has_column("temperature_k")) table.column("temperature_c");  // one of them must be there
    for (std::size_t row = 0; row < table.size(); ++row)
      result.holds.push_back(read_hold(table, row, listed));
  });
  if (listed) {
    const Table particles = read_commas(particles_file);
    in_context(particles_file.string(), [&] { add_particles(result.holds, particles); });
    for (std::size_t row = 0; row < table.size(); ++row)
      if (const auto count = counted(table, row);
          count && *count != static_cast<int>(result.holds[row].particles.size()))
        throw Error(fmt::format("{}: {}: particles is {}, but {} lists {} of hold {}", holds_file.string(),
                                where(row), *count, particles_file.string(),
                                result.holds[row].particles.size(), result.holds[row].hold));
  }
  in_context(holds_file.string(), [&] {
    for (const HoldInventory& hold : result.holds) check_coverage(hold);
  });
  result.notes = notes_on(table, result.holds, listed);
  return result;
}

}  // namespace sinterscope
