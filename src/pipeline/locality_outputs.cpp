// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "file_part.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/io/tiff_writer.h"
#include "sinterscope/pipeline/outputs.h"

namespace sinterscope {
namespace {

Table particle_rows(const Locality& locality) {
  Table table({"hold", "region", "track", "x_nm", "y_nm", "diameter_nm", "size_class", "returned",
               "cell_area_nm2", "cell_cut", "c_cell", "c_kernel"});
  for (const HoldLocality& hold : locality.holds)
    for (const LocalParticle& one : hold.particles)
      table.add_row({std::int64_t{hold.hold}, hold.region, std::int64_t{one.track}, one.x_nm, one.y_nm,
                     one.diameter_nm, std::string(one.large ? "large" : "small"),
                     std::int64_t{one.returned ? 1 : 0}, one.cell_area_nm2,
                     std::int64_t{one.cell_cut ? 1 : 0}, one.c_cell, one.c_kernel});
  return table;
}

nlohmann::json summary(const Locality& locality) {
  nlohmann::json json = {
      {"schema", "sinterscope/locality/1"},
      {"large_from_nm", locality.large_from_nm ? nlohmann::json(*locality.large_from_nm) : nlohmann::json()},
      {"holds", nlohmann::json::array()},
      {"avoidance", nullptr}};
  for (const HoldLocality& hold : locality.holds) {
    int large = 0, returned = 0;
    for (const LocalParticle& one : hold.particles) {
      large += one.large ? 1 : 0;
      returned += one.returned ? 1 : 0;
    }
    json["holds"].push_back({{"hold", hold.hold},
                             {"region", hold.region},
                             {"large", large},
                             {"small", static_cast<int>(hold.particles.size()) - large},
                             {"returned", returned},
                             {"c_np_large", hold.c_np_large},
                             {"c_np_small", hold.c_np_small}});
  }
  if (locality.avoidance) {
    const Avoidance& test = *locality.avoidance;
    std::string reading =
        "p: probability that patterns which do not know of each other avoid at least as much; the pattern of "
        "large particles is moved as a whole (shift on the torus of the frame, flip or turn)";
    if (test.fields < 3)
      reading +=
          fmt::format("; {} region{}: fewer than three, where one shared feature of the field may decide",
                      test.fields, test.fields == 1 ? "" : "s");
    json["avoidance"] = {{"p_value", test.p_value},   {"excess", test.excess},
                         {"regions", test.fields},    {"large", test.large},
                         {"returned", test.returned}, {"replicates", test.replicates},
                         {"reading", reading}};
  }
  return json;
}

}  // namespace

void write_locality(const Products& products, const std::filesystem::path& folder) {
  if (!products.locality) return;
  const Locality& locality = *products.locality;
  write_csv(folder / "locality.csv", particle_rows(locality));
  write_file(folder / "locality.json", summary(locality).dump(1) + "\n");
  for (std::size_t r = 0; r < products.regions.size(); ++r) {
    const std::vector<const Hold*> holds = products.history.holds_of_region(static_cast<int>(r));
    const std::string suffix = products.regions.size() == 1 ? "" : "_" + file_part(products.regions[r].name);
    TiffStackFormat format;
    format.frames = holds.size();
    format.calibration = products.regions[r].raw->description().calibration;
    TiffStackWriter map(folder / ("locality_map" + suffix + ".tif"), format);
    for (std::size_t h = 0; h < products.history.holds.size(); ++h)
      if (products.history.holds[h].region == static_cast<int>(r)) map.write(locality.holds[h].map);
    map.finish();
  }
}

}  // namespace sinterscope
