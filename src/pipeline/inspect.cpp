// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/inspect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sinterscope/io/open_frames.h"

namespace sinterscope {
namespace {

nlohmann::ordered_json json_of(const SourceDescription& d, const PixelStatistics& s) {
  nlohmann::ordered_json json;
  json["format"] = d.format;
  json["frames"] = d.frames;
  json["height"] = d.height;
  json["width"] = d.width;
  json["dtype"] = d.dtype;
  if (d.calibration.calibrated()) {
    json["pixel_size_nm"] = {{"x", *d.calibration.pixel_size_x_nm},
                             {"y", *d.calibration.pixel_size_y_nm},
                             {"source", d.calibration.source}};
  } else {
    json["pixel_size_nm"] = nullptr;
  }
  json["frame_interval_s"] =
      d.frame_interval_s ? nlohmann::ordered_json(*d.frame_interval_s) : nlohmann::ordered_json();
  json["detector"] = d.detector.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(d.detector);
  json["min"] = s.minimum;
  json["max"] = s.maximum;
  json["mean"] = s.mean;
  json["sum"] = s.sum;
  json["datasets"] = nlohmann::ordered_json::array();
  for (const DatasetNote& note : d.datasets)
    json["datasets"].push_back({{"name", note.name},
                                {"shape", note.shape},
                                {"dtype", note.dtype},
                                {"image", note.image},
                                {"note", note.note}});
  json["warnings"] = d.warnings;
  return json;
}

std::string words_of(const SourceDescription& d, const PixelStatistics& s) {
  std::string text = fmt::format("{}, {} frame{} of {} x {} pixels, {}\n", d.format, d.frames,
                                 d.frames == 1 ? "" : "s", d.width, d.height, d.dtype);
  if (d.calibration.square() && d.calibration.calibrated())
    text += fmt::format("pixel size  {:.6g} nm ({})\n", *d.calibration.pixel_size_nm(), d.calibration.source);
  else if (d.calibration.calibrated())
    text += fmt::format("pixel size  {:.6g} x {:.6g} nm (x, y; {}): not square\n",
                        *d.calibration.pixel_size_x_nm, *d.calibration.pixel_size_y_nm, d.calibration.source);
  else
    text += "pixel size  unknown: set acquisition.pixel_size_nm in the pipeline file\n";
  if (d.frame_interval_s) text += fmt::format("interval    {:.6g} s\n", *d.frame_interval_s);
  if (!d.detector.empty()) text += fmt::format("detector    {}\n", d.detector);
  text += fmt::format("values      {:.6g} to {:.6g}, mean {:.6g}, sum {:.15g}\n", s.minimum, s.maximum,
                      s.mean, s.sum);
  for (const DatasetNote& note : d.datasets)
    text += fmt::format("dataset     {}  {}  {}{}{}\n", note.name, note.shape, note.dtype,
                        note.image ? "" : "  (no image)", note.note.empty() ? "" : "  " + note.note);
  for (const std::string& warning : d.warnings) text += "warning     " + warning + "\n";
  return text;
}

}  // namespace

std::string inspect_file(const std::filesystem::path& file, const std::string& dataset,
                         const std::string& detector, bool as_json) {
  OpenOptions options;
  options.dataset = dataset;
  options.detector = detector;
  options.cut_info_bar = false;  // tell of the file as it is
  const auto source = open_frames(file, options);
  const PixelStatistics statistics = measure_statistics(*source);
  if (!as_json) return words_of(source->description(), statistics);
  return json_of(source->description(), statistics).dump(2) + "\n";
}

}  // namespace sinterscope
