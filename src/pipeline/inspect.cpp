// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "sinterscope/io/frame_checks.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/report/overlay.h"

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
  json["saturated_fraction"] = s.saturated;
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

void add_what_pixels_tell(SourceDescription& description, const FrameSource& source,
                          const PixelStatistics& statistics) {
  constexpr double told_from = 0.001;
  const auto warn = [&description](const std::string& text) { description.warnings.push_back(text); };
  if (statistics.minimum == statistics.maximum)
    warn(fmt::format("every pixel is {:.6g}: nothing was recorded", statistics.minimum));
  else if (statistics.saturated >= told_from)
    warn(fmt::format("{:.2g} % of the pixels are saturated", 100.0 * statistics.saturated));
  if (const int rows = suspected_bar_rows(source.load_native(0)); rows > 0)
    warn(fmt::format(
        "the bottom {} rows look like a burnt-in data bar: set acquisition.cut_bottom_rows if they are",
        rows));
}

void write_thumbnail(const FrameSource& source, const InspectRequest& request) {
  if (request.thumbnail_frame < 0 || static_cast<std::size_t>(request.thumbnail_frame) >= source.size())
    throw usage_error(fmt::format("frame {} asked for, {} holds {}", request.thumbnail_frame,
                                  request.file.string(), source.size()));
  Frame frame = source.load(static_cast<std::size_t>(request.thumbnail_frame));
  const double shrink = std::min(
      1.0, static_cast<double>(request.thumbnail_px) / std::max(frame.pixels.cols, frame.pixels.rows));
  cv::Mat1f small;
  const cv::Size size(std::max(1, cvRound(frame.pixels.cols * shrink)),
                      std::max(1, cvRound(frame.pixels.rows * shrink)));
  cv::resize(frame.pixels, small, size, 0.0, 0.0, cv::INTER_AREA);
  std::optional<double> pixel_nm =
      frame.calibration.square() ? frame.calibration.pixel_size_nm() : std::nullopt;
  if (pixel_nm) *pixel_nm /= shrink;
  OverlayOptions overlay;
  overlay.smallest_side_px = 0;
  cv::Mat picture = paint_overlay(small, {}, pixel_nm, overlay);
  cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  write_png(request.thumbnail, picture);
}

}  // namespace

std::string inspect_file(const InspectRequest& request) {
  OpenOptions options;
  options.dataset = request.dataset;
  options.detector = request.detector;
  options.first_of_several = true;
  options.cut_info_bar = false;  // tell of the file as it is
  const auto source = open_frames(request.file, options);
  const PixelStatistics statistics = measure_statistics(*source);
  SourceDescription description = source->description();
  add_what_pixels_tell(description, *source, statistics);
  if (!request.thumbnail.empty()) write_thumbnail(*source, request);
  if (!request.as_json) return words_of(description, statistics);
  return json_of(description, statistics).dump(2) + "\n";
}

}  // namespace sinterscope
