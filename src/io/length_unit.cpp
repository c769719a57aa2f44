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

// The symbols, in which case matters: Mm is no mm. The micro sign has two code points and a Latin-1 byte.
constexpr std::array lengths{
    Unit{"m", 1e9},       Unit{"cm", 1e7},      Unit{"mm", 1e6},    Unit{"um", 1e3},
    Unit{"\u00B5m", 1e3}, Unit{"\u03BCm", 1e3}, Unit{"\xB5m", 1e3}, Unit{"u_m", 1e3},
    Unit{"m_m", 1e6},     Unit{"nm", 1.0},      Unit{"n_m", 1.0},   Unit{"pm", 1e-3},
    Unit{"p_m", 1e-3},    Unit{"fm", 1e-6},     Unit{"A", 0.1},     Unit{"\u00C5", 0.1},
    Unit{"A\u030A", 0.1}, Unit{"\u212B", 0.1},  Unit{"\xC5", 0.1},  Unit{"\u00C5ngstrom", 0.1}};

// The words, without their plural s, in any case.
constexpr std::array length_words{
    Unit{"meter", 1e9},      Unit{"metre", 1e9},      Unit{"centimeter", 1e7}, Unit{"centimetre", 1e7},
    Unit{"millimeter", 1e6}, Unit{"millimetre", 1e6}, Unit{"micrometer", 1e3}, Unit{"micrometre", 1e3},
    Unit{"micron", 1e3},     Unit{"nanometer", 1.0},  Unit{"nanometre", 1.0},  Unit{"picometer", 1e-3},
    Unit{"picometre", 1e-3}, Unit{"angstrom", 0.1},   Unit{"inch", 2.54e7},    Unit{"inche", 2.54e7}};

constexpr std::array times{Unit{"s", 1.0},        Unit{"ms", 1e-3},      Unit{"us", 1e-6},
                           Unit{"\u00B5s", 1e-6}, Unit{"\u03BCs", 1e-6}, Unit{"\xB5s", 1e-6},
                           Unit{"ns", 1e-9},      Unit{"min", 60.0},     Unit{"h", 3600.0}};

constexpr std::array time_words{Unit{"sec", 1.0},     Unit{"second", 1.0},  Unit{"millisecond", 1e-3},
                                Unit{"msec", 1e-3},   Unit{"minute", 60.0}, Unit{"microsecond", 1e-6},
                                Unit{"hour", 3600.0}, Unit{"hr", 3600.0},   Unit{"day", 86400.0},
                                Unit{"min", 60.0}};

std::string_view bare(std::string_view unit) {
  unit = trimmed(unit);
  if (unit.size() >= 2 && unit.front() == '[' && unit.back() == ']')
    unit = trimmed(unit.substr(1, unit.size() - 2));
  return unit;
}

template <typename Symbols, typename Words>
std::optional<double> factor_of(const Symbols& symbols, const Words& words, std::string_view written) {
  const std::string unit = without_java_escapes(bare(written));
  for (const Unit& known : symbols)
    if (known.word == unit) return known.factor;
  std::string word = lower(unit);
  if (word.size() > 3 && word.back() == 's') word.pop_back();
  for (const Unit& known : words)
    if (known.word == word) return known.factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> nm_per_unit(std::string_view unit) { return factor_of(lengths, length_words, unit); }
std::optional<double> seconds_per_unit(std::string_view unit) { return factor_of(times, time_words, unit); }

bool is_reciprocal_unit(std::string_view unit) {
  unit = bare(unit);
  return unit.find("1/") != unit.npos || unit.find("1 /") != unit.npos || unit.find("-1") != unit.npos ||
         unit.find("\u207B") != unit.npos || unit.find("rad") != unit.npos || unit.find("deg") == 0;
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
