// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hdf5_frames.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "hdf5_handle.h"
#include "sinterscope/io/dm5_frames.h"
#include "sinterscope/io/emd_frames.h"
#include "sinterscope/io/hyperspy_frames.h"
#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/velox_frames.h"

namespace sinterscope {
namespace {

// Why a dataset is no stack of images; empty where it is one.
std::string why_not_frames(const Hdf5Dataset& dataset) {
  const std::string why = why_no_image(dataset);
  if (!why.empty()) return why;
  std::vector<std::uint64_t> shape = dataset.shape;
  while (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() > 3) return fmt::format("{} axes: not a stack of images", shape.size());
  if (shape[shape.size() - 1] < 2 || shape[shape.size() - 2] < 2) return "a line, not an image";
  if (shape.size() == 3 && shape[2] <= 4 && dataset.type == SampleType::u8) return "a colour image";
  return "";
}

// The dataset's own path and the groups above it, nearest first.
std::vector<std::string> objects_above(const std::string& path) {
  std::vector<std::string> objects{path};
  for (std::size_t cut = path.rfind('/'); cut != std::string::npos && cut > 0; cut = path.rfind('/', cut - 1))
    objects.push_back(path.substr(0, cut));
  objects.emplace_back("/");
  return objects;
}

Calibration calibration_of(const Hdf5File& file, const std::string& object,
                           std::vector<std::string>& warnings) {
  for (const char* unit : {"nm", "um", "m"}) {
    const std::string name = fmt::format("pixel_size_{}", unit);
    if (const auto value = file.number_attribute(object, name))
      return calibration_from(*value, *value, unit, "HDF5 attribute " + name);
  }
  const std::vector<double> element = file.numbers_attribute(object, "element_size_um");
  if (element.size() >= 2)  // slowest axis first
    return calibration_from(element.back(), element[element.size() - 2], "um",
                            "HDF5 attribute element_size_um");
  for (const char* name : {"scale", "pixel_size"}) {
    const auto value = file.number_attribute(object, name);
    if (!value) continue;
    for (const std::string& key : {fmt::format("{}_unit", name), fmt::format("{}_units", name),
                                   std::string("unit"), std::string("units")})
      if (const auto unit = file.text_attribute(object, key))
        return calibration_from(*value, *value, *unit,
                                fmt::format("HDF5 attribute {} with {}={}", name, key, *unit));
    warnings.push_back(
        fmt::format("attribute {}={} of {} has no unit beside it: not used", name, *value, object));
  }
  return {};
}

Hdf5Stack generic_stack(const Hdf5File& file, const OpenOptions& options) {
  Hdf5Stack stack;
  stack.format = "HDF5";
  for (const Hdf5Dataset& dataset : file.datasets())
    stack.candidates.push_back(candidate_of(dataset, dataset.path, why_not_frames(dataset)));
  stack.dataset = file.datasets()[choose_image(stack.candidates, options, stack.warnings)];
  const std::size_t axes = stack.dataset.shape.size();
  stack.row_axis = axes - 2;
  stack.column_axis = axes - 1;
  if (axes > 2) stack.frame_axis = axes - 3;
  for (const std::string& object : objects_above(stack.dataset.path)) {
    if (!stack.calibration.calibrated()) stack.calibration = calibration_of(file, object, stack.warnings);
    if (!stack.frame_interval_s) stack.frame_interval_s = file.number_attribute(object, "frame_interval_s");
  }
  return stack;
}

std::unique_ptr<FrameSource> open_here(const std::filesystem::path& path, const OpenOptions& options) {
  const auto file = std::make_shared<const Hdf5File>(path);
  const auto describe = is_velox(*file)      ? &velox_stack
                        : is_hyperspy(*file) ? &hyperspy_stack
                        : is_dm5(*file)      ? &dm5_stack
                        : is_emd(*file)      ? &emd_stack
                                             : &generic_stack;
  return frames_of(path, options, file,
                   in_context(path.string() + ": HDF5", [&] { return describe(*file, options); }));
}

// Opens the file and reads its first, middle and last frame; ends the process.
[[noreturn]] void try_as_child(const std::filesystem::path& path, const OpenOptions& options) {
  constexpr unsigned patience_s = 60;
  for (const int signal_number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM})
    std::signal(signal_number, SIG_DFL);
  const struct rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::alarm(patience_s);
  try {
    const auto source = open_here(path, options);
    for (const std::size_t i : {std::size_t{0}, source->size() / 2, source->size() - 1})
      source->load_native(i);
  } catch (...) {  // a refusal is told where it can be heard
  }
  ::_exit(0);
}

// HDF5 1.10 follows null pointers and loops in some damaged files. A child process goes first: where it dies,
// the file is refused and the program lives.
void let_a_child_try(const std::filesystem::path& path, const OpenOptions& options) {
  const pid_t child = [] {
    const std::lock_guard lock(hdf5_lock());  // no thread is inside the library, in neither process
    return ::fork();
  }();
  if (child == 0) try_as_child(path, options);
  if (child < 0) return;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error(
        fmt::format("{}: HDF5: the library {} on this file: damaged, copy it again", path.string(),
                    WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "comes to no end" : "breaks down"));
}

}  // namespace

std::unique_ptr<FrameSource> open_hdf5(const std::filesystem::path& path, const OpenOptions& options) {
  let_a_child_try(path, options);
  return open_here(path, options);
}

}  // namespace sinterscope
