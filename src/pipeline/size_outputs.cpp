// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/size_outputs.h"

#include <string>

#include "sinterscope/core/units.h"
#include "sinterscope/io/table_file.h"

namespace sinterscope {
namespace {

Cell whole(std::int64_t value) { return value; }

/// The sizes of a hold, for each that has been measured.
template <typename Visit>
void for_each_hold(const Products& products, const Visit& visit) {
  for (std::size_t h = 0; h < products.sizes.size(); ++h) visit(products.history.holds[h], products.sizes[h]);
}

const std::string& region_of(const Products& products, const Hold& hold) {
  return products.history.regions.at(static_cast<std::size_t>(hold.region));
}

void add_change(const Products& products, std::size_t from, std::size_t to, Table& table) {
  const HoldSizes &a = products.sizes[from], &b = products.sizes[to];
  const Hold &first = products.history.holds[from], &second = products.history.holds[to];
  if (a.laws.empty() || b.laws.empty()) return;
  const SizeDifference change = compare_sizes(a.laws.front(), b.laws.front(), b.shared_relative_error);
  table.add_row({region_of(products, first), whole(first.hold), whole(second.hold), a.laws.front().mean_nm,
                 b.laws.front().mean_nm, change.difference_nm, change.se_nm, change.low95_nm,
                 change.high95_nm, change.p_no_change});
}

}  // namespace

Table hold_particle_table(const Products& products) {
  Table table({"region", "hold", "track", "frames", "x_specimen_px", "y_specimen_px", "diameter_px",
               "diameter_se_px", "diameter_nm", "diameter_se_nm", "shared_se_nm", "chi2_per_dof", "steady",
               "counted", "flags"});
  for_each_hold(products, [&](const Hold& hold, const HoldSizes& sizes) {
    const auto pixel = products.regions.at(static_cast<std::size_t>(hold.region)).pixel_size_nm();
    const auto nm = [&pixel](double px) { return pixel ? Cell(px * *pixel) : Cell(); };
    for (std::size_t k = 0; k < sizes.sizes.size(); ++k) {
      const HoldSize& one = sizes.sizes[k];
      table.add_row({region_of(products, hold), whole(hold.hold), whole(sizes.tracks[k]), whole(one.frames),
                     one.x_px, one.y_px, one.diameter_px, one.diameter_se_px, nm(one.diameter_px),
                     nm(one.diameter_se_px), nm(one.diameter_shared_se_px), one.chi2_per_dof,
                     std::string(one.steady ? "yes" : "no"), std::string(sizes.counted[k] ? "yes" : "no"),
                     to_text(one.flags)});
    }
  });
  return table;
}

Table size_table(const Products& products) {
  Table table({"region", "hold", "temperature_c", "law", "particles", "mean_nm", "mean_se_nm", "sd_nm",
               "sd_se_nm", "sd_is_upper_limit", "q10_nm", "q25_nm", "median_nm", "q75_nm", "q90_nm",
               "found_share", "log_likelihood"});
  for_each_hold(products, [&](const Hold& hold, const HoldSizes& sizes) {
    for (const SizeDistribution& law : sizes.laws)
      table.add_row({region_of(products, hold), whole(hold.hold),
                     hold.temperature_K ? Cell(celsius_from_kelvin(*hold.temperature_K)) : Cell(),
                     std::string(law.law == SizeLaw::normal ? "normal" : "lognormal"), whole(law.particles),
                     law.mean_nm, law.mean_se_nm, law.sd_nm, law.sd_se_nm,
                     std::string(law.sd_bounded_below ? "no" : "yes"), law.quantile_nm(0.10),
                     law.quantile_nm(0.25), law.quantile_nm(0.50), law.quantile_nm(0.75),
                     law.quantile_nm(0.90), law.found_share, law.log_likelihood});
  });
  return table;
}

Table size_change_table(const Products& products) {
  Table table({"region", "hold_from", "hold_to", "mean_from_nm", "mean_to_nm", "difference_nm",
               "difference_se_nm", "low95_nm", "high95_nm", "p_no_change"});
  const std::vector<Hold>& holds = products.history.holds;
  std::size_t first = 0, last = 0;  // of the region; last that has particles
  for (std::size_t h = 1; h < products.sizes.size(); ++h) {
    if (holds[h].region != holds[first].region) {
      first = last = h;
      continue;
    }
    if (last != first) add_change(products, first, h, table);
    add_change(products, last, h, table);
    if (!products.sizes[h].laws.empty()) last = h;
  }
  return table;
}

Table size_histogram_table(const Products& products) {
  Table table({"region", "hold", "from_nm", "to_nm", "count", "corrected", "corrected_se"});
  for_each_hold(products, [&](const Hold& hold, const HoldSizes& sizes) {
    const SizeBins& bins = sizes.histogram;
    for (std::size_t k = 0; k < bins.counts.size(); ++k)
      table.add_row({region_of(products, hold), whole(hold.hold), bins.edges_nm[k], bins.edges_nm[k + 1],
                     whole(bins.counts[k]), bins.corrected[k], bins.corrected_se[k]});
  });
  return table;
}

void write_size_tables(const Products& products, const std::filesystem::path& folder) {
  write_csv(folder / "hold_particles.csv", hold_particle_table(products));
  write_csv(folder / "sizes.csv", size_table(products));
  write_csv(folder / "size_changes.csv", size_change_table(products));
  write_csv(folder / "size_histograms.csv", size_histogram_table(products));
}

}  // namespace sinterscope
