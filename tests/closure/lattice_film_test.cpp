// SPDX-License-Identifier: GPL-3.0-or-later
// A lattice goes through a cycle of heating and cooling, is filmed by the synthetic microscope, and the film
// is analysed as any other: particles where the lattice holds one, none where it is dispersed.

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "pipeline/folders.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/kmc_command.h"
#include "sinterscope/pipeline/run.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

const std::filesystem::path source_dir = SINTERSCOPE_SOURCE_DIR;

/// Runs the lattices of a file into lattice/, films the scene SCENE of them into film/ and analyses the film
/// into out/.
void film_and_analyse(const TemporaryFolder& folder, const std::filesystem::path& config,
                      const std::string& scene) {
  NoProgress silent;
  KmcRequest request;
  request.config = config;
  request.out = folder / "lattice";
  run_lattices(request, silent);
  simulate_experiment(folder / ("lattice/" + scene), folder / "film", 1, silent);
  RunOptions options;
  options.out = folder / "out";
  options.overlays = 0;
  ASSERT_TRUE(run_pipeline(folder / "film/pipeline.json", options, silent));
}

TEST(LatticeFilm, ShowsParticlesInTheColdHoldsAndNoneInTheHot) {
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(
      film_and_analyse(folder, source_dir / "pipelines/lattice_cycle.json", "scene.json"));

  const Table lattice = read_csv(folder / "lattice/holds.csv"), seen = read_csv(folder / "out/holds.csv");
  ASSERT_EQ(lattice.size(), 4u) << "cold, hot, cold, and the filmed end of the last";
  ASSERT_EQ(seen.size(), 3u);
  const std::vector<std::size_t> lattice_rows{0, 1, 3};
  for (std::size_t hold = 0; hold < 3; ++hold) {
    const std::size_t row = lattice_rows[hold];
    const bool particle = *lattice.number(row, "largest_atoms") > 0.5 * *lattice.number(row, "atoms");
    EXPECT_EQ(particle, hold != 1) << "the lattice itself: hold " << hold;
    if (particle) {
      // Eight frames of one particle; it may hide once under the noise of the fit, or show a loose part.
      ASSERT_NEAR(*seen.number(hold, "particles_per_frame"), 1.0, 0.13) << "hold " << hold;
    } else {
      EXPECT_EQ(*seen.number(hold, "particles_per_frame"), 0.0);
    }
  }
  // 128 atoms stand on about 6 x 6 sites of 0.383 nm in both cold holds: the disk of this area has 2.6 nm.
  // Squares blurred by the probe and loose rims leave 25 %.
  for (const std::size_t hold : {0u, 2u})
    EXPECT_NEAR(*seen.number(hold, "diameter_mean_nm"), 2.6, 0.65) << "hold " << hold;
}

TEST(LatticeFilm, ShowsTheRepeatsOfASeriesSideBySide) {
  const TemporaryFolder folder;
  const auto config = write_text(folder / "ensemble.json", R"({"schema": "sinterscope/kmc/1", "name": "four",
    "lattice": {"side": 64, "atoms": 128, "dh_ev": -0.16, "start": "particle", "snapshots": 2},
    "program": [{"temperature_k": 300, "events": 1e6}, {"temperature_k": 300, "events": 5e4}],
    "runs": [{"name": "cold", "repeat": 4}],
    "microscope": {"optics": {"pixel_size_nm": 0.15, "dose_counts": 100}},
    "output": {"pictures": false, "film": false}})");
  ASSERT_NO_FATAL_FAILURE(film_and_analyse(folder, config, "cold.scene.json"));

  const Table seen = read_csv(folder / "out/hold_particles.csv"), holds = read_csv(folder / "out/holds.csv");
  ASSERT_EQ(seen.size(), 4u) << "one particle a lattice";
  // Each lattice has a quarter of the field, 24.5 nm wide, and its particle in the middle of it.
  std::set<std::pair<int, int>> quarters;
  for (std::size_t row = 0; row < seen.size(); ++row) {
    const double x_nm = 0.15 * *seen.number(row, "x_specimen_px"),
                 y_nm = 0.15 * *seen.number(row, "y_specimen_px");
    quarters.insert({static_cast<int>(x_nm / 24.5), static_cast<int>(y_nm / 24.5)});
    EXPECT_NEAR(std::fmod(x_nm, 24.5), 12.2, 2.0);
    EXPECT_NEAR(std::fmod(y_nm, 24.5), 12.2, 2.0);
  }
  EXPECT_EQ(quarters.size(), 4u);
  EXPECT_NEAR(*holds.number(0, "support_area_nm2"), 4 * 24.5 * 24.5, 0.05 * 4 * 24.5 * 24.5)
      << "nothing but lattices in the field";
}

}  // namespace
}  // namespace sinterscope
