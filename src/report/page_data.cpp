// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <ostream>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "page.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "text.h"

namespace sinterscope {
namespace {

using Json = nlohmann::ordered_json;

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json celsius(const std::optional<double>& kelvin) {
  return kelvin ? Json(std::round(celsius_from_kelvin(*kelvin) * 100) / 100) : Json();
}

/// Whole steps per unit in which a field of the packed particles is stored. 16 bits: diameters up to 1023 px,
/// errors up to 63 px, signal over noise up to 4095.
constexpr double diameter_steps = 64, error_steps = 1024, snr_steps = 16, chi2_steps = 100,
                 contrast_steps = 1000;

/// Steps per pixel of a position: as fine as 16 bits with sign allow for this frame.
double position_steps(const ReportData& data) {
  const int side = std::max({data.frame_width_px, data.frame_height_px, 1});
  return std::min(64.0, std::floor(32000.0 / side));
}

template <typename Number>
Number packed(double value) {
  if (!std::isfinite(value)) return 0;
  return static_cast<Number>(std::clamp(std::round(value),
                                        static_cast<double>(std::numeric_limits<Number>::min()),
                                        static_cast<double>(std::numeric_limits<Number>::max())));
}

/// Particles in order of frame.
std::vector<const Particle*> by_frame(const ReportData& data) {
  std::vector<const Particle*> order;
  order.reserve(data.particles.size());
  for (const Particle& particle : data.particles) {
    if (particle.frame < 0 || static_cast<std::size_t>(particle.frame) >= data.history.frames.size())
      throw Error(fmt::format("report: a particle names frame {}, but the experiment has {} frames",
                              particle.frame, data.history.frames.size()));
    order.push_back(&particle);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Particle* a, const Particle* b) { return a->frame < b->frame; });
  return order;
}

Json frames_json(const ReportData& data) {
  const std::vector<FrameRecord>& frames = data.history.frames;
  Json time = Json::array(), temperature = Json::array(), region = Json::array(), hold = Json::array();
  for (const FrameRecord& frame : frames) {
    time.push_back(frame.time_s);
    temperature.push_back(celsius(frame.temperature_K));
    region.push_back(frame.region);
    hold.push_back(frame.hold);
  }
  return {{"time_s", time},
          {"temperature_c", temperature},
          {"region", region},
          {"hold", hold},
          {"particles", particles_per_frame(data)}};
}

Json holds_json(const ReportData& data) {
  Json holds = Json::array();
  for (const Hold& hold : data.history.holds) {
    const std::string& region = data.history.regions.at(static_cast<std::size_t>(hold.region));
    Json json{{"hold", hold.hold},
              {"region", hold.region},
              {"temperature_c", celsius(hold.temperature_K)},
              {"name", hold_temperature(data, hold.hold, region, hold.temperature_K)},
              {"start_s", hold.start_s},
              {"end_s", hold.end_s}};
    for (const HoldInventory& inventory : data.holds) {
      if (inventory.hold != hold.hold || inventory.region != region) continue;
      json["particles_per_frame"] = optional_number(inventory.particles_per_frame);
      json["diameter_nm"] = optional_number(inventory.diameter_mean_nm);
      json["diameter_se_nm"] = optional_number(inventory.diameter_mean_se_nm);
      json["coverage"] = optional_number(inventory.coverage);
      json["c_np"] = optional_number(inventory.c_np);
      json["c_np_se"] = optional_number(inventory.c_np_se);
      json["c_np_upper95"] = optional_number(inventory.c_np_upper95);
    }
    holds.push_back(std::move(json));
  }
  return holds;
}

Json events_json(const ReportData& data) {
  Json events = Json::array();
  for (const Event& event : data.events)
    events.push_back({{"event", to_text(event.kind)},
                      {"probability", event.probability},
                      {"track", event.track},
                      {"frame", event.frame},
                      {"partners", event.partners}});
  return events;
}

Json tracks_json(const ReportData& data) {
  Json tracks = Json::object();
  for (const Track& track : data.tracks) {
    Json json{{"frames", track.particles.size()},
              {"diameter_px", track.diameter_px},
              {"diameter_se_px", track.diameter_se_px}};
    if (track.previous_at_site >= 0)
      json["previous"] = track.previous_at_site, json["chance"] = track.same_site_chance;
    tracks[std::to_string(track.track)] = std::move(json);
  }
  return tracks;
}

std::vector<std::string> flag_names() {
  std::vector<std::string> names;
  for (std::uint32_t bit = 0; bit < 8; ++bit) names.push_back(to_text(ParticleFlags{1U << bit}));
  return names;
}

}  // namespace

std::vector<int> particles_per_frame(const ReportData& data) {
  std::vector<int> counts(data.history.frames.size(), 0);
  for (const Particle* particle : by_frame(data)) ++counts[static_cast<std::size_t>(particle->frame)];
  return counts;
}

std::string page_json(const ReportData& data) {
  Json json;
  json["width_px"] = data.frame_width_px;
  json["height_px"] = data.frame_height_px;
  json["nm_per_px"] = optional_number(data.calibration.pixel_size_nm());
  json["regions"] = data.history.regions;
  json["frames"] = frames_json(data);
  json["holds"] = holds_json(data);
  json["tracks"] = tracks_json(data);
  json["events"] = events_json(data);
  json["flags"] = flag_names();
  json["markers"] = {{"count", data.particles.size()},
                     {"position", position_steps(data)},
                     {"diameter", diameter_steps},
                     {"error", error_steps},
                     {"snr", snr_steps},
                     {"chi2", chi2_steps},
                     {"contrast", contrast_steps}};
  return json_for_script(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Columns one after another, little-endian, each of `count` entries in order of frame:
// int32 track; int16 x, y, contrast; uint16 diameter, error, snr, chi2; uint8 flags.
std::string page_markers(const ReportData& data) {
  const std::vector<const Particle*> order = by_frame(data);
  std::string bytes;
  bytes.reserve(order.size() * 19);
  const auto column = [&](auto value_of) {
    for (const Particle* particle : order) {
      const auto value = value_of(*particle);
      for (std::size_t k = 0; k < sizeof(value); ++k)
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * k) & 0xFFU);
    }
  };
  const double steps = position_steps(data);
  using I16 = std::int16_t;
  using U16 = std::uint16_t;
  column([](const Particle& p) { return static_cast<std::int32_t>(p.track); });
  column([steps](const Particle& p) { return packed<I16>(p.x_px * steps); });
  column([steps](const Particle& p) { return packed<I16>(p.y_px * steps); });
  column([](const Particle& p) { return packed<I16>(p.contrast * contrast_steps); });
  column([](const Particle& p) { return packed<U16>(p.diameter_px * diameter_steps); });
  column([](const Particle& p) { return packed<U16>(p.diameter_se_px * error_steps); });
  column([](const Particle& p) { return packed<U16>(p.snr * snr_steps); });
  column([](const Particle& p) { return packed<U16>(p.chi2_per_dof * chi2_steps); });
  column([](const Particle& p) { return static_cast<std::uint8_t>(p.flags.bits); });
  return base64(bytes);
}

PagePictures pictures_in_memory(std::vector<FramePicture> pictures) {
  const std::size_t frames = pictures.size();
  return {frames, [pictures = std::move(pictures)](const PagePictures::Take& take) {
            for (const FramePicture& picture : pictures) take(picture);
          }};
}

void write_page_pictures(const ReportData& data, std::ostream& out) {
  const auto element = [&out](std::string_view kind, int frame, const std::string& bytes) {
    if (bytes.empty()) return;
    const std::string_view type = bytes.compare(0, 4, "\x89PNG") == 0 ? "png" : "jpeg";
    out << fmt::format("<script type=\"text/plain\" id=\"{}-{}\">data:image/{};base64,", kind, frame, type)
        << base64(bytes) << "</script>\n";
  };
  data.pictures.each([&](const FramePicture& picture) {
    if (picture.frame < 0 || static_cast<std::size_t>(picture.frame) >= data.history.frames.size())
      throw Error(fmt::format("report: a picture names frame {}, but the experiment has {} frames",
                              picture.frame, data.history.frames.size()));
    element("raw", picture.frame, picture.raw);
    element("clean", picture.frame, picture.clean);
  });
}

}  // namespace sinterscope
