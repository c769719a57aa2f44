// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/support_surface.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "gaussian_field.h"
#include "grains.h"
#include "sinterscope/core/parallel.h"

namespace sinterscope {
namespace {

/// exp(-distance / width), without the trouble where it is nothing.
double decay(double distance_nm, double width_nm) {
  return distance_nm > 10.0 * width_nm ? 0.0 : std::exp(-distance_nm / width_nm);
}

constexpr double shadow_widths = 2.5;  // a shadow reaches this much further than a bright edge

/// One row of the canvas while grains are laid onto it, in the order in which they lie.
struct Row {
  std::vector<float> level;  ///< SE: brightness of what is seen; HAADF: path length in nm
  std::vector<float> shade;  ///< SE: factor of the shadows that fall there
  std::vector<int> facet;    ///< -1 = vacuum
};

class SupportPainter {
 public:
  SupportPainter(const Scene& scene, const Canvas& canvas, std::vector<Grain> grains, const Rng& rng);
  /// Facet of every cell of a row, and its signal (1 = plain support) into `signal`.
  std::vector<int> paint(int row, float* signal) const;
  int facet_count() const;

 private:
  cv::Rect cells_of(const Grain& grain, double margin_nm) const;
  // A flat support is loaded unevenly too: its facets are square tiles of the mean edge length, invisible in
  // the image.
  int tile(double cell) const { return static_cast<int>(cell / (plain_nm() / cell_nm_)); }
  double plain_nm() const { return 0.5 * (scene_.support.edge_min_nm + scene_.support.edge_max_nm); }
  Row flat_row(int row) const;
  Row grain_row(int row) const;
  void lay_se(const Grain& grain, const Encounter& seen, std::size_t column, Row& laid) const;

  const Scene& scene_;
  const Canvas& canvas_;
  double cell_nm_;
  std::vector<Grain> grains_;
  std::vector<cv::Rect> boxes_;  ///< cells that a grain or its shadow can reach
  bool se_, flat_;
  GaussianField texture_, mottle_, lumps_;
};

SupportPainter::SupportPainter(const Scene& scene, const Canvas& canvas, std::vector<Grain> grains,
                               const Rng& rng)
    : scene_(scene),
      canvas_(canvas),
      cell_nm_(scene.optics.pixel_size_nm / cells_per_pixel),
      grains_(std::move(grains)),
      se_(scene.optics.detector == "SE"),
      flat_(scene.support.kind == "flat"),
      texture_(canvas.cells.size(), scene.support.texture_length_nm / cell_nm_, rng.stream("texture")),
      mottle_(canvas.cells.size(), scene.support.mottle_length_nm / cell_nm_, rng.stream("mottle")),
      lumps_(canvas.cells.size(), scene.support.edge_min_nm / 2.5 / cell_nm_, rng.stream("lumps")) {
  const bool shadows = se_ && scene.support.shadow > 0.0;
  for (const Grain& grain : grains_)
    boxes_.push_back(cells_of(grain, shadows ? 5.0 * shadow_widths * scene.support.edge_width_nm : 0.0));
}

int SupportPainter::facet_count() const {
  if (!flat_) return 3 * static_cast<int>(grains_.size());
  return (tile(canvas_.cells.cols - 1) + 1) * (tile(canvas_.cells.rows - 1) + 1);
}

cv::Rect SupportPainter::cells_of(const Grain& grain, double margin_nm) const {
  const cv::Point2d reach = grain.reach_nm() + cv::Point2d(margin_nm, margin_nm);
  const cv::Point corner(
      static_cast<int>(std::floor((grain.centre_nm.x - reach.x) / cell_nm_)) - canvas_.left_cell,
      static_cast<int>(std::floor((grain.centre_nm.y - reach.y) / cell_nm_)) - canvas_.top_cell);
  const cv::Size size(static_cast<int>(std::ceil(2.0 * reach.x / cell_nm_)) + 2,
                      static_cast<int>(std::ceil(2.0 * reach.y / cell_nm_)) + 2);
  return cv::Rect(corner, size) & cv::Rect(0, 0, canvas_.cells.cols, canvas_.cells.rows);
}

std::vector<int> SupportPainter::paint(int row, float* signal) const {
  Row laid = flat_ ? flat_row(row) : grain_row(row);
  const SupportSettings& support = scene_.support;
  std::vector<float> texture(laid.level.size(), 1.0F);
  texture_.add_row(row, static_cast<float>(support.texture_amplitude), texture.data());
  mottle_.add_row(row, static_cast<float>(support.mottle_amplitude), texture.data());
  for (std::size_t column = 0; column < texture.size(); ++column) {
    double value = laid.level[column] * laid.shade[column];
    if (!se_ && !flat_) value = support.vacuum_level + (1.0 - support.vacuum_level) * value / plain_nm();
    signal[column] = static_cast<float>(std::max(0.0, value * texture[column]));
  }
  return std::move(laid.facet);
}

Row SupportPainter::flat_row(int row) const {
  const auto width = static_cast<std::size_t>(canvas_.cells.cols);
  Row laid{std::vector<float>(width, 1.0F), std::vector<float>(width, 1.0F), std::vector<int>(width)};
  const int tiles_across = tile(canvas_.cells.cols - 1) + 1;
  for (std::size_t column = 0; column < width; ++column)
    laid.facet[column] = tile(row) * tiles_across + tile(static_cast<double>(column));
  return laid;
}

Row SupportPainter::grain_row(int row) const {
  const auto width = static_cast<std::size_t>(canvas_.cells.cols);
  Row laid{std::vector<float>(width, se_ ? static_cast<float>(scene_.support.vacuum_level) : 0.0F),
           std::vector<float>(width, 1.0F), std::vector<int>(width, -1)};
  std::vector<float> lumps(width, 0.0F);
  if (scene_.support.kind == "oxide") lumps_.add_row(row, 1.0F, lumps.data());
  const double y_nm = (canvas_.top_cell + row) * cell_nm_;
  for (std::size_t g = 0; g < grains_.size(); ++g) {
    const cv::Rect& box = boxes_[g];
    if (row < box.y || row >= box.y + box.height) continue;
    for (int cell = box.x; cell < box.x + box.width; ++cell) {
      const auto column = static_cast<std::size_t>(cell);
      const Encounter seen = grains_[g].meet((canvas_.left_cell + cell) * cell_nm_, y_nm, lumps[column]);
      if (se_)
        lay_se(grains_[g], seen, column, laid);
      else if (seen.hit)
        laid.level[column] += static_cast<float>(seen.thickness_nm * grains_[g].face_level[2]);
      if (seen.hit) laid.facet[column] = 3 * static_cast<int>(g) + seen.face;
    }
  }
  return laid;
}

void SupportPainter::lay_se(const Grain& grain, const Encounter& seen, std::size_t column, Row& laid) const {
  const SupportSettings& support = scene_.support;
  if (seen.hit) {
    const double edge = support.edge_strength * decay(seen.edge_distance_nm, support.edge_width_nm) +
                        support.step_strength * decay(seen.step_distance_nm, 0.4 * support.edge_width_nm);
    laid.level[column] =
        static_cast<float>(grain.face_level[seen.face] * (1.0 + 0.5 * support.shading * seen.across) + edge);
    laid.shade[column] = 1.0F;
  } else {
    const double shadow = support.shadow * decay(seen.outside_nm, shadow_widths * support.edge_width_nm);
    if (shadow > 0.0) laid.shade[column] *= static_cast<float>(1.0 - shadow);
  }
}

/// Distance from the next border in px. On an agglomerate or a flat film only the vacuum is a border.
cv::Mat1f border_distance(const cv::Mat1i& facets, bool vacuum_only) {
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
  return distance;
}

}  // namespace

int SupportSurface::facet_at(double x_px, double y_px) const {
  const int column = static_cast<int>(std::lround(x_px)) - field_px.x,
            row = static_cast<int>(std::lround(y_px)) - field_px.y;
  if (column < 0 || row < 0 || column >= facets.cols || row >= facets.rows) return -1;
  return facets(row, column);
}

SupportSurface build_support(const Scene& scene, cv::Rect field_px, const Rng& rng, int threads) {
  const double pixel_nm = scene.optics.pixel_size_nm;
  SupportSurface surface;
  surface.field_px = field_px;
  surface.brightness.left_cell = field_px.x * cells_per_pixel;
  surface.brightness.top_cell = field_px.y * cells_per_pixel;
  surface.brightness.cells.create(field_px.height * cells_per_pixel, field_px.width * cells_per_pixel);
  surface.facets.create(field_px.height, field_px.width);

  std::vector<Grain> grains;
  if (scene.support.kind != "flat") {
    const cv::Rect2d frame_nm(0, 0, scene.optics.width_px * pixel_nm, scene.optics.height_px * pixel_nm);
    const cv::Rect2d field_nm(field_px.x * pixel_nm, field_px.y * pixel_nm, field_px.width * pixel_nm,
                              field_px.height * pixel_nm);
    grains = draw_grains(scene.support, frame_nm, field_nm, rng.stream("grains"));
  }
  const SupportPainter painter(scene, surface.brightness, std::move(grains), rng);
  surface.facet_count = painter.facet_count();
  parallel_for(static_cast<std::size_t>(field_px.height), threads, [&](std::size_t pixel_row) {
    const int first =
        static_cast<int>(pixel_row) * cells_per_pixel;  // the pixels' centres lie on this row of cells
    for (int row = first; row < first + cells_per_pixel; ++row) {
      const std::vector<int> facets = painter.paint(row, surface.brightness.cells[row]);
      for (int column = 0; row == first && column < field_px.width; ++column)
        surface.facets(static_cast<int>(pixel_row), column) =
            facets[static_cast<std::size_t>(column * cells_per_pixel)];
    }
  });
  surface.border_px = border_distance(surface.facets, scene.support.kind != "cubes");
  return surface;
}

}  // namespace sinterscope
