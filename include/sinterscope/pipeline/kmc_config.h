// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The file of a lattice run: lattices, temperature programs, ensembles, or a phase diagram.
//
// JSON, schema "sinterscope/kmc/1". `lattice` (see KmcOptions) and `program` hold for every run; an entry of
// `runs` may name its own, `repeat` it with other random numbers, and `vary` an option over a list. Without
// `runs` there is one. With `phase_diagram` (see PhaseOptions) the lattice is run over a grid instead.
// `microscope` is a scene (see simulate) under which the lattices are put; the command then writes it with
// the lattices on it.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/kmc/kmc_run.h"
#include "sinterscope/kmc/phase_diagram.h"

namespace sinterscope {

inline constexpr const char* kmc_schema = "sinterscope/kmc/1";

struct KmcOutput {
  bool pictures = true;
  bool film = true;
  int picture_side_px = 480;
  int film_pictures = 120;
  double film_pictures_per_s = 8.0;
  int microscope_frames = 8;
  double checkpoint_s = 10.0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.pictures, {"pictures", "", "write every snapshot as PNG"});
    visit(self.film, {"film", "", "write an animated PNG of the snapshots"});
    visit(self.picture_side_px,
          {"picture_side_px", "px", "side of a picture; a whole number of pixels per site", 64, 4096});
    visit(self.film_pictures, {"film_pictures", "1", "at most so many pictures in the film", 1, 10000});
    visit(self.film_pictures_per_s, {"film_pictures_per_s", "1/s", "speed of the film", 0.1, 100});
    visit(self.microscope_frames,
          {"microscope_frames", "1", "at most so many snapshots, the last of each hold, in scene.json", 1,
           10000});
    visit(self.checkpoint_s, {"checkpoint_s", "s", "time between two checkpoints of a run", 0.0, 1e6});
  }
};

/// One run with its name, which is also the name of its folder.
struct NamedRun {
  std::string name;
  std::string series;  ///< the name without the number of the repeat
  KmcRun run;
  std::filesystem::path start_file;  ///< empty = none
};

struct KmcConfig {
  std::filesystem::path path;
  std::string name;
  std::uint64_t seed = 1;
  std::vector<NamedRun> runs;          ///< empty for a phase diagram
  std::optional<PhaseOptions> phases;  ///< with `lattice`
  KmcOptions lattice;
  KmcOutput output;
  nlohmann::json microscope;  ///< null = none
};

/// What the command line may say instead of the file.
struct KmcOverrides {
  std::optional<double> events;  ///< executed hops of every temperature step
  std::optional<std::uint64_t> seed;
};

/// Reads and checks a file; usage errors name file, key, value and what would be right.
KmcConfig read_kmc_config(const std::filesystem::path& path, const KmcOverrides& overrides = {});

/// A runnable file with every default.
std::string default_kmc_text();
/// Every key with default, unit and meaning.
std::string describe_kmc_options();

}  // namespace sinterscope
