// SPDX-License-Identifier: GPL-3.0-or-later
// The map of c* over temperature and dh.

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "chart.h"
#include "contour.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/figure.h"
#include "text.h"

namespace sinterscope {
namespace {

std::string encode_png(const cv::Mat3b& rgb) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(rgb.cols);
  image.height = static_cast<png_uint_32>(rgb.rows);
  image.format = PNG_FORMAT_RGB;
  const cv::Mat3b pixels = rgb.isContinuous() ? rgb : rgb.clone();
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data, 0, nullptr) == 0)
    throw Error(std::string("the phase map could not be encoded: ") + image.message);
  bytes.resize(size);
  return bytes;
}

/// Light to dark with rising c*, the same lightness order in grey: white, sand, teal, night blue.
cv::Vec3b map_colour(double share) {
  static constexpr std::array<std::array<double, 3>, 4> stops{
      {{252, 250, 240}, {232, 205, 146}, {84, 153, 160}, {32, 52, 96}}};
  const double at = std::clamp(share, 0.0, 1.0) * 3.0;
  const auto low = static_cast<std::size_t>(std::min(at, 2.0));
  cv::Vec3b colour;
  for (int k = 0; k < 3; ++k) {
    const auto channel = static_cast<std::size_t>(k);
    colour[k] = cv::saturate_cast<unsigned char>(stops[low][channel] +
                                                 (at - static_cast<double>(low)) *
                                                     (stops[low + 1][channel] - stops[low][channel]));
  }
  return colour;
}

constexpr double map_low = 1e-6, map_high = 0.3;  ///< c* shown from white to dark

std::string map_image(const SolvusMap& map) {
  cv::Mat3b rgb(map.c_star.size());
  for (int row = 0; row < rgb.rows; ++row)
    for (int column = 0; column < rgb.cols; ++column) {
      const double c = std::max(map.c_star(rgb.rows - 1 - row, column), 1e-300);
      rgb(row, column) = map_colour(std::log(c / map_low) / std::log(map_high / map_low));
    }
  return encode_png(rgb);
}

struct MapGrid {
  std::vector<double> celsius;
  std::vector<double> dh_eV;
  cv::Mat1d log_c;
};

void draw_contours(Plot& plot, const MapGrid& grid) {
  for (int decade = -6; decade <= -1; ++decade) {
    const std::vector<Curve> lines = contour_lines(grid.celsius, grid.dh_eV, grid.log_c, decade);
    for (const Curve& line : lines)
      plot.curve(line.x, line.y,
                 R"(class="contour" stroke="#222222" stroke-width="0.7" stroke-opacity="0.6" fill="none")");
    const auto at =
        label_place(lines, plot.x_axis().low, plot.x_axis().high, plot.y_axis().low, plot.y_axis().high);
    if (at) plot.halo_text(at->first, at->second, fmt::format("10^{{\xE2\x88\x92{}}}", -decade));
  }
}

void draw_fit(Plot& plot, const MapGrid& grid, const EntropyFit& fit) {
  const auto redispersion = [&](const std::optional<double>& c, std::string_view style) {
    if (!c || !(*c > 0)) return;
    for (const Curve& line : contour_lines(grid.celsius, grid.dh_eV, grid.log_c, std::log10(*c)))
      plot.curve(line.x, line.y, fmt::format(R"(class="model" stroke="#c1440e" {} fill="none")", style));
  };
  redispersion(fit.c_ad.interval95.low, R"(stroke-width="1.2" stroke-dasharray="3 2")");
  redispersion(fit.c_ad.interval95.high, R"(stroke-width="1.2" stroke-dasharray="3 2")");
  redispersion(fit.c_ad.estimate, R"(stroke-width="2")");
  if (!fit.dh_eV.estimate) return;
  for (const HoldVerdict& hold : fit.holds)
    plot.point(celsius_from_kelvin(hold.temperature_K), *fit.dh_eV.estimate, hold.observed == "particles", 5);
}

}  // namespace

std::string phase_map_svg(const SolvusMap& map, const EntropyFit* fit, FigureSize size) {
  Svg svg(size,
          "Critical concentration c* over temperature and dh, with the fitted interval of dh and the holds");
  const bool usable = map.temperature_K.size() > 1 && map.dh_eV.size() > 1 &&
                      map.c_star.rows == static_cast<int>(map.dh_eV.size()) &&
                      map.c_star.cols == static_cast<int>(map.temperature_K.size());
  if (!usable)
    throw Error(
        "phase map: c_star must have one row per dh and one column per temperature, two of each at least");
  MapGrid grid{{}, map.dh_eV, logarithm10(map.c_star)};
  for (const double kelvin : map.temperature_K) grid.celsius.push_back(celsius_from_kelvin(kelvin));
  {
    Plot plot(svg, {60, 12, size.width - 74, size.height - 54},
              {grid.celsius.front(), grid.celsius.back(), "temperature (°C)"},
              {map.dh_eV.front(), map.dh_eV.back(), "dh (eV)"});
    const Box& box = plot.box();
    svg.raw(
        fmt::format("<g class=\"on-map\"><image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
                    "preserveAspectRatio=\"none\" href=\"data:image/png;base64,{}\"/>\n",
                    coordinate(box.x), coordinate(box.y), coordinate(box.width), coordinate(box.height),
                    base64(map_image(map))));
    if (fit != nullptr && (fit->dh_eV.interval95.low || fit->dh_eV.interval95.high))
      plot.band_y(fit->dh_eV.interval95.low.value_or(map.dh_eV.front()),
                  fit->dh_eV.interval95.high.value_or(map.dh_eV.back()),
                  R"(class="fit-band" stroke="none" fill="#ffffff" fill-opacity="0.45")");
    draw_contours(plot, grid);
    if (fit != nullptr) draw_fit(plot, grid, *fit);
    svg.raw("</g>\n");
  }
  return svg.finish();
}

}  // namespace sinterscope
