// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// VAMAS files as the tests need them, written here.

#include <fmt/format.h>

#include <string>
#include <vector>

namespace sinterscope::test {

struct VamasTestBlock {
  std::string name = "Pd 3d";
  std::string abscissa = "kinetic energy", unit = "eV";
  double photon_eV = 1486.7, start = 1149.9, step = -0.1;
  std::vector<std::string> labels = {"counts"}, units = {"d"};
  double collection_time_s = 0.2;
  int scans = 5;
  std::vector<std::vector<double>> rows = {{10}, {20}, {30}};  ///< per channel, a value per variable
};

struct VamasTestFile {
  std::string mode = "NORM", scan_mode = "REGULAR", line_end = "\n";
  std::vector<VamasTestBlock> blocks = {{}};
};

inline std::string vamas_text(const VamasTestFile& file) {
  std::vector<std::string> lines = {
      "VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4",
      "institution",
      "",
      "",
      "experiment",
      "2",
      "first",
      "",
      file.mode,
      file.scan_mode};
  const auto add = [&](std::initializer_list<std::string> more) { lines.insert(lines.end(), more); };
  if (file.mode == "NORM" || file.mode == "SDP") add({"1"});
  add({"1", "temperature", "C", "0", "0", "1", "1", "upgrade", fmt::format("{}", file.blocks.size())});
  for (const VamasTestBlock& block : file.blocks) {
    add({block.name, "sample", "2026", "5", "4", "15", "31", "53", "0", "1", "block comment", "XPS", "500",
         "Al"});
    if (file.mode == "SDP") add({"18", "1", "1"});
    add({fmt::format("{}", block.photon_eV), "400.0", "1E37", "1E37", "1E37", "1E37"});
    add({"FAT", "50.00", "5.0", "4.5", "1E37", "1200", "1200", "1E37", "1E37", "Pd", "3d", "-1"});
    add({block.abscissa, block.unit, fmt::format("{}", block.start), fmt::format("{}", block.step),
         fmt::format("{}", block.labels.size())});
    for (std::size_t i = 0; i < block.labels.size(); ++i) add({block.labels[i], block.units[i]});
    add({"pulse counting", fmt::format("{}", block.collection_time_s), fmt::format("{}", block.scans),
         "70E-9"});
    if (file.mode == "SDP") add({"3000", "1", "1", "1", "45", "0", "cyclic"});
    add({"1E37", "1E37", "1E37", "1", "note", "d", "7", "upgrade"});
    add({fmt::format("{}", block.rows.size() * block.labels.size())});
    for (std::size_t i = 0; i < block.labels.size(); ++i) add({"0", "1000"});
    for (const auto& row : block.rows)
      for (const double value : row) add({fmt::format("{}", value)});
  }
  std::string text;
  for (const std::string& line : lines) text += line + file.line_end;
  return text;
}

}  // namespace sinterscope::test
