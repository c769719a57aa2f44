// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/support_surface.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "grains.h"

namespace sinterscope {
namespace {

/// The canvas while grains are laid onto it, in the order in which they lie.
struct Layers {
  cv::Mat1f level;  ///< SE: brightness of what is seen; HAADF: path length in nm
  cv::Mat1f shade;  ///< SE: factor of the shadows that fall there
  cv::Mat1i facet;  ///< -1 = vacuum
};

cv::Rect cells_of(const Canvas& canvas, const Grain& grain, double reach_nm, double cell_nm) {
  const int left = static_cast<int>(std::floor((grain.centre_nm.x - reach_nm) / cell_nm)) - canvas.left_cell;
  const int top = static_cast<int>(std::floor((grain.centre_nm.y - reach_nm) / cell_nm)) - canvas.top_cell;
  const int size = static_cast<int>(std::ceil(2.0 * reach_nm / cell_nm)) + 2;
  return cv::Rect(left, top, size, size) & cv::Rect(0, 0, canvas.cells.cols, canvas.cells.rows);
}

void lay_se_cell(const Scene& scene, const Grain& grain, int number, const Encounter& seen, int row,
                 int column, Layers& layers) {
  const SupportSettings& support = scene.support;
  if (seen.hit) {
    const double edge = support.edge_strength * std::exp(-seen.edge_distance_nm / support.edge_width_nm);
    layers.level(row, column) =
        static_cast<float>(grain.face_level[seen.face] * (1.0 + 0.5 * support.shading * seen.across) + edge);
    layers.shade(row, column) = 1.0F;
    layers.facet(row, column) = 3 * number + seen.face;
  } else if (support.shadow > 0.0) {
    const double reach = 2.5 * support.edge_width_nm;
    layers.shade(row, column) *=
        static_cast<float>(1.0 - support.shadow * std::exp(-seen.outside_nm / reach));
  }
}

void lay_haadf_cell(const Grain& grain, int number, const Encounter& seen, int row, int column,
                    Layers& layers) {
  if (!seen.hit) return;
  layers.level(row, column) += static_cast<float>(seen.thickness_nm * grain.face_level[2]);
  layers.facet(row, column) = 3 * number + seen.face;
}

Layers lay_grains(const Scene& scene, const std::vector<Grain>& grains, const Canvas& canvas, double cell_nm,
                  const Rng& rng) {
  const bool se = scene.optics.detector == "SE";
  Layers layers{cv::Mat1f(canvas.cells.size(), se ? static_cast<float>(scene.support.vacuum_level) : 0.0F),
                cv::Mat1f(canvas.cells.size(), 1.0F), cv::Mat1i(canvas.cells.size(), -1)};
  const bool lumpy = scene.support.kind == "oxide";
  cv::Mat1f lump = cv::Mat1f::zeros(canvas.cells.size());
  if (lumpy)
    lump =
        gaussian_field(canvas.cells.size(), scene.support.edge_min_nm / 3.0 / cell_nm, rng.stream("lumps"));
  const double shadow_reach = se ? 10.0 * scene.support.edge_width_nm : 0.0;
  for (std::size_t g = 0; g < grains.size(); ++g) {
    const Grain& grain = grains[g];
    const cv::Rect box = cells_of(canvas, grain, 1.2 * grain.reach_nm() + shadow_reach, cell_nm);
    for (int row = box.y; row < box.y + box.height; ++row)
      for (int column = box.x; column < box.x + box.width; ++column) {
        const Encounter seen = grain.meet((canvas.left_cell + column) * cell_nm,
                                          (canvas.top_cell + row) * cell_nm, lump(row, column));
        if (se)
          lay_se_cell(scene, grain, static_cast<int>(g), seen, row, column, layers);
        else
          lay_haadf_cell(grain, static_cast<int>(g), seen, row, column, layers);
      }
  }
  return layers;
}

/// A flat support is loaded unevenly too: square tiles of the mean edge length, invisible in the image, serve
/// as its facets. Returns their number.
int lay_tiles(const Scene& scene, double cell_nm, cv::Mat1i& facet) {
  const double tile_cells = 0.5 * (scene.support.edge_min_nm + scene.support.edge_max_nm) / cell_nm;
  const int columns = static_cast<int>(std::ceil(facet.cols / tile_cells));
  for (int row = 0; row < facet.rows; ++row)
    for (int column = 0; column < facet.cols; ++column)
      facet(row, column) =
          static_cast<int>(row / tile_cells) * columns + static_cast<int>(column / tile_cells);
  return columns * static_cast<int>(std::ceil(facet.rows / tile_cells));
}

/// From level and texture to the signal, 1 = plain support.
cv::Mat1f signal(const Scene& scene, const Layers& layers, double cell_nm, const Rng& rng) {
  const SupportSettings& support = scene.support;
  const bool se = scene.optics.detector == "SE";
  const double plain_nm = 0.5 * (support.edge_min_nm + support.edge_max_nm);
  const cv::Size size = layers.level.size();
  const cv::Mat1f texture = gaussian_field(size, support.texture_length_nm / cell_nm, rng.stream("texture"));
  const cv::Mat1f mottle = gaussian_field(size, support.mottle_length_nm / cell_nm, rng.stream("mottle"));
  cv::Mat1f result(size);
  for (int row = 0; row < size.height; ++row)
    for (int column = 0; column < size.width; ++column) {
      double value = layers.level(row, column) * layers.shade(row, column);
      if (!se && support.kind != "flat")
        value = support.vacuum_level + (1.0 - support.vacuum_level) * value / plain_nm;
      const double grain = 1.0 + support.texture_amplitude * texture(row, column) +
                           support.mottle_amplitude * mottle(row, column);
      result(row, column) = static_cast<float>(std::max(0.0, value * grain));
    }
  return result;
}

/// 255 where the next border is at least `gap_px` away. On an agglomerate or a flat film only the vacuum
/// is a border.
cv::Mat1b usable_area(const cv::Mat1i& facets, double gap_px, bool vacuum_only) {
  cv::Mat1b inside(facets.size(), static_cast<uchar>(255));
  const auto differ = [vacuum_only](int one, int other) {
    return vacuum_only ? (one < 0) != (other < 0) : one != other;
  };
  for (int row = 0; row < facets.rows; ++row)
    for (int column = 0; column < facets.cols; ++column) {
      const int here = facets(row, column);
      const bool border = here < 0 || (column > 0 && differ(here, facets(row, column - 1))) ||
                          (row > 0 && differ(here, facets(row - 1, column))) ||
                          (column + 1 < facets.cols && differ(here, facets(row, column + 1))) ||
                          (row + 1 < facets.rows && differ(here, facets(row + 1, column)));
      if (border) inside(row, column) = 0;
    }
  cv::Mat1f distance(facets.size(), 1e6F);
  if (cv::countNonZero(inside) < static_cast<int>(inside.total()))
    cv::distanceTransform(inside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  return distance > gap_px;
}

}  // namespace

int SupportSurface::facet_at(double x_px, double y_px) const {
  const int column = static_cast<int>(std::lround(x_px)) - field_px.x,
            row = static_cast<int>(std::lround(y_px)) - field_px.y;
  if (column < 0 || row < 0 || column >= facets.cols || row >= facets.rows) return -1;
  return facets(row, column);
}

SupportSurface build_support(const Scene& scene, cv::Rect field_px, const Rng& rng) {
  const double pixel_nm = scene.optics.pixel_size_nm, cell_nm = pixel_nm / cells_per_pixel;
  SupportSurface surface;
  surface.field_px = field_px;
  surface.brightness.left_cell = field_px.x * cells_per_pixel;
  surface.brightness.top_cell = field_px.y * cells_per_pixel;
  surface.brightness.cells.create(field_px.height * cells_per_pixel, field_px.width * cells_per_pixel);

  Layers layers{cv::Mat1f(surface.brightness.cells.size(), 1.0F),
                cv::Mat1f(surface.brightness.cells.size(), 1.0F),
                cv::Mat1i::zeros(surface.brightness.cells.size())};
  if (scene.support.kind == "flat") {
    surface.facet_count = lay_tiles(scene, cell_nm, layers.facet);
  } else {
    const cv::Rect2d frame_nm(0, 0, scene.optics.width_px * pixel_nm, scene.optics.height_px * pixel_nm);
    const cv::Rect2d field_nm(field_px.x * pixel_nm, field_px.y * pixel_nm, field_px.width * pixel_nm,
                              field_px.height * pixel_nm);
    const std::vector<Grain> grains = draw_grains(scene.support, frame_nm, field_nm, rng.stream("grains"));
    layers = lay_grains(scene, grains, surface.brightness, cell_nm, rng);
    surface.facet_count = 3 * static_cast<int>(grains.size());
  }
  surface.brightness.cells = signal(scene, layers, cell_nm, rng);
  surface.facets.create(field_px.height, field_px.width);
  for (int row = 0; row < field_px.height; ++row)
    for (int column = 0; column < field_px.width; ++column)
      surface.facets(row, column) = layers.facet(row * cells_per_pixel, column * cells_per_pixel);
  surface.usable =
      usable_area(surface.facets, scene.population.edge_gap_nm / pixel_nm, scene.support.kind != "cubes");
  return surface;
}

}  // namespace sinterscope
