// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Drawing of axes and marks as SVG. Every mark has a class, for the page's style sheet, and its printed look
// as presentation attributes, which any SVG program reads and any style sheet overrides.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinterscope/report/figure.h"

namespace sinterscope {

/// Looks of marks: a class and presentation attributes.
namespace ink {
inline constexpr std::string_view axis = R"(class="axis" stroke="#222222" stroke-width="1" fill="none")";
inline constexpr std::string_view grid = R"(class="grid" stroke="#dddddd" stroke-width="0.6" fill="none")";
inline constexpr std::string_view data = R"(class="data" stroke="#0b5fa5" stroke-width="1.4" fill="none")";
inline constexpr std::string_view data_fill = R"(class="data-fill" stroke="none" fill="#0b5fa5")";
inline constexpr std::string_view data_soft = R"(class="data-soft" stroke="none" fill="#9cc3e6")";
inline constexpr std::string_view model = R"(class="model" stroke="#c1440e" stroke-width="1.4" fill="none")";
inline constexpr std::string_view model_fill = R"(class="model-fill" stroke="none" fill="#c1440e")";
inline constexpr std::string_view model_soft =
    R"(class="model-soft" stroke="none" fill="#c1440e" fill-opacity="0.18")";
inline constexpr std::string_view guide =
    R"(class="guide" stroke="#666666" stroke-width="0.9" stroke-dasharray="4 3" fill="none")";
inline constexpr std::string_view heat = R"(class="heat" stroke="#a3272b" stroke-width="1.4" fill="none")";
}  // namespace ink

/// A line in the colour of series i: told apart by hue and by lightness (after Okabe & Ito).
std::string stroke_look(std::size_t series);

enum class Anchor { start, middle, end };

class Svg {
 public:
  /// `title` says what the figure shows, for readers who cannot see it.
  Svg(FigureSize size, std::string_view title);

  void line(double x1, double y1, double x2, double y2, std::string_view look);
  void rect(double x, double y, double width, double height, std::string_view look);
  void circle(double x, double y, double radius, std::string_view look);
  /// `commands` in SVG path syntax.
  void path(std::string_view commands, std::string_view look);
  /// Text at a point of its base line. "_{..}" and "^{..}" lower and raise; everything else is shown as it
  /// is.
  void text(double x, double y, std::string_view words, Anchor anchor = Anchor::start, double size = 10,
            double rotation = 0);
  /// Raw SVG, already escaped.
  void raw(std::string_view svg) { body_ += svg; }
  std::string finish() const { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

/// A short number inside SVG geometry.
std::string coordinate(double value);

struct Axis {
  double low = 0.0;
  double high = 1.0;
  std::string label;
  bool logarithmic = false;  ///< low and high are positive values, not exponents
};

/// Ticks at 1, 2 or 5 times a power of ten, about `count` of them; decades on a logarithmic axis.
std::vector<double> ticks(const Axis& axis, int count);
std::string tick_text(double value, const Axis& axis, double step);

/// An axis around all finite values, with a margin; never empty, from zero where `from_zero`.
Axis axis_around(std::span<const double> values, std::string label, bool from_zero);

struct Box {
  double x, y, width, height;
};

/// One pair of axes. Marks are clipped to the box.
class Plot {
 public:
  Plot(Svg& svg, Box box, Axis x, Axis y, bool x_labels = true, int x_ticks = 5, int y_ticks = 5);
  /// Closes the clipped area and draws the frame over it.
  ~Plot();
  Plot(const Plot&) = delete;
  Plot& operator=(const Plot&) = delete;

  double x(double value) const;
  double y(double value) const;
  const Box& box() const { return box_; }
  const Axis& x_axis() const { return x_axis_; }
  const Axis& y_axis() const { return y_axis_; }

  void curve(std::span<const double> xs, std::span<const double> ys, std::string_view look);
  /// Area between the curve and the lower edge.
  void area(std::span<const double> xs, std::span<const double> ys, std::string_view look);
  /// Area between two curves.
  void band(const Curve& low, const Curve& high, std::string_view look);
  void bar(double x_low, double x_high, double y_value, std::string_view look);
  void band_x(double low, double high, std::string_view look);
  void band_y(double low, double high, std::string_view look);
  /// A dashed upright line, its label at the upper end on the right (start) or on the left (end).
  void guide_x(double value, std::string_view label, Anchor side = Anchor::start);
  void guide_y(double value, std::string_view look);
  void point(double x_value, double y_value, bool filled, std::size_t series);
  /// A value of one frame among many: small, without outline.
  void dot(double x_value, double y_value, std::size_t series);
  void error_y(double x_value, double low, double high, std::size_t series);
  /// An upper limit: a bar at the limit and an arrow down.
  void upper_limit(double x_value, double limit, std::size_t series);
  void text(double x_value, double y_value, double dx, double dy, std::string_view words,
            Anchor anchor = Anchor::start);
  /// Centred text with a light rim, readable on any colour.
  void halo_text(double x_value, double y_value, std::string_view words);

 private:
  Svg& svg_;
  Box box_;
  Axis x_axis_, y_axis_;
};

}  // namespace sinterscope
