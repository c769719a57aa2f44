// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/kmc_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sinterscope/io/animated_png.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/kmc/kmc_tables.h"
#include "sinterscope/pipeline/height_maps.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/report/lattice_figure.h"
#include "sinterscope/report/lattice_picture.h"
#include "sinterscope/report/raster.h"

namespace sinterscope {
namespace {

std::string clock_unit(const KmcOptions& options) {
  return options.diffusion_barrier_eV == 0.0 && options.attempt_frequency_Hz == 1.0
             ? "1 / (hop rate of a free ad-atom in one direction)"
             : "s";
}

std::vector<std::string> remarks(const NamedRun& named, const KmcResult& result) {
  return {fmt::format("run {}: {} atoms on {} x {} sites, pair energy {:.6g} eV, dh {:.6g} eV", named.name,
                      result.atoms, result.side, result.side, result.pair_energy_eV, result.dh_ground_eV),
          "time in " + clock_unit(named.run.options) + ", energies in eV, clusters in atoms"};
}

/// `most` of n things, evenly, the first and the last among them.
std::vector<std::size_t> even_choice(std::size_t n, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t take = std::min(n, most);
  for (std::size_t k = 0; k < take; ++k) chosen.push_back(take > 1 ? k * (n - 1) / (take - 1) : n - 1);
  return chosen;
}

std::string caption(const KmcSnapshot& shot) {
  return fmt::format("{:.0f} K   {:.2e} hops", shot.temperature_K, static_cast<double>(shot.events));
}

/// Snapshots as single pictures and as a film.
FileNames write_pictures(const KmcConfig& config, const KmcResult& result,
                         const std::filesystem::path& folder) {
  const KmcOutput& output = config.output;
  FileNames files;
  const int pixels = pixels_per_site(result.side, output.picture_side_px);
  if (output.pictures) {
    make_directory(folder / "snapshots");
    for (std::size_t i = 0; i < result.snapshots.size(); ++i) {
      files.push_back(fmt::format("snapshots/{:04}.png", i));
      write_png(folder / files.back(), lattice_picture(matrix_of(result.snapshots[i].heights), pixels));
    }
  }
  if (output.film) {
    std::vector<std::string> pictures;
    for (const std::size_t i :
         even_choice(result.snapshots.size(), static_cast<std::size_t>(output.film_pictures))) {
      const KmcSnapshot& shot = result.snapshots[i];
      pictures.push_back(
          png_bytes(with_caption(lattice_picture(matrix_of(shot.heights), pixels), caption(shot))));
    }
    write_file(folder / "film.png", animated_png(pictures, output.film_pictures_per_s));
    files.push_back("film.png");
  }
  return files;
}

Table maps_table(const KmcConfig& config, const KmcResult& result) {
  Table table({"map", "step", "time", "temperature_k", "events", "picture"});
  for (std::size_t i = 0; i < result.snapshots.size(); ++i) {
    const KmcSnapshot& shot = result.snapshots[i];
    table.add_row({static_cast<std::int64_t>(i), shot.step, shot.time, shot.temperature_K,
                   static_cast<std::int64_t>(shot.events),
                   config.output.pictures ? Cell(fmt::format("snapshots/{:04}.png", i)) : Cell()});
  }
  return table;
}

LatticeCourse course_of(const KmcResult& result) {
  constexpr std::size_t most_points = 2000;  // more than a figure shows
  LatticeCourse course;
  const auto atoms = static_cast<double>(result.atoms);
  for (const std::size_t i : even_choice(result.samples.size(), most_points)) {
    const KmcSample& sample = result.samples[i];
    course.events.push_back(static_cast<double>(sample.events));
    course.largest_share.push_back(static_cast<double>(sample.largest_atoms) / atoms);
    course.monomer_share.push_back(static_cast<double>(sample.monomers) / atoms);
    course.temperature_K.push_back(sample.temperature_K);
  }
  return course;
}

}  // namespace

FileNames write_figure(const std::filesystem::path& out, const std::string& name, const std::string& svg) {
  constexpr double dots_per_inch = 300;
  write_file(out / (name + ".svg"), svg);
  const auto png = png_of_svg(svg, dots_per_inch);
  if (!png) return {name + ".svg"};
  write_file(out / (name + ".png"), *png);
  return {name + ".svg", name + ".png"};
}

FileNames write_lattice_run(const KmcConfig& config, const NamedRun& named, const KmcResult& result,
                            const std::filesystem::path& out, const std::string& folder_name) {
  const std::filesystem::path folder = out / folder_name;
  make_directory(folder);
  const std::vector<std::string> comments = remarks(named, result);
  write_csv(folder / "series.csv", series_table(result), comments);
  write_csv(folder / "sizes.csv", sizes_table(result), comments);
  write_csv(folder / "maps.csv", maps_table(config, result), comments);
  std::vector<HeightMap> maps;
  for (const KmcSnapshot& shot : result.snapshots) maps.push_back(shot.heights);
  write_height_maps(folder / "heights.tif", maps);
  write_height_maps(folder / "final.tif", {result.final_heights});
  write_file(folder / "scene.json",
             scene_of_films(config, named.name, std::array{film_of(config, named, result, "")}));
  FileNames files{"series.csv", "sizes.csv", "maps.csv", "heights.tif", "final.tif", "scene.json"};
  const auto add = [&files](const FileNames& more) { files.insert(files.end(), more.begin(), more.end()); };
  add(write_pictures(config, result, folder));
  add(write_figure(folder, "course", lattice_course_svg(course_of(result))));
  if (!folder_name.empty())
    for (std::string& file : files) file = folder_name + "/" + file;
  return files;
}

}  // namespace sinterscope
