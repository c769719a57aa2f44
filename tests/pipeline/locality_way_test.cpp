// SPDX-License-Identifier: GPL-3.0-or-later
// Figure 1h-j of the paper through the whole way: large particles stay, small ones vanish in the hot hold and
// come back, away from the large ones or anywhere. A short version of bench/accuracy/tracking.py.

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "folders.h"
#include "sinterscope/core/random.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

constexpr double pixel_nm = 0.15, side_nm = 320 * pixel_nm;

struct Place {
  double x_nm, y_nm, room_nm;
};

Place free_place(Rng& dice, const std::vector<Place>& taken, double room_nm) {
  for (;;) {
    const Place one{dice.uniform(3.0, side_nm - 3.0), dice.uniform(3.0, side_nm - 3.0), room_nm};
    bool free = true;
    for (const Place& other : taken)
      free = free && std::hypot(one.x_nm - other.x_nm, one.y_nm - other.y_nm) >= other.room_nm;
    if (free) return one;
  }
}

/// Three regions with two large particles each; twelve small ones stand in the first hold and in the third.
nlohmann::json film(bool avoids, std::vector<double> temperatures_c = {200.0, 450.0, 200.0}) {
  Rng dice(7);
  const std::size_t holds = temperatures_c.size();
  std::vector<nlohmann::json> standing(holds, nlohmann::json::array());
  const auto add = [&](std::size_t hold, int region, int id, const Place& at, double diameter_nm) {
    standing[hold].push_back({{"region", std::to_string(region)},
                              {"id", id},
                              {"x_nm", at.x_nm},
                              {"y_nm", at.y_nm},
                              {"diameter_nm", diameter_nm}});
  };
  for (int region = 1; region <= 3; ++region) {
    std::vector<Place> large;
    for (int i = 0; i < 2; ++i) {
      large.push_back(free_place(dice, large, 8.0));
      for (std::size_t hold = 0; hold < holds; ++hold)
        add(hold, region, 1000 * region + i, large.back(), hold == 0 ? 4.2 : 4.5);
    }
    for (const std::size_t hold : {0U, 2U}) {
      std::vector<Place> taken = large;
      for (Place& one : taken) one.room_nm = avoids && hold == 2 ? 14.0 : 5.0;
      for (int i = 0; i < 12; ++i) {
        taken.push_back(free_place(dice, taken, 3.5));
        add(hold, region, 1000 * region + 100 * static_cast<int>(hold + 1) + i, taken.back(), 1.9);
      }
    }
  }
  nlohmann::json programme = nlohmann::json::array();
  for (std::size_t hold = 0; hold < holds; ++hold)
    programme.push_back({{"temperature_c", temperatures_c[hold]},
                         {"start_s", 1000.0 * static_cast<double>(hold)},
                         {"frames", 3},
                         {"number_density_nm2", 0.0},
                         {"mean_diameter_nm", 2.0},
                         {"particles", standing[hold]}});
  return {{"schema", "sinterscope/scene/1"},
          {"name", "locality"},
          {"seed", 5},
          {"regions", {"1", "2", "3"}},
          {"sample", {{"particle", "PdO"}, {"support", "CeO2(100)"}, {"shape_factor", 0.5}}},
          {"optics",
           {{"detector", "SE"},
            {"pixel_size_nm", pixel_nm},
            {"dose_counts", 60.0},
            {"probe_sigma_nm", 0.25},
            {"width_px", 320},
            {"height_px", 320}}},
          {"support", {{"kind", "flat"}}},
          {"drift", {{"walk_px", 0.3}}},
          {"population", {{"c_tot", 0.021}}},
          {"programme", programme}};
}

/// Painted and analysed; what was found is in "out".
void analyse(const TemporaryFolder& folder, const nlohmann::json& scene) {
  NoProgress silent;
  write_file(folder / "scene.json", scene.dump());
  simulate_experiment(folder / "scene.json", folder / "film", 1, silent);
  RunOptions options;
  options.out = folder / "out";
  options.overlays = 0;
  run_pipeline(folder / "film/pipeline.json", options, silent);
}

nlohmann::json avoidance_in(const nlohmann::json& scene) {
  const TemporaryFolder folder;
  analyse(folder, scene);
  for (const char* map : {"locality_map_1.tif", "locality_map_2.tif", "locality_map_3.tif"})
    EXPECT_TRUE(std::filesystem::exists(folder / "out" / map)) << map;
  return read_json_file(folder / "out/locality.json")["avoidance"];
}

TEST(LocalityWay, SeesThatReturningParticlesAvoidTheLargeOnes) {
  const nlohmann::json test = avoidance_in(film(true));
  ASSERT_TRUE(test.is_object());
  EXPECT_EQ(test["regions"], 3);
  // One false detection of the nine hot frames, of which 0.1 is allowed in each, may pass for a large one.
  EXPECT_GE(test["large"].get<int>(), 6);
  EXPECT_LE(test["large"].get<int>(), 7);
  // Most of 36 come back; the search may lose a few near the rim.
  EXPECT_GE(test["returned"].get<int>(), 30);
  EXPECT_LT(test["excess"].get<double>(), 0.0);
  EXPECT_LT(test["p_value"].get<double>(), 0.05);
}

TEST(LocalityWay, SeesNoAvoidanceWhereTheyReturnAnywhere) {
  const nlohmann::json test = avoidance_in(film(false));
  ASSERT_TRUE(test.is_object());
  // Uniform under the null hypothesis; this one scene is fixed by its seed.
  EXPECT_GT(test["p_value"].get<double>(), 0.05);
}

TEST(LocalityWay, MeasuresALargeParticleThatTwoHotHoldsShowAsOne) {
  const TemporaryFolder folder;
  analyse(folder, film(true, {200.0, 450.0, 200.0, 450.0}));
  const Table particles = read_csv(folder / "out/particles.csv");
  int large = 0;
  for (std::size_t row = 0; row < particles.rows().size(); ++row) {
    const double diameter_nm = *particles.number(row, "diameter_nm");
    if (diameter_nm < 3.5 || *particles.number(row, "hold") == 0.0) continue;
    ++large;
    EXPECT_NEAR(diameter_nm, 4.5, 0.05 * 4.5) << "row " << row;
    EXPECT_EQ(particles.text(row, "flags").find("touching"), std::string::npos) << "row " << row;
  }
  EXPECT_GE(large, 45);  // six large ones in nine frames of each
}

}  // namespace
}  // namespace sinterscope
