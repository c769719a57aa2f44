// SPDX-License-Identifier: GPL-3.0-or-later
// fit_entropy_model and critical_concentration.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <cmath>

#include "bindings.h"
#include "sinterscope/core/error.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {
namespace {

namespace py = pybind11;

constexpr double relative_size_se = 0.05;  ///< of a diameter without its own error, as in the command `fit`

/// Whole arrays of the particles of each hold.
std::vector<SizedParticle> sized_particles(const py::object& diameters, const py::object& errors,
                                           std::size_t hold) {
  const auto size = static_cast<std::size_t>(py::len(diameters));
  const std::string name = fmt::format("diameters_nm[{}]", hold);
  const std::vector<double> d = numbers_from(diameters, size, name.c_str(), "particle");
  std::vector<double> se;
  if (errors.is_none())
    for (const double one : d) se.push_back(relative_size_se * one);
  else
    se = numbers_from(errors, size, fmt::format("diameter_se_nm[{}]", hold).c_str(), "particle");
  std::vector<SizedParticle> particles;
  for (std::size_t i = 0; i < size; ++i) particles.push_back({d[i], se[i]});
  return particles;
}

struct HoldArrays {
  py::object temperature_K, support_area_nm2, diameters_nm, diameter_se_nm, d50_nm, d90_nm;
  std::optional<std::vector<std::string>> region;
};

void require_one_per_hold(std::size_t entries, std::size_t holds, const char* name) {
  if (entries != holds)
    throw usage_error(fmt::format("{}: {} entries for {} holds: give one per hold", name, entries, holds));
}

std::vector<HoldInventory> inventories_from(const HoldArrays& arrays) {
  const std::size_t count = py::len(arrays.temperature_K);
  const std::vector<double> temperature = numbers_from(arrays.temperature_K, count, "temperature_K", "hold");
  const std::vector<double> area = numbers_from(arrays.support_area_nm2, count, "support_area_nm2", "hold");
  const std::vector<double> d50 = numbers_from(arrays.d50_nm, count, "d50_nm", "hold");
  const std::vector<double> d90 = numbers_from(arrays.d90_nm, count, "d90_nm", "hold");
  require_one_per_hold(py::len(arrays.diameters_nm), count, "diameters_nm");
  if (!arrays.diameter_se_nm.is_none())
    require_one_per_hold(py::len(arrays.diameter_se_nm), count, "diameter_se_nm");
  if (arrays.region) require_one_per_hold(arrays.region->size(), count, "region");
  std::vector<HoldInventory> holds(count);
  for (std::size_t i = 0; i < count; ++i) {
    HoldInventory& hold = holds[i];
    if (arrays.region) hold.region = (*arrays.region)[i];
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      hold.hold += holds[earlier].region == hold.region ? 1 : 0;
    if (!std::isnan(temperature[i])) hold.temperature_K = temperature[i];
    hold.start_s = static_cast<double>(i);
    hold.end_s = hold.start_s + 1.0;
    hold.frames = 1;
    hold.support_area_nm2 = area[i];
    if (!(d90[i] > d50[i]))
      throw usage_error(
          fmt::format("hold {}: d90_nm is {}: must be larger than d50_nm ({})", i, d90[i], d50[i]));
    hold.limit.d50_nm = d50[i];
    hold.limit.width_nm = (d90[i] - d50[i]) / std::log(9.0);
    const py::object at = py::int_(i);
    hold.particles = sized_particles(
        arrays.diameters_nm[at],
        arrays.diameter_se_nm.is_none() ? py::none() : py::object(arrays.diameter_se_nm[at]), i);
  }
  return holds;
}

py::object fit(const py::object& temperature_K, const py::object& support_area_nm2,
               const py::object& diameters_nm, const py::object& d50_nm, const py::object& d90_nm,
               const py::object& diameter_se_nm, const std::optional<std::vector<std::string>>& region,
               const py::object& sample, const py::object& options, int threads) {
  FitOptions fit_options;
  JsonReader reader(json_from(options, "options"), "fit_entropy_model: options");
  reader.read_fields(fit_options);
  reader.finish();
  Products products;
  products.config.sample = read_sample(json_from(sample, "sample"), "fit_entropy_model");
  const std::vector<HoldInventory> holds = inventories_from(
      {temperature_K, support_area_nm2, diameters_nm, diameter_se_nm, d50_nm, d90_nm, region});
  {
    const py::gil_scoped_release unlocked;
    products.fit = fit_entropy_model(holds, *products.config.sample, fit_options, threads);
    products.models = compare_models(holds, *products.config.sample, fit_options);
    withhold_refuted(*products.fit, *products.models);
  }
  return python_from(fit_json(products));
}

double c_star(double dh_eV, double temperature_K, double sigma) {
  if (!(temperature_K > 0.0 && std::isfinite(temperature_K)))
    throw usage_error(fmt::format("temperature_K is {}: must be above 0 K", temperature_K));
  if (!std::isfinite(dh_eV)) throw usage_error(fmt::format("dh_eV is {}: must be a number", dh_eV));
  return critical_concentration(dh_eV, temperature_K, sigma);
}

}  // namespace

void bind_fit(py::module_& module) {
  py::dict paper;
  paper["particle"] = "PdO";
  paper["support"] = "CeO2(100)";
  paper["shape_factor"] = 0.5;
  module.def("fit_entropy_model", &fit, py::arg("temperature_K"), py::arg("support_area_nm2"),
             py::arg("diameters_nm"), py::kw_only(), py::arg("d50_nm"), py::arg("d90_nm"),
             py::arg("diameter_se_nm") = py::none(), py::arg("region") = py::none(),
             py::arg("sample") = paper, py::arg("options") = py::none(), py::arg("threads") = 1,
             R"(dh and c_ad from what stood on the support in each hold, with intervals that hold.

temperature_K: array (holds), in order of time; NaN = a hold without temperature, which is not fitted. support_area_nm2: nm^2 of
support looked at, for all or per hold. diameters_nm: a sequence of one array per hold with the diameter (nm) of each particle, one
value a particle (not one a frame); an empty array is a hold in which nothing was seen, a censored observation. d50_nm, d90_nm:
diameters (nm) that are found with 50 % and 90 % probability (holds.csv of `sinterscope run` has them), for all or per hold: where
nothing was seen the answer rests on them. diameter_se_nm: standard errors in the form of diameters_nm; default 5 %. region: one name
a hold where several fields of view were watched. sample: as in the pipeline file. options: those of the stage `fit`. threads: the
result is the same for any.

Returns the content of fit.json (docs/tutorial.md) as a dictionary: dh_ev, c_ad, redispersion_temperature_k (each with
estimate, interval68, interval95, bounded; None = an open end, or an estimate the data do not support), goodness, holds (observed
against predicted), models, preferred, lead, messages.

Raises UsageError (lengths, options, sample), Error (areas, diameters or temperatures that cannot be). Poor data raise nothing: they
widen the intervals. Python's lock is released during the work. Model: Zhu et al., arXiv:2204.00812, Eqs. 1, 2 and 4.)");
  module.def("critical_concentration", py::vectorize(&c_star), py::arg("dh_eV"), py::arg("temperature_K"),
             py::arg("sigma") = entropy_per_atom_kB,
             R"(c*_ad: ad-atoms per support site below which particles redisperse.

1 / (1 + exp(sigma - dh / kT)): Zhu et al., arXiv:2204.00812, Eq. 4. dh_eV: enthalpy per atom in the particle relative to an ad-atom
(eV, negative = bound). temperature_K: K. sigma: configurational entropy per atom of a particle in k_B (1 = liquid-like).

Numbers or arrays of any shapes that broadcast; returns a float or an array of the broadcast shape. Raises UsageError for a
temperature that is not above 0 K or a dh that is not finite.)");
}

}  // namespace sinterscope
