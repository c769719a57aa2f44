// SPDX-License-Identifier: GPL-3.0-or-later
// find_particles and link on structured arrays.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <array>
#include <mutex>
#include <opencv2/core/utility.hpp>

#include "bindings.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/registry.h"
#include "sinterscope/tracking/link.h"

namespace pybind11::detail {
/// Flags are a number in an array.
template <>
struct npy_format_descriptor<sinterscope::ParticleFlags> : npy_format_descriptor<std::uint32_t> {};
}  // namespace pybind11::detail
template <>
struct pybind11::format_descriptor<sinterscope::ParticleFlags> : pybind11::format_descriptor<std::uint32_t> {
};

namespace sinterscope {
namespace {

namespace py = pybind11;

/// Track without its list of particles, which the column `track` of the particles says as well.
struct TrackRow {
  int track, first_frame, last_frame, frames;
  double x_specimen_px, y_specimen_px, diameter_px, diameter_se_px;
  int previous_at_site;
  double same_site_chance;
};

/// While any search runs OpenCV works with one thread inside of a frame; then Python's own cv2 gets its
/// number back.
class OneThreadInside {
 public:
  OneThreadInside() {
    const std::lock_guard lock(mutex_);
    if (searches_++ > 0) return;
    before_ = cv::getNumThreads();
    cv::setNumThreads(1);
  }
  ~OneThreadInside() {
    const std::lock_guard lock(mutex_);
    if (--searches_ == 0) cv::setNumThreads(before_);
  }
  OneThreadInside(const OneThreadInside&) = delete;
  OneThreadInside& operator=(const OneThreadInside&) = delete;

 private:
  static inline std::mutex mutex_;
  static inline int searches_ = 0;
  static inline int before_ = 0;
};

/// Frames that somebody else owns, with what the caller says of their scale.
class SharedFrames : public FrameSource {
 public:
  SharedFrames(std::shared_ptr<const FrameSource> source, const std::optional<double>& pixel_size_nm)
      : source_(std::move(source)), description_(source_->description()) {
    if (pixel_size_nm) description_.calibration = {*pixel_size_nm, *pixel_size_nm, "argument pixel_size_nm"};
  }
  const SourceDescription& description() const override { return description_; }
  cv::Mat load_native(std::size_t i) const override { return source_->load_native(i); }
  Frame load(std::size_t i) const override {
    Frame frame = source_->load(i);
    frame.calibration = description_.calibration;
    return frame;
  }

 private:
  std::shared_ptr<const FrameSource> source_;
  SourceDescription description_;
};

/// A named tuple that the module holds under its name.
void bind_result(py::module_& module, const char* name, const char* fields) {
  module.attr(name) =
      py::module_::import("collections").attr("namedtuple")(name, fields, py::arg("module") = "sinterscope");
}

py::object result_type(const char* name) { return py::module_::import("sinterscope").attr(name); }

template <typename Row>
py::array_t<Row> rows_from(const std::vector<Row>& rows) {
  return py::array_t<Row>(static_cast<py::ssize_t>(rows.size()), rows.data());
}

py::array_t<double> drift_array(const Drift& drift) {
  py::array_t<double> array({static_cast<py::ssize_t>(drift.size()), py::ssize_t{3}});
  auto to = array.mutable_unchecked<2>();
  for (py::ssize_t i = 0; i < to.shape(0); ++i) {
    const FrameShift& shift = drift[static_cast<std::size_t>(i)];
    to(i, 0) = shift.shift_px.x;
    to(i, 1) = shift.shift_px.y;
    to(i, 2) = shift.sigma_px;
  }
  return array;
}

Drift drift_from(const py::object& given) {
  const auto array = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(given);
  if (!array || array.ndim() != 2 || array.shape(1) != 3) {
    PyErr_Clear();
    throw usage_error(
        "drift: must be an array (frames, 3) of x, y and standard error in px, as find_particles() returns "
        "it");
  }
  const auto from = array.unchecked<2>();
  Drift drift(static_cast<std::size_t>(array.shape(0)));
  for (py::ssize_t i = 0; i < from.shape(0); ++i)
    drift[static_cast<std::size_t>(i)] = {{from(i, 0), from(i, 1)}, from(i, 2)};
  return drift;
}

/// The column of a structured array, DataFrame or dictionary; empty where there is none.
std::optional<py::object> column_of(const py::object& table, const char* name) {
  try {
    return table[name];
  } catch (const py::error_already_set& missing) {
    if (missing.matches(PyExc_KeyError) || missing.matches(PyExc_ValueError) ||
        missing.matches(PyExc_IndexError))
      return std::nullopt;
    throw;
  }
}

/// Columns that are not given keep what a Particle says without them; places on the specimen are then those
/// in the frame.
std::vector<Particle> particles_from(const py::object& table) {
  for (const char* name : {"frame", "x_px", "y_px", "diameter_px"})
    if (!column_of(table, name))
      throw usage_error(
          fmt::format("particles have no column '{}': give what find_particles() returns, or any table "
                      "with frame, x_px, y_px, diameter_px",
                      name));
  const std::vector<Particle> blank(py::len(*column_of(table, "frame")));
  const py::array_t<Particle> rows = rows_from(blank);
  const py::object target = rows;
  for (const py::handle field : py::dtype::of<Particle>().attr("names")) {
    const auto name = field.cast<std::string>();
    std::optional<py::object> column = column_of(table, name.c_str());
    if (!column && name == "x_specimen_px") column = column_of(table, "x_px");
    if (!column && name == "y_specimen_px") column = column_of(table, "y_px");
    if (column) target[field] = *column;
  }
  return {rows.data(), rows.data() + rows.size()};
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    if (PyErr_WarnEx(PyExc_UserWarning, warning.c_str(), 1) != 0) throw py::error_already_set();
}

/// The stages of the pipeline up to the sizes: what `sinterscope run` does to one region.
void run_search(Products& products, const std::vector<std::unique_ptr<Stage>>& stages, int threads) {
  const py::gil_scoped_release unlocked;
  const OneThreadInside one_thread;
  NoProgress silent;
  const RunContext context{threads, Rng(products.config.seed), silent};
  for (const auto& stage : stages) {
    in_context(stage->name(), [&] { stage->run(products, context); });
    if (stage->name() == "size") return;
  }
}

py::object find(const py::object& frames, const py::object& temperature_K,
                const std::optional<double>& pixel_size_nm, const std::optional<double>& frame_interval_s,
                const std::string& detector, const py::object& options, int threads) {
  const GivenFrames given = frames_from(frames);
  if (pixel_size_nm && !(*pixel_size_nm > 0.0))
    throw usage_error(fmt::format("pixel_size_nm is {}: must be positive", *pixel_size_nm));
  Products products;
  products.config.path = "find_particles";
  products.config.acquisition.detector = detector;
  products.config.stages = json_from(options, "options");
  const std::vector<std::unique_ptr<Stage>> stages = configured_stages(products.config);
  products.history =
      history_from(temperature_K, given.source->size(),
                   frame_interval_s.value_or(given.source->description().frame_interval_s.value_or(1.0)));
  RegionProducts region;
  region.name = products.history.regions.front();
  region.raw = std::make_unique<SharedFrames>(given.source, pixel_size_nm);
  products.regions.push_back(std::move(region));
  run_search(products, stages, threads);
  warn(products.warnings);
  const RegionProducts& done = products.regions.front();
  return result_type("Found")(rows_from(products.particles), drift_array(done.drift), done.support.area_px,
                              done.probe.sigma_px, done.pixel_size_nm());
}

py::object link_particles(const py::object& table, const std::array<int, 3>& shape,
                          const py::object& temperature_K, const py::object& drift, double frame_interval_s,
                          const py::object& options) {
  LinkOptions link_options;
  JsonReader reader(json_from(options, "options"), "link: options");
  reader.read_fields(link_options);
  reader.finish();
  if (shape[0] < 1)
    throw usage_error(fmt::format("shape: {} frames: must be (frames, rows, columns)", shape[0]));
  const ThermalHistory history =
      history_from(temperature_K, static_cast<std::size_t>(shape[0]), frame_interval_s);
  std::vector<Particle> particles = particles_from(table);
  for (Particle& particle : particles) {
    particle.region = 0;
    if (particle.frame >= 0 && particle.frame < shape[0])
      particle.hold = history.frames[static_cast<std::size_t>(particle.frame)].hold;
  }
  std::vector<Drift> drifts;
  if (!drift.is_none()) drifts.push_back(drift_from(drift));
  std::vector<Track> tracks;
  {
    const py::gil_scoped_release unlocked;
    tracks = link(particles, history, drifts, {shape[2], shape[1]}, link_options);
    particles = with_track_numbers(std::move(particles), tracks);
  }
  std::vector<TrackRow> rows;
  for (const Track& t : tracks)
    rows.push_back({t.track, t.first_frame, t.last_frame, static_cast<int>(t.particles.size()),
                    t.x_specimen_px, t.y_specimen_px, t.diameter_px, t.diameter_se_px, t.previous_at_site,
                    t.same_site_chance});
  return result_type("Linked")(rows_from(particles), rows_from(rows));
}

}  // namespace

void bind_particles(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(Particle, frame, hold, track, x_px, y_px, position_se_px, x_specimen_px, y_specimen_px,
                       diameter_px, diameter_se_px, area_px, contrast, snr, axis_ratio, chi2_per_dof, flags);
  PYBIND11_NUMPY_DTYPE(TrackRow, track, first_frame, last_frame, frames, x_specimen_px, y_specimen_px,
                       diameter_px, diameter_se_px, previous_at_site, same_site_chance);
  bind_result(module, "Found", "particles drift support_area_px probe_sigma_px pixel_size_nm");
  bind_result(module, "Linked", "particles tracks");
  module.def("find_particles", &find, py::arg("frames"), py::kw_only(), py::arg("temperature_K") = py::none(),
             py::arg("pixel_size_nm") = py::none(), py::arg("frame_interval_s") = py::none(),
             py::arg("detector") = "", py::arg("options") = py::none(), py::arg("threads") = 0,
             R"(Particles of every frame of one field of view, with their errors.

The way of `sinterscope run` up to the sizes: noise, rows, drift, support, search on the clean frames, model fit on the raw ones
(docs/method.md).

frames: Frames, or an array (frames, rows, columns) or (rows, columns) of real numbers in the detector's counts. Any strides;
never written to. temperature_K: of all frames or one per frame (K; NaN = unknown); a run of frames of one temperature is a hold,
and holds without particles help to tell the support from particles. pixel_size_nm: wins over the file's; not needed.
frame_interval_s: s; default the file's, else 1. detector: "SE", "HAADF", "BF" or "" (unknown). options: by stage, as in a pipeline
file: {"detect": {"false_per_frame": 0.5}} (`sinterscope stages` lists them). threads: 0 = all cores; the result is the same for any.

Returns Found(particles, drift, support_area_px, probe_sigma_px, pixel_size_nm). particles: structured array in order of frame,
then y, then x: frame, hold, track (-1), x_px, y_px (raw frame; the centre of the top-left pixel is (0, 0)), x_specimen_px,
y_specimen_px (drift taken out), diameter_px, their standard errors (..._se_px), area_px, contrast, snr, axis_ratio, chi2_per_dof,
flags (bits: 1 fit_failed, 2 at_bound, 4 poor_fit, 8 irregular, 16 touching, 32 cut_by_edge, 64 saturated). drift: (frames, 3), x and y
shift and their standard error in px.

Raises UsageError (shape, option, temperature), TypeError (pixels that are no real numbers), Error (a frame that cannot be read or is
not finite). Python's lock is released during the work. Warnings of the stages come as UserWarning.)");
  module.def("link", &link_particles, py::arg("particles"), py::arg("shape"), py::kw_only(),
             py::arg("temperature_K") = py::none(), py::arg("drift") = py::none(),
             py::arg("frame_interval_s") = 1.0, py::arg("options") = py::none(),
             R"(Links particles into tracks through frames, gaps and holds (linear assignment).

particles: of find_particles(), or any structured array, DataFrame or dictionary of columns with frame (from 0), x_px, y_px,
diameter_px; where they are given, x_specimen_px, y_specimen_px and the standard errors are used. shape: (frames, rows, columns), as
frames.shape. temperature_K: as in find_particles(). drift: of find_particles(); None = places are exact. frame_interval_s: s.
options: those of the stage `link` (`sinterscope stages link`).

Returns Linked(particles, tracks): the particles in the given order with their track number, and a structured array with one row a
track: track, first_frame, last_frame, frames (in which it was seen), x_specimen_px, y_specimen_px, diameter_px, diameter_se_px
(weighted means), previous_at_site (the track that stood there before, -1 = none), same_site_chance.

Raises UsageError (columns, options, shapes), Error (a frame outside of shape, a place that is not finite, a diameter that is not
positive). Source of the method: Jaqaman et al., Nat. Methods 5, 695, 2008, doi:10.1038/nmeth.1237.)");
}

}  // namespace sinterscope
