// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/microscope.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/core/units.h"
#include "sinterscope/synth/detector.h"
#include "specimen.h"

namespace sinterscope {

struct Microscope::Impl {
  Scene scene;
  Sample sample;
  Rng rng;
  ThermalHistory history;
  std::vector<int> step_of_frame;   ///< by global frame number
  std::vector<Specimen> specimens;  ///< by region
  Truth truth;

  Impl(const Scene& the_scene, const Sample& the_sample, int threads);
  const FrameRecord& record_of(int frame) const;
  const FrameMotion& motion_of(const FrameRecord& record) const {
    return specimens[static_cast<std::size_t>(record.region)]
        .motion[static_cast<std::size_t>(record.region_frame)];
  }
  const SupportSurface& surface(int region) const {
    return specimens.at(static_cast<std::size_t>(region)).surface;
  }
  /// The first frame of a region within its surface's maps.
  cv::Rect frame_in(int region) const {
    const cv::Rect& field = surface(region).field_px;
    return {-field.x, -field.y, scene.optics.width_px, scene.optics.height_px};
  }
  std::vector<TruthParticle> particles_in(int frame) const;
  cv::Mat1f expected_quanta(int frame) const;
  void tell_truth();
  TruthStep tell_step(const FrameRecord& first, int step) const;
};

namespace {

ThermalHistory programme_history(const Scene& scene) {
  std::vector<ThermalEntry> entries;
  for (const SceneStep& step : scene.programme)
    for (const std::string& region : scene.regions) {
      ThermalEntry entry;
      entry.region = region;
      entry.frames = step.frames;
      entry.start_s = step.start_s;
      entry.frame_interval_s = step.frame_interval_s;
      entry.temperature_K = step.temperature_K;
      entries.push_back(entry);
    }
  return in_context("scene '" + scene.name + "': programme", [&] { return make_thermal_history(entries); });
}

/// Number of mask pixels that a frame shows, by nearest pixel.
double pixels_in_view(const cv::Mat1b& mask, cv::Rect field, const Scene& scene, cv::Point2d shift) {
  const int left = static_cast<int>(std::lround(-shift.x)) - field.x,
            top = static_cast<int>(std::lround(-shift.y)) - field.y;
  const cv::Rect view = cv::Rect(left, top, scene.optics.width_px, scene.optics.height_px) &
                        cv::Rect(0, 0, mask.cols, mask.rows);
  return cv::countNonZero(mask(view));
}

}  // namespace

Microscope::Impl::Impl(const Scene& the_scene, const Sample& the_sample, int threads)
    : scene(the_scene), sample(the_sample), rng(static_cast<std::uint64_t>(the_scene.seed)) {
  validate_scene(scene);
  if (!(sample.volume_per_metal_atom_nm3 > 0.0) || !(sample.site_density_nm2 > 0.0) ||
      !(sample.shape_factor > 0.0))
    throw usage_error("scene '" + scene.name +
                      "': the sample needs a volume per metal atom, a site density and a shape factor");
  history = programme_history(scene);
  for (std::size_t step = 0; step < scene.programme.size(); ++step)
    step_of_frame.insert(step_of_frame.end(),
                         scene.regions.size() * static_cast<std::size_t>(scene.programme[step].frames),
                         static_cast<int>(step));
  specimens.resize(scene.regions.size());
  parallel_for(scene.regions.size(), threads, [this, threads](std::size_t region) {
    std::vector<int> holds;
    for (const int frame : history.frames_of_region(static_cast<int>(region)))
      holds.push_back(history.frames[static_cast<std::size_t>(frame)].hold);
    specimens[region] = in_context("scene '" + scene.name + "', region '" + scene.regions[region] + "'", [&] {
      return prepare_specimen(scene, sample, static_cast<int>(region), holds, rng.stream("region", region),
                              threads);
    });
  });
  tell_truth();
}

const FrameRecord& Microscope::Impl::record_of(int frame) const {
  if (frame < 0 || frame >= static_cast<int>(history.frames.size()))
    throw Error("scene '" + scene.name + "' has no frame " + std::to_string(frame));
  return history.frames[static_cast<std::size_t>(frame)];
}

std::vector<TruthParticle> Microscope::Impl::particles_in(int frame) const {
  const FrameRecord& record = record_of(frame);
  const FrameMotion& motion = motion_of(record);
  const double pixel = scene.optics.pixel_size_nm;
  const int width = scene.optics.width_px, height = scene.optics.height_px;
  const int step = step_of_frame[static_cast<std::size_t>(frame)];
  std::vector<TruthParticle> result;
  for (const StandingParticle& particle :
       specimens[static_cast<std::size_t>(record.region)].steps[static_cast<std::size_t>(step)].particles) {
    const cv::Point2d raw = motion.raw_position({particle.x_nm / pixel, particle.y_nm / pixel}, height);
    if (raw.x < -0.5 || raw.y < -0.5 || raw.x >= width - 0.5 || raw.y >= height - 0.5) continue;
    TruthParticle seen;
    seen.frame = frame;
    seen.region = record.region;
    seen.hold = record.hold;
    seen.step = step;
    seen.id = particle.id;
    seen.previous_at_site = particle.previous_at_site;
    seen.x_px = raw.x;
    seen.y_px = raw.y;
    seen.x_nm = particle.x_nm;
    seen.y_nm = particle.y_nm;
    seen.diameter_nm = particle.diameter_nm;
    seen.axis_ratio = particle.axis_ratio;
    seen.angle_deg = particle.angle_rad * 180.0 / pi;
    seen.atoms = sample.atoms(particle.diameter_nm);
    seen.large = particle.large;
    const double reach = 0.5 * particle.diameter_nm * std::sqrt(particle.axis_ratio) / pixel;
    seen.cut_by_edge = raw.x - reach < -0.5 || raw.y - reach < -0.5 || raw.x + reach > width - 0.5 ||
                       raw.y + reach > height - 0.5;
    result.push_back(seen);
  }
  return result;
}

TruthStep Microscope::Impl::tell_step(const FrameRecord& first, int step) const {
  const Specimen& specimen = specimens[static_cast<std::size_t>(first.region)];
  const PopulationStep& population = specimen.steps[static_cast<std::size_t>(step)];
  TruthStep told;
  told.region = first.region;
  told.step = step;
  told.hold = first.hold;
  told.temperature_K = first.temperature_K;
  told.c_star = population.c_star;
  told.c_ad = population.c_ad;
  told.c_tot = population.c_tot;
  told.c_np_due = population.c_np_due;
  told.c_np = population.c_np;
  double sum = 0.0, squares = 0.0;
  for (const TruthParticle& particle : particles_in(first.frame)) {
    ++told.particles_in_view;
    told.atoms_in_view += particle.atoms;
    sum += particle.diameter_nm;
    squares += particle.diameter_nm * particle.diameter_nm;
  }
  const int n = told.particles_in_view;
  if (n > 0) told.diameter_mean_nm = sum / n;
  if (n > 1) told.diameter_sd_nm = std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1)));
  const SupportSurface& surface = specimen.surface;
  const double pixel_area = scene.optics.pixel_size_nm * scene.optics.pixel_size_nm;
  const cv::Point2d shift = motion_of(first).shift_px;
  const cv::Mat1b oxide = surface.facets >= 0;
  const cv::Mat1b usable = surface.usable(scene.population.edge_gap_nm / scene.optics.pixel_size_nm);
  told.support_area_nm2 = pixel_area * pixels_in_view(usable, surface.field_px, scene, shift);
  told.oxide_area_nm2 = pixel_area * pixels_in_view(oxide, surface.field_px, scene, shift);
  if (told.support_area_nm2 > 0.0)
    told.c_np_in_view = told.atoms_in_view / (told.support_area_nm2 * sample.site_density_nm2);
  return told;
}

void Microscope::Impl::tell_truth() {
  truth.regions = scene.regions;
  for (const Specimen& specimen : specimens) {
    Drift drift;
    for (const FrameMotion& motion : specimen.motion) drift.push_back({motion.shift_px, 0.0, true});
    truth.drift.push_back(drift);
  }
  int frame = 0;
  for (std::size_t step = 0; step < scene.programme.size(); ++step)
    for (std::size_t region = 0; region < scene.regions.size(); ++region) {
      const FrameRecord& first = record_of(frame);
      truth.steps.push_back(tell_step(first, static_cast<int>(step)));
      for (const PopulationEvent& event : specimens[region].steps[step].events)
        truth.events.push_back(
            {event.kind, first.region, first.hold, static_cast<int>(step), frame, event.id, event.partners});
      frame += scene.programme[step].frames;
    }
}

cv::Mat1f Microscope::Impl::expected_quanta(int frame) const {
  const FrameRecord& record = record_of(frame);
  const FrameMotion& motion = motion_of(record);
  const Specimen& specimen = specimens[static_cast<std::size_t>(record.region)];
  const int height = scene.optics.height_px;
  const std::vector<double> jitter =
      row_jitter(height, scene.detector, rng.stream("jitter", static_cast<std::uint64_t>(frame)));
  std::vector<RowPosition> rows(static_cast<std::size_t>(height));
  for (int row = 0; row < height; ++row) {
    const cv::Point2d shift = motion.shift_at_row(row, height);
    rows[static_cast<std::size_t>(row)] = {
        cells_per_pixel * (jitter[static_cast<std::size_t>(row)] - shift.x),
        cells_per_pixel * (row - shift.y)};
  }
  cv::Mat1f signal = cv::Mat1f::zeros(height, scene.optics.width_px);
  add_reading(specimen.canvas, rows, signal);
  for (const Canvas& patch :
       specimen.patches[static_cast<std::size_t>(step_of_frame[static_cast<std::size_t>(frame)])])
    add_reading(patch, rows, signal);
  Rng beam = rng.stream("beam", static_cast<std::uint64_t>(frame));
  const double dose = scene.optics.dose_counts * std::max(0.1, 1.0 + scene.detector.flicker * beam.normal());
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < signal.cols; ++column)
      signal(row, column) = std::max(0.0F, signal(row, column) * static_cast<float>(dose));
  return signal;
}

Microscope::Microscope(const Scene& scene, const Sample& sample, int threads)
    : impl_(std::make_unique<Impl>(scene, sample, threads)) {}
Microscope::~Microscope() = default;
Microscope::Microscope(Microscope&&) noexcept = default;
Microscope& Microscope::operator=(Microscope&&) noexcept = default;

const Scene& Microscope::scene() const { return impl_->scene; }
const ThermalHistory& Microscope::history() const { return impl_->history; }
const Truth& Microscope::truth() const { return impl_->truth; }
int Microscope::step_of(int frame) const {
  impl_->record_of(frame);
  return impl_->step_of_frame[static_cast<std::size_t>(frame)];
}
cv::Mat1f Microscope::expected_quanta(int frame) const { return impl_->expected_quanta(frame); }
std::vector<TruthParticle> Microscope::particles_in(int frame) const { return impl_->particles_in(frame); }

Frame Microscope::record(int frame) const {
  const FrameRecord& record = impl_->record_of(frame);
  Frame result;
  result.pixels = detect(impl_->expected_quanta(frame), impl_->scene.detector,
                         impl_->rng.stream("counts", static_cast<std::uint64_t>(frame)));
  result.calibration = {impl_->scene.optics.pixel_size_nm, impl_->scene.optics.pixel_size_nm, "scene"};
  result.index = static_cast<std::size_t>(frame);
  result.time_s = record.time_s;
  return result;
}

cv::Mat1b Microscope::oxide_mask(int region) const {
  const cv::Mat1b oxide = impl_->surface(region).facets >= 0;
  return oxide(impl_->frame_in(region)).clone();
}

cv::Mat1b Microscope::usable_mask(int region) const {
  const Scene& scene = impl_->scene;
  const cv::Mat1b usable =
      impl_->surface(region).usable(scene.population.edge_gap_nm / scene.optics.pixel_size_nm);
  return usable(impl_->frame_in(region)).clone();
}

}  // namespace sinterscope
