// SPDX-License-Identifier: GPL-3.0-or-later
#include "chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "text.h"

namespace sinterscope {
namespace {

constexpr std::array<std::string_view, 6> colours{"#0b5fa5", "#c1440e", "#0a7d5a",
                                                  "#8a4f9e", "#b07d00", "#4d4d4d"};

std::string_view series_colour(std::size_t i) { return colours[i % colours.size()]; }

double position(double value, const Axis& axis) {
  if (axis.logarithmic) return std::log(std::max(value, 1e-300) / axis.low) / std::log(axis.high / axis.low);
  return (value - axis.low) / (axis.high - axis.low);
}

double tick_step(const Axis& axis, int count) {
  const double rough = (axis.high - axis.low) / std::max(1, count);
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0})
    if (rough <= step * decade * 1.0000001) return step * decade;
  return 10.0 * decade;
}

/// Label text with "_{..}" and "^{..}" as shifted spans. Shifts by dy, which every renderer knows.
std::string rich_text(std::string_view words) {
  std::string out;
  while (!words.empty()) {
    const std::size_t mark = std::min(words.find("_{"), words.find("^{"));
    const std::size_t close = mark == std::string_view::npos ? mark : words.find('}', mark);
    if (close == std::string_view::npos) return out + escape(words);
    const double shift = words[mark] == '_' ? 2.5 : -3.5;
    out += escape(words.substr(0, mark));
    out += fmt::format(R"(<tspan dy="{}" font-size="75%">{}</tspan><tspan dy="{}">&#8203;</tspan>)", shift,
                       escape(words.substr(mark + 2, close - mark - 2)), -shift);
    words.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

std::string stroke_look(std::size_t series) {
  return fmt::format(R"(class="s{}" stroke="{}" stroke-width="1.3" fill="none")", series % colours.size(),
                     series_colour(series));
}

std::string coordinate(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

Svg::Svg(FigureSize size, std::string_view title) {
  body_ = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 {} {}" width="{}" height="{}" role="img")"
      R"( font-family="'DejaVu Sans', 'Liberation Sans', Arial, Helvetica, sans-serif"><title>{}</title>)"
      "\n",
      coordinate(size.width), coordinate(size.height), coordinate(size.width), coordinate(size.height),
      escape(title));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view look) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", coordinate(x1), coordinate(y1),
                       coordinate(x2), coordinate(y2), look);
}

void Svg::rect(double x, double y, double width, double height, std::string_view look) {
  body_ +=
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>\n", coordinate(x), coordinate(y),
                  coordinate(std::max(0.0, width)), coordinate(std::max(0.0, height)), look);
}

void Svg::circle(double x, double y, double radius, std::string_view look) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", coordinate(x), coordinate(y),
                       coordinate(radius), look);
}

void Svg::path(std::string_view commands, std::string_view look) {
  if (!commands.empty()) body_ += fmt::format("<path d=\"{}\" {}/>\n", commands, look);
}

void Svg::text(double x, double y, std::string_view words, Anchor anchor, double size, double rotation) {
  static constexpr std::array<std::string_view, 3> anchors{"start", "middle", "end"};
  const std::string turn =
      rotation == 0 ? ""
                    : fmt::format(" transform=\"rotate({} {} {})\"", rotation, coordinate(x), coordinate(y));
  body_ += fmt::format(
      "<text class=\"label\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" "
      "fill=\"#222222\"{}>{}</text>\n",
      coordinate(x), coordinate(y), size, anchors[static_cast<std::size_t>(anchor)], turn, rich_text(words));
}

std::vector<double> ticks(const Axis& axis, int count) {
  std::vector<double> result;
  if (axis.logarithmic) {
    const int first = static_cast<int>(std::ceil(std::log10(axis.low) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(axis.high) + 1e-9));
    const int step = std::max(1, (last - first) / std::max(1, count));
    for (int e = first; e <= last; e += step) result.push_back(std::pow(10.0, e));
    return result;
  }
  const double step = tick_step(axis, count);
  for (double k = std::ceil(axis.low / step - 1e-9); k * step <= axis.high + 1e-9 * step; k += 1)
    result.push_back(k * step);
  return result;
}

std::string tick_text(double value, const Axis& axis, double step) {
  std::string text;
  if (axis.logarithmic) {
    const int e = static_cast<int>(std::lround(std::log10(value)));
    return e == 0 ? "1" : fmt::format("10^{{{}{}}}", e < 0 ? "\xE2\x88\x92" : "", std::abs(e));
  }
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  text =
      decimals > 5 || std::abs(value) >= 1e6 ? number(value) : fmt::format("{:.{}f}", value + 0.0, decimals);
  if (text.front() == '-')
    text = text.find_first_of("123456789") == std::string::npos ? text.substr(1)
                                                                : "\xE2\x88\x92" + text.substr(1);
  return text;
}

Axis axis_around(std::span<const double> values, std::string label, bool from_zero) {
  double low = from_zero ? 0.0 : INFINITY, high = from_zero ? 0.0 : -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) low = 0, high = 1;
  if (low == high)
    high = low + std::max(1.0, std::abs(low) * 0.1), low = from_zero ? low : low - (high - low);
  const double margin = 0.06 * (high - low);
  return {from_zero && low == 0 ? 0.0 : low - margin, high + margin, std::move(label)};
}

Plot::Plot(Svg& svg, Box box, Axis x, Axis y, bool x_labels, int x_ticks, int y_ticks)
    : svg_(svg), box_(box), x_axis_(std::move(x)), y_axis_(std::move(y)) {
  const double bottom = box_.y + box_.height;
  const auto step = [](const std::vector<double>& at) { return at.size() > 1 ? at[1] - at[0] : 1.0; };
  const std::vector<double> xs = ticks(x_axis_, x_ticks), ys = ticks(y_axis_, y_ticks);
  for (const double value : xs) {
    const double at = box_.x + box_.width * position(value, x_axis_);
    svg_.line(at, box_.y, at, bottom, ink::grid);
    svg_.line(at, bottom, at, bottom + 4, ink::axis);
    if (x_labels) svg_.text(at, bottom + 15, tick_text(value, x_axis_, step(xs)), Anchor::middle);
  }
  for (const double value : ys) {
    const double at = bottom - box_.height * position(value, y_axis_);
    svg_.line(box_.x, at, box_.x + box_.width, at, ink::grid);
    svg_.line(box_.x - 4, at, box_.x, at, ink::axis);
    svg_.text(box_.x - 7, at + 3.5, tick_text(value, y_axis_, step(ys)), Anchor::end);
  }
  if (x_labels) svg_.text(box_.x + box_.width / 2, bottom + 31, x_axis_.label, Anchor::middle, 11);
  std::size_t longest = 0;
  for (const double value : ys) longest = std::max(longest, tick_text(value, y_axis_, step(ys)).size());
  const double beside_ticks = std::max(40.0, 12 + 6.2 * static_cast<double>(longest));
  svg_.text(box_.x - beside_ticks, box_.y + box_.height / 2, y_axis_.label, Anchor::middle, 11, -90);
  // A nested svg clips its content without needing an id, which could clash between figures of one page.
  svg_.raw(
      fmt::format("<svg x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\" viewBox=\"{0} {1} {2} {3}\" "
                  "overflow=\"hidden\">\n",
                  coordinate(box_.x), coordinate(box_.y), coordinate(box_.width), coordinate(box_.height)));
}

Plot::~Plot() {
  svg_.raw("</svg>\n");
  svg_.rect(box_.x, box_.y, box_.width, box_.height, ink::axis);
}

double Plot::x(double value) const { return box_.x + box_.width * position(value, x_axis_); }
double Plot::y(double value) const { return box_.y + box_.height * (1.0 - position(value, y_axis_)); }

void Plot::curve(std::span<const double> xs, std::span<const double> ys, std::string_view look) {
  std::string path;
  bool pen_down = false;
  for (std::size_t i = 0; i < std::min(xs.size(), ys.size()); ++i) {
    const bool drawable =
        std::isfinite(xs[i]) && std::isfinite(ys[i]) && !(y_axis_.logarithmic && ys[i] <= 0);
    // far outside the box the exact place does not matter, but coordinates must stay small for every renderer
    if (drawable)
      path += fmt::format("{}{} {}", pen_down ? "L" : "M", coordinate(x(xs[i])),
                          coordinate(std::clamp(y(ys[i]), box_.y - 1e4, box_.y + 1e4)));
    pen_down = drawable;
  }
  svg_.path(path, look);
}

void Plot::area(std::span<const double> xs, std::span<const double> ys, std::string_view look) {
  const std::size_t n = std::min(xs.size(), ys.size());
  if (n < 2) return;
  const double bottom = box_.y + box_.height;
  std::string path = fmt::format("M{} {}", coordinate(x(xs[0])), coordinate(bottom));
  for (std::size_t i = 0; i < n; ++i)
    if (std::isfinite(ys[i])) path += fmt::format("L{} {}", coordinate(x(xs[i])), coordinate(y(ys[i])));
  svg_.path(path + fmt::format("L{} {}Z", coordinate(x(xs[n - 1])), coordinate(bottom)), look);
}

void Plot::band(const Curve& low, const Curve& high, std::string_view look) {
  std::string path;
  const auto add = [&](double x_value, double y_value) {
    path += fmt::format("{}{} {}", path.empty() ? "M" : "L", coordinate(x(x_value)),
                        coordinate(std::clamp(y(y_value), box_.y - 1e4, box_.y + 1e4)));
  };
  for (std::size_t i = 0; i < low.x.size(); ++i) add(low.x[i], low.y[i]);
  for (std::size_t i = high.x.size(); i-- > 0;) add(high.x[i], high.y[i]);
  svg_.path(path + "Z", look);
}

void Plot::bar(double x_low, double x_high, double y_value, std::string_view look) {
  svg_.rect(x(x_low) + 0.5, y(y_value), x(x_high) - x(x_low) - 1, box_.y + box_.height - y(y_value), look);
}

void Plot::band_x(double low, double high, std::string_view look) {
  const double left = std::max(x(low), box_.x), right = std::min(x(high), box_.x + box_.width);
  svg_.rect(left, box_.y, right - left, box_.height, look);
}

void Plot::band_y(double low, double high, std::string_view look) {
  const double top = std::max(y(high), box_.y), bottom = std::min(y(low), box_.y + box_.height);
  svg_.rect(box_.x, top, box_.width, bottom - top, look);
}

void Plot::guide_x(double value, std::string_view label, Anchor side) {
  svg_.line(x(value), box_.y, x(value), box_.y + box_.height, ink::guide);
  svg_.text(x(value) + (side == Anchor::end ? -3 : 3), box_.y + 11, label, side, 9);
}

void Plot::guide_y(double value, std::string_view look) {
  svg_.line(box_.x, y(value), box_.x + box_.width, y(value), look);
}

void Plot::point(double x_value, double y_value, bool filled, std::size_t series) {
  svg_.circle(x(x_value), y(y_value), 3.4,
              fmt::format(R"(class="s{}{}" stroke="{}" stroke-width="1.4" fill="{}")",
                          series % colours.size(), filled ? " filled" : " hollow", series_colour(series),
                          filled ? series_colour(series) : "#ffffff"));
}

void Plot::dot(double x_value, double y_value, std::size_t series) {
  svg_.circle(x(x_value), y(y_value), 1.6,
              fmt::format(R"(class="s{} filled" stroke="none" fill="{}")", series % colours.size(),
                          series_colour(series)));
}

void Plot::error_y(double x_value, double low, double high, std::size_t series) {
  const std::string look = stroke_look(series);
  const double at = x(x_value), top = y(high), bottom = y(low);
  svg_.line(at, top, at, bottom, look);
  svg_.line(at - 3, top, at + 3, top, look);
  svg_.line(at - 3, bottom, at + 3, bottom, look);
}

void Plot::upper_limit(double x_value, double limit, std::size_t series) {
  const double at = x(x_value), top = y(limit);
  svg_.path(fmt::format("M{} {}h10M{} {}v14m-3 -4l3 4l3 -4", coordinate(at - 5), coordinate(top),
                        coordinate(at), coordinate(top)),
            stroke_look(series));
}

void Plot::text(double x_value, double y_value, double dx, double dy, std::string_view words, Anchor anchor) {
  svg_.text(x(x_value) + dx, y(y_value) + dy, words, anchor, 9);
}

void Plot::halo_text(double x_value, double y_value, std::string_view words) {
  // Two texts, because not every renderer can paint the rim of a text before its inside.
  svg_.raw("<g stroke=\"#ffffff\" stroke-width=\"2.6\" stroke-opacity=\"0.75\" stroke-linejoin=\"round\">");
  text(x_value, y_value, 0, 3, words, Anchor::middle);
  svg_.raw("</g>\n");
  text(x_value, y_value, 0, 3, words, Anchor::middle);
}

}  // namespace sinterscope
