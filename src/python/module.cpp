// SPDX-License-Identifier: GPL-3.0-or-later
// The module itself: its errors, and conversions that its functions share.
#include <fmt/format.h>

#include <cmath>

#include "bindings.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

namespace py = pybind11;

/// Made once, kept for the life of the interpreter.
PyObject* failed_type = nullptr;
PyObject* usage_type = nullptr;

/// Error(RuntimeError); UsageError(Error, ValueError) where the caller can set it right.
void bind_errors(py::module_& module) {
  failed_type = PyErr_NewExceptionWithDoc("sinterscope.Error",
                                          "The work failed; the text says what, where, what to do.",
                                          PyExc_RuntimeError, nullptr);
  const py::tuple bases = py::make_tuple(py::handle(failed_type), py::handle(PyExc_ValueError));
  usage_type = PyErr_NewExceptionWithDoc("sinterscope.UsageError", "An argument or option that cannot be.",
                                         bases.ptr(), nullptr);
  module.attr("Error") = py::handle(failed_type);
  module.attr("UsageError") = py::handle(usage_type);
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      PyErr_SetString(error.kind() == Error::Kind::usage ? usage_type : failed_type, error.what());
    }
  });
}

}  // namespace

nlohmann::json json_from(const py::object& value, const char* where) {
  if (value.is_none()) return nlohmann::json::object();
  if (!py::isinstance<py::dict>(value)) throw py::type_error(fmt::format("{}: must be a dictionary", where));
  try {
    return nlohmann::json::parse(py::module_::import("json").attr("dumps")(value).cast<std::string>());
  } catch (const py::error_already_set& error) {
    throw usage_error(fmt::format("{}: {}", where, py::str(error.value()).cast<std::string>()));
  } catch (const nlohmann::json::exception& error) {
    throw usage_error(fmt::format("{}: {}", where, error.what()));
  }
}

py::object python_from(const nlohmann::json& value) {
  return py::module_::import("json").attr("loads")(value.dump());
}

std::vector<double> numbers_from(const py::object& value, std::size_t count, const char* name,
                                 const char* each) {
  const auto numbers = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(value);
  if (!numbers) {
    PyErr_Clear();
    throw py::type_error(fmt::format("{}: must be a number, or one per {}", name, each));
  }
  if (numbers.ndim() == 0) return std::vector<double>(count, *numbers.data());
  if (numbers.ndim() != 1 || static_cast<std::size_t>(numbers.size()) != count)
    throw usage_error(fmt::format("{}: {} values in {} axes for {} {}s: give one number, or one per {}", name,
                                  numbers.size(), numbers.ndim(), count, each, each));
  return {numbers.data(), numbers.data() + numbers.size()};
}

ThermalHistory history_from(const py::object& temperature_K, std::size_t frames, double frame_interval_s) {
  std::vector<double> temperatures(frames, std::nan(""));
  if (!temperature_K.is_none()) temperatures = numbers_from(temperature_K, frames, "temperature_K", "frame");
  std::vector<ThermalEntry> entries;
  for (std::size_t i = 0; i < frames; ++i) {
    ThermalEntry entry;
    entry.frames = 1;
    entry.start_s = static_cast<double>(i) * frame_interval_s;
    entry.frame_interval_s = frame_interval_s;
    if (!std::isnan(temperatures[i])) entry.temperature_K = temperatures[i];
    entries.push_back(entry);
  }
  return make_thermal_history(entries);
}

}  // namespace sinterscope

PYBIND11_MODULE(sinterscope, module) {
  module.doc() = R"(Particles in in situ ESTEM frames, and what their coming and going says of dh and c_ad.

    frames = sinterscope.open_frames("movie.dm4")
    found  = sinterscope.find_particles(frames, temperature_K=temperatures)
    linked = sinterscope.link(found.particles, frames.shape, temperature_K=temperatures, drift=found.drift)
    fit    = sinterscope.fit_entropy_model(hold_temperatures_K, areas_nm2, diameters_nm, d50_nm=1.0, d90_nm=1.3)
    sinterscope.critical_concentration(fit["dh_ev"]["estimate"], 773.15)

Temperatures are in K, lengths in px or nm as the name says. Whole experiments from files to the report: the program `sinterscope`.
Errors: Error (a RuntimeError), and UsageError (also a ValueError) where an argument cannot be; the texts are those of the program.)";
  module.attr("__version__") = sinterscope::version;
  sinterscope::bind_errors(module);
  sinterscope::bind_frames(module);
  sinterscope::bind_particles(module);
  sinterscope::bind_fit(module);
}
