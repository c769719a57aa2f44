// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hyperspy_frames.h"

#include <fmt/format.h>

#include <algorithm>

namespace sinterscope {
namespace {

constexpr std::string_view experiments = "/Experiments/";
constexpr std::string_view data_name = "/data";

struct Signal {
  Hdf5Stack stack;
  std::string why_not;
};

Signal read_signal(const Hdf5File& file, const Hdf5Dataset& dataset) {
  Signal signal;
  signal.stack.dataset = dataset;
  signal.why_not = why_no_image(dataset);
  if (!signal.why_not.empty()) return signal;
  const std::string group = dataset.path.substr(0, dataset.path.size() - data_name.size());
  std::vector<Hdf5Axis> axes;
  std::size_t navigation = 0;
  bool flagged = false;
  for (std::size_t i = 0; i < dataset.shape.size(); ++i) {
    const std::string axis = fmt::format("{}/axis-{}", group, i);
    axes.push_back({dataset.shape[i], file.number_attribute(axis, "scale").value_or(1.0),
                    file.text_attribute(axis, "name").value_or(""),
                    file.text_attribute(axis, "units").value_or("")});
    if (const auto navigate = file.number_attribute(axis, "navigate")) {
      flagged = true;
      if (*navigate != 0.0) ++navigation;
    }
  }
  if (flagged && dataset.shape.size() - navigation != 2)
    signal.why_not = fmt::format("{} signal axes: a spectrum or a diffraction data set, not images",
                                 dataset.shape.size() - navigation);
  else
    signal.why_not = assign_axes(signal.stack, axes, "HyperSpy axes");
  return signal;
}

}  // namespace

bool is_hyperspy(const Hdf5File& file) { return file.text_attribute("/", "file_format") == "HyperSpy"; }

Hdf5Stack hyperspy_stack(const Hdf5File& file, const OpenOptions& options) {
  std::vector<Signal> signals;
  std::vector<ImageCandidate> candidates;
  for (const Hdf5Dataset& dataset : file.datasets()) {
    const std::string& path = dataset.path;
    const bool data = path.compare(0, experiments.size(), experiments) == 0 &&
                      path.size() > data_name.size() &&
                      path.compare(path.size() - data_name.size(), data_name.size(), data_name) == 0;
    const std::string first_axis =
        path.substr(0, path.size() - std::min(path.size(), data_name.size())) + "/axis-0";
    if (!data || std::find(file.groups().begin(), file.groups().end(), first_axis) == file.groups().end())
      continue;
    signals.push_back(read_signal(file, dataset));
    candidates.push_back(candidate_of(dataset, path, signals.back().why_not));
  }
  std::vector<std::string> warnings;
  Hdf5Stack stack = std::move(signals[choose_image(candidates, options, warnings)].stack);
  stack.format = "HyperSpy";
  stack.candidates = std::move(candidates);
  for (std::string& warning : warnings) stack.warnings.push_back(std::move(warning));
  return stack;
}

}  // namespace sinterscope
