// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/spectrum_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/io/text_values.h"
#include "sinterscope/io/vamas_file.h"

namespace sinterscope {
namespace {

Error wrong(const std::filesystem::path& path, const std::string& message) {
  return Error(fmt::format("{}: {}", path.string(), message));
}

bool is_vamas(const std::filesystem::path& path) {
  const InputFile file(path);
  return file.size() >= 5 && file.text(0, 5, "first bytes") == "VAMAS";
}

/// Axis and values as a file has them.
struct RawSpectrum {
  std::vector<double> energy, values;
  bool kinetic = false, rate = false;
  std::optional<double> photon_energy_eV, dwell_s;
};

Spectrum finish(RawSpectrum raw, const std::filesystem::path& path, const SpectrumChoice& choice) {
  Spectrum spectrum;
  if (raw.kinetic) {
    const auto photon_eV = choice.photon_energy_eV ? choice.photon_energy_eV : raw.photon_energy_eV;
    if (!photon_eV) throw wrong(path, "kinetic energies without a photon energy: give photon_energy_ev");
    for (double& energy : raw.energy) energy = *photon_eV - choice.work_function_eV - energy;
  }
  if (raw.rate) {
    const auto dwell_s = choice.dwell_s ? choice.dwell_s : raw.dwell_s;
    if (!dwell_s || !(*dwell_s > 0.0))
      throw wrong(
          path,
          "counts per second without a dwell time: give dwell_s, seconds per channel, all scans together");
    for (double& value : raw.values) {
      value *= *dwell_s;
      // A rate printed with a few digits still stands for whole counts.
      if (std::abs(value - std::round(value)) < 1e-3) value = std::round(value);
    }
  }
  if (raw.energy.size() > 1 && raw.energy.front() > raw.energy.back()) {
    std::reverse(raw.energy.begin(), raw.energy.end());
    std::reverse(raw.values.begin(), raw.values.end());
  }
  for (std::size_t i = 0; i < raw.energy.size(); ++i) {
    if (i > 0 && !(raw.energy[i] > raw.energy[i - 1]))
      throw wrong(path,
                  fmt::format("binding energy {} eV comes after {} eV: energies must all rise or all fall",
                              raw.energy[i], raw.energy[i - 1]));
    if (!(raw.values[i] >= 0.0 && raw.values[i] < 1e15))
      throw wrong(path,
                  fmt::format("{} counts at {} eV: counts are zero or more", raw.values[i], raw.energy[i]));
  }
  spectrum.binding_energy_eV = std::move(raw.energy);
  spectrum.counts = std::move(raw.values);
  spectrum.name = path.stem().string();
  return spectrum;
}

double required(const Table& table, std::size_t row, const char* column) {
  const auto value = table.number(row, column);
  if (!value || !std::isfinite(*value))
    throw Error(fmt::format("row {}: column '{}' is empty or no number", row + 1, column));
  return *value;
}

RawSpectrum from_csv(const std::filesystem::path& path) {
  const Table table = read_csv(path);
  RawSpectrum raw;
  raw.kinetic = !table.has_column("binding_energy_ev");
  raw.rate = !table.has_column("counts");
  const char* energy = raw.kinetic ? "kinetic_energy_ev" : "binding_energy_ev";
  const char* counts = raw.rate ? "counts_per_s" : "counts";
  if (!table.has_column(energy))
    throw wrong(path, "no column binding_energy_ev or kinetic_energy_ev: name them so in the first row");
  if (!table.has_column(counts))
    throw wrong(path, "no column counts or counts_per_s: name them so in the first row");
  if (table.size() == 0) throw wrong(path, "no row below the first");
  in_context(path.string(), [&] {
    for (std::size_t row = 0; row < table.size(); ++row) {
      raw.energy.push_back(required(table, row, energy));
      raw.values.push_back(required(table, row, counts));
    }
  });
  return raw;
}

std::string names_of(const VamasFile& file) {
  std::string names;
  for (const VamasBlock& block : file.blocks)
    names += (names.empty() ? "'" : ", '") + block.name +
             (block.species.empty() ? "'" : fmt::format("' ({} {})", block.species, block.transition));
  return names;
}

/// Letters and digits only: "Pd 3d", "Pd3d" and "PD 3d" are one name.
std::string bare(const std::string& name) {
  std::string result;
  for (const char c : lower(name))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) result.push_back(c);
  return result;
}

const VamasBlock& chosen_block(const VamasFile& file, const std::filesystem::path& path,
                               const std::string& choice) {
  if (choice.empty()) {
    if (file.blocks.size() == 1) return file.blocks.front();
    throw wrong(
        path, fmt::format("holds {} blocks; choose one by `block`: {}", file.blocks.size(), names_of(file)));
  }
  std::vector<const VamasBlock*> found;
  for (const VamasBlock& block : file.blocks)
    if (bare(block.name) == bare(choice) || bare(block.species + block.transition) == bare(choice))
      found.push_back(&block);
  if (found.size() == 1) return *found.front();
  const auto number = whole_number(choice);
  if (found.empty() && number && *number >= 1.0 && *number <= static_cast<double>(file.blocks.size()) &&
      *number == std::floor(*number))
    return file.blocks[static_cast<std::size_t>(*number) - 1];
  throw wrong(path, fmt::format("block '{}' fits {} blocks, not one; choose by name or by number from 1: {}",
                                choice, found.size(), names_of(file)));
}

bool is_rate(const VamasVariable& variable) {
  const std::string label = lower(variable.label), unit = lower(variable.unit);
  return unit == "c/s" || unit == "cps" || unit == "counts/s" || label.find("rate") != label.npos ||
         label.find("per second") != label.npos;
}

const VamasVariable& chosen_variable(const VamasBlock& block, const std::filesystem::path& path,
                                     const std::string& choice) {
  std::string labels;
  for (const VamasVariable& variable : block.variables) {
    if (!choice.empty() && bare(variable.label) == bare(choice)) return variable;
    labels += (labels.empty() ? "'" : ", '") + variable.label + "'";
  }
  if (!choice.empty())
    throw wrong(path, fmt::format("block '{}' has no variable '{}', but {}", block.name, choice, labels));
  for (const VamasVariable& variable : block.variables) {
    const std::string label = lower(variable.label);
    if (label.find("count") != label.npos || label.find("intensity") != label.npos || is_rate(variable))
      return variable;
  }
  if (block.variables.size() == 1) return block.variables.front();
  throw wrong(path, fmt::format("block '{}': which variable holds the counts? Choose one by `variable`: {}",
                                block.name, labels));
}

RawSpectrum from_vamas(const VamasBlock& block, const std::filesystem::path& path,
                       const SpectrumChoice& choice) {
  const std::string abscissa = lower(block.abscissa);
  RawSpectrum raw;
  raw.kinetic = abscissa.find("kinetic") != abscissa.npos;
  if (!raw.kinetic && abscissa.find("binding") == abscissa.npos)
    throw wrong(path, fmt::format("block '{}': abscissa '{}' is neither a kinetic nor a binding energy",
                                  block.name, block.abscissa));
  if (lower(block.abscissa_unit) != "ev")
    throw wrong(path,
                fmt::format("block '{}': abscissa in '{}': must be in eV", block.name, block.abscissa_unit));
  const VamasVariable& variable = chosen_variable(block, path, choice.variable);
  raw.rate = is_rate(variable);
  raw.photon_energy_eV = block.source_energy_eV;
  if (block.collection_time_s) raw.dwell_s = *block.collection_time_s * block.scans;
  for (std::size_t i = 0; i < variable.values.size(); ++i)
    raw.energy.push_back(block.start + block.step * static_cast<double>(i));
  raw.values = variable.values;
  return raw;
}

}  // namespace

Spectrum read_spectrum(const std::filesystem::path& path, const SpectrumChoice& choice) {
  if (!is_vamas(path)) return finish(from_csv(path), path, choice);
  const VamasFile file = read_vamas(path);
  const VamasBlock& block = chosen_block(file, path, choice.block);
  Spectrum spectrum = finish(from_vamas(block, path, choice), path, choice);
  if (file.blocks.size() > 1 && !block.name.empty()) spectrum.name += " " + block.name;
  return spectrum;
}

}  // namespace sinterscope
