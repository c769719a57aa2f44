// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/vamas_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "sinterscope/core/error.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, Words words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The lines of a file, taken one field after the other.
class Fields {
 public:
  Fields(std::string_view text, std::string name) : lines_(lines_of(text)), name_(std::move(name)) {}

  std::string text(std::string_view field) {
    if (next_ >= lines_.size())
      throw Error(fmt::format("{}: VAMAS: the file ends after line {}, before '{}': cut short", name_,
                              lines_.size(), field));
    return std::string(lines_[next_++]);
  }
  double number(std::string_view field) {
    const std::string line = text(field);
    const auto value = whole_number(line);
    if (!value || !std::isfinite(*value)) throw wrong(field, line, "a number");
    return *value;
  }
  /// Empty where the file says 1E37: not known.
  std::optional<double> known_number(std::string_view field) {
    constexpr double unknown = 0.99e37;
    const double value = number(field);
    return value < unknown ? std::optional(value) : std::nullopt;
  }
  /// A count of things of which each takes `lines_each` lines that must still be there.
  std::size_t count(std::string_view field, std::size_t lines_each = 1) {
    const double value = number(field);
    const std::size_t left = lines_.size() - next_;
    if (!(value >= 0.0) || value != std::floor(value) ||
        value * static_cast<double>(lines_each) > static_cast<double>(left))
      throw wrong(field, lines_[next_ - 1], fmt::format("a count that fits the {} lines left", left));
    return static_cast<std::size_t>(value);
  }
  void skip(std::size_t lines, std::string_view field) {
    for (std::size_t i = 0; i < lines; ++i) text(field);
  }
  void skip_numbers(std::size_t lines, std::string_view field) {
    for (std::size_t i = 0; i < lines; ++i) number(field);
  }
  /// An error about the line taken last.
  Error wrong(std::string_view field, std::string_view value, std::string_view right) const {
    return Error(
        fmt::format("{}: VAMAS: line {}: {} is '{}': must be {}", name_, next_, field, value, right));
  }

 private:
  std::vector<std::string_view> lines_;
  std::string name_;
  std::size_t next_ = 0;
};

/// What the head says about the blocks.
struct Head {
  std::string comment, mode;
  std::size_t variables = 0, future_block_entries = 0, blocks = 0;

  bool is(Words modes) const { return is_one_of(mode, modes); }
};

Head read_head(Fields& fields) {
  Head head;
  const std::string format = fields.text("format identifier");
  if (!format.starts_with("VAMAS Surface Chemical Analysis Standard Data Transfer Format"))
    throw fields.wrong("format identifier", format.substr(0, 60), "that of VAMAS");
  fields.skip(4, "institution, instrument, operator and experiment");
  const std::size_t comment_lines = fields.count("number of lines in comment");
  for (std::size_t i = 0; i < comment_lines; ++i) head.comment += fields.text("comment") + "\n";
  head.mode = fields.text("experiment mode");
  if (!head.is({"MAP", "MAPDP", "MAPSV", "MAPSVDP", "NORM", "SDP", "SDPSV", "SEM", "NOEXP"}))
    throw fields.wrong("experiment mode", head.mode,
                       "one of MAP, MAPDP, MAPSV, MAPSVDP, NORM, SDP, SDPSV, SEM, NOEXP");
  const std::string scan = fields.text("scan mode");
  if (scan != "REGULAR")
    throw fields.wrong("scan mode", scan, "REGULAR; irregular scans and maps are not read");
  if (head.is({"MAP", "MAPDP", "NORM", "SDP"})) fields.number("number of spectral regions");
  if (head.is({"MAP", "MAPDP"})) fields.skip_numbers(3, "analysis positions and coordinates of a map");
  head.variables = fields.count("number of experimental variables", 2);
  fields.skip(2 * head.variables, "experimental variables");
  const double left_out = fields.number("number of entries in parameter inclusion or exclusion list");
  if (left_out != 0.0)
    throw fields.wrong("number of entries in parameter inclusion or exclusion list",
                       fmt::format("{}", left_out), "0; blocks with left-out parameters are not read");
  fields.skip(fields.count("number of manually entered items in block"), "manually entered items");
  const std::size_t future = fields.count("number of future upgrade experiment entries");
  head.future_block_entries = fields.count("number of future upgrade block entries");
  fields.skip(future, "future upgrade experiment entries");
  constexpr std::size_t fewest_lines = 40;  // of a block
  head.blocks = fields.count("number of blocks", fewest_lines);
  return head;
}

void read_source(Fields& fields, const Head& head, VamasBlock& block) {
  if (head.is({"MAP", "MAPDP"})) fields.skip_numbers(2, "x and y coordinate");
  fields.skip(head.variables, "values of experimental variables");
  block.source = fields.text("analysis source label");
  if (head.is({"MAPDP", "MAPSVDP", "SDP", "SDPSV"}) ||
      is_one_of(block.technique, {"FABMS", "FABMS energy spec", "ISS", "SIMS", "SIMS energy spec", "SNMS",
                                  "SNMS energy spec"}))
    fields.skip_numbers(3, "sputtering ion");
  block.source_energy_eV = fields.known_number("analysis source characteristic energy");
  fields.skip_numbers(3, "analysis source strength and beam width");
  if (head.is({"MAP", "MAPDP", "MAPSV", "MAPSVDP", "SEM"})) fields.skip_numbers(2, "field of view");
  if (head.is({"MAPSV", "MAPSVDP", "SEM"})) fields.skip_numbers(6, "line scan coordinates");
  fields.skip_numbers(2, "analysis source angles");
}

void read_analyser(Fields& fields, VamasBlock& block) {
  fields.text("analyser mode");
  fields.number("analyser pass energy or retard ratio or mass resolution");
  if (block.technique == "AES diff") fields.number("differential width");
  fields.number("magnification of analyser transfer lens");
  block.work_function_eV = fields.known_number("analyser work function");
  fields.skip_numbers(5, "target bias, analysis width and analyser angles");
  block.species = fields.text("species label");
  block.transition = fields.text("transition or charge state label");
  fields.number("charge of detected particle");
}

void read_axes(Fields& fields, VamasBlock& block) {
  constexpr std::size_t most_variables = 1000;
  block.abscissa = fields.text("abscissa label");
  block.abscissa_unit = fields.text("abscissa units");
  block.start = fields.number("abscissa start");
  block.step = fields.number("abscissa increment");
  if (block.step == 0.0) throw fields.wrong("abscissa increment", "0", "another number");
  const std::size_t count = fields.count("number of corresponding variables", 2);
  if (count < 1 || count > most_variables)
    throw fields.wrong("number of corresponding variables", fmt::format("{}", count),
                       fmt::format("1 to {}", most_variables));
  for (std::size_t i = 0; i < count; ++i) {
    VamasVariable variable;
    variable.label = fields.text("corresponding variable label");
    variable.unit = fields.text("corresponding variable units");
    block.variables.push_back(std::move(variable));
  }
}

void read_signal(Fields& fields, const Head& head, VamasBlock& block) {
  block.signal_mode = fields.text("signal mode");
  block.collection_time_s = fields.known_number("signal collection time");
  const double scans = fields.number("number of scans to compile this block");
  if (!(scans >= 1.0 && scans <= 1e6 && scans == std::floor(scans)))
    throw fields.wrong("number of scans to compile this block", fmt::format("{}", scans), "1, 2, 3 ...");
  block.scans = static_cast<int>(scans);
  fields.number("signal time correction");
  if (head.is({"MAPDP", "MAPSVDP", "SDP", "SDPSV"}) &&
      is_one_of(block.technique, {"AES diff", "AES dir", "EDX", "ELS", "UPS", "XPS", "XRF"})) {
    fields.skip_numbers(6, "sputtering source");
    fields.text("sputtering mode");
  }
  fields.skip_numbers(3, "sample tilt, azimuth and rotation");
  fields.skip(3 * fields.count("number of additional numerical parameters", 3),
              "additional numerical parameters");
  fields.skip(head.future_block_entries, "future upgrade block entries");
}

void read_values(Fields& fields, VamasBlock& block) {
  const std::size_t count = fields.count("number of ordinate values");
  const std::size_t variables = block.variables.size();
  if (count % variables != 0)
    throw fields.wrong("number of ordinate values", fmt::format("{}", count),
                       fmt::format("a multiple of the {} corresponding variables", variables));
  fields.skip_numbers(2 * variables, "least and largest ordinate value");
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = fields.known_number("ordinate value");
    if (!value) throw fields.wrong("ordinate value", "1E37", "a measured value");
    block.variables[i % variables].values.push_back(*value);
  }
}

VamasBlock read_block(Fields& fields, const Head& head) {
  VamasBlock block;
  block.name = fields.text("block identifier");
  block.sample = fields.text("sample identifier");
  fields.skip_numbers(7, "date, time and hours from GMT");
  fields.skip(fields.count("number of lines in block comment"), "block comment");
  block.technique = fields.text("technique");
  if (!is_one_of(block.technique,
                 {"AES diff", "AES dir", "EDX", "ELS", "FABMS", "FABMS energy spec", "ISS", "SIMS",
                  "SIMS energy spec", "SNMS", "SNMS energy spec", "UPS", "XPS", "XRF"}))
    throw fields.wrong("technique", block.technique, "one that VAMAS knows (XPS, UPS, AES dir, ...)");
  read_source(fields, head, block);
  read_analyser(fields, block);
  read_axes(fields, block);
  read_signal(fields, head, block);
  read_values(fields, block);
  return block;
}

}  // namespace

VamasFile read_vamas(const std::filesystem::path& path) {
  const std::string text = utf8_from(read_text_file(path));
  Fields fields(text, path.string());
  const Head head = read_head(fields);
  if (head.blocks == 0) throw fields.wrong("number of blocks", "0", "1 or more");
  VamasFile file;
  file.comment = head.comment;
  for (std::size_t i = 0; i < head.blocks; ++i)
    file.blocks.push_back(in_context(fmt::format("block {} of {}", i + 1, head.blocks),
                                     [&] { return read_block(fields, head); }));
  return file;
}

}  // namespace sinterscope
