// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/length_unit.h"

#include <array>
#include <cmath>
#include <utility>

#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

struct Unit {
  std::string_view word;
  double factor;
};

// Case matters: Mm is no mm. The micro sign has two code points and a Latin-1 byte; ImageJ escapes it.
constexpr std::array lengths{
    Unit{"m", 1e9},        Unit{"meter", 1e9},     Unit{"metre", 1e9},      Unit{"cm", 1e7},
    Unit{"mm", 1e6},       Unit{"um", 1e3},        Unit{"\u00B5m", 1e3},    Unit{"\u03BCm", 1e3},
    Unit{"\xB5m", 1e3},    Unit{"\\u00B5m", 1e3},  Unit{"\\u00b5m", 1e3},   Unit{"u_m", 1e3},
    Unit{"micron", 1e3},   Unit{"microns", 1e3},   Unit{"micrometer", 1e3}, Unit{"nm", 1.0},
    Unit{"n_m", 1.0},      Unit{"nanometer", 1.0}, Unit{"pm", 1e-3},        Unit{"p_m", 1e-3},
    Unit{"A", 0.1},        Unit{"\u00C5", 0.1},    Unit{"\u212B", 0.1},     Unit{"\xC5", 0.1},
    Unit{"Angstrom", 0.1}, Unit{"angstrom", 0.1},  Unit{"angstroms", 0.1},  Unit{"inch", 2.54e7}};

constexpr std::array times{Unit{"s", 1.0},    Unit{"sec", 1.0}, Unit{"second", 1.0},   Unit{"seconds", 1.0},
                           Unit{"ms", 1e-3},  Unit{"us", 1e-6}, Unit{"\u00B5s", 1e-6}, Unit{"ns", 1e-9},
                           Unit{"min", 60.0}, Unit{"h", 3600.0}};

std::string_view bare(std::string_view unit) {
  unit = trimmed(unit);
  if (unit.size() >= 2 && unit.front() == '[' && unit.back() == ']')
    unit = trimmed(unit.substr(1, unit.size() - 2));
  return unit;
}

template <typename Units>
std::optional<double> factor_of(const Units& units, std::string_view unit) {
  unit = bare(unit);
  for (const Unit& known : units)
    if (known.word == unit) return known.factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> nm_per_unit(std::string_view unit) { return factor_of(lengths, unit); }
std::optional<double> seconds_per_unit(std::string_view unit) { return factor_of(times, unit); }

bool is_reciprocal_unit(std::string_view unit) {
  unit = bare(unit);
  return unit.find("1/") != unit.npos || unit.find("1 /") != unit.npos || unit.find("^-1") != unit.npos ||
         unit.find("rad") != unit.npos || unit.find("deg") == 0;
}

bool is_energy_unit(std::string_view unit) {
  unit = bare(unit);
  return unit == "eV" || unit == "keV" || unit == "meV";
}

Calibration calibration_from(double scale_x, double scale_y, std::string_view unit,
                             const std::string& source) {
  const std::optional<double> factor = nm_per_unit(unit);
  if (!factor || !std::isfinite(scale_x) || !std::isfinite(scale_y) || scale_x <= 0.0 || scale_y <= 0.0)
    return {};
  return {scale_x * *factor, scale_y * *factor, source};
}

}  // namespace sinterscope
