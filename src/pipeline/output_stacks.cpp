// SPDX-License-Identifier: GPL-3.0-or-later
// Stacks for other programs: labels, outlines, and the frames themselves.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <memory>

#include "file_part.h"
#include "particles_by_frame.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/io/hyperspy_writer.h"
#include "sinterscope/io/roi_writer.h"
#include "sinterscope/io/tiff_writer.h"
#include "sinterscope/io/trackmate_writer.h"
#include "sinterscope/pipeline/outputs.h"

namespace sinterscope {
namespace {

/// Track number + 1 in each pixel whose centre lies inside of the outline, so that the area of a label is
/// that of its particle; one pixel at least. Numbers beyond 65535 start again at 1.
cv::Mat1w paint_labels(std::span<const Particle> particles, const cv::Size& size) {
  cv::Mat1w labels(size, 0);
  for (const Particle& particle : particles) {
    const auto number = static_cast<ushort>(std::max(particle.track, 0) % 65535 + 1);
    const double radius = 0.5 * particle.diameter_px;
    const auto first = [radius](double centre) { return std::max(0, cvCeil(centre - radius)); };
    const auto last = [radius](double centre, int end) {
      return std::min(end - 1, cvFloor(centre + radius));
    };
    for (int y = first(particle.y_px); y <= last(particle.y_px, size.height); ++y)
      for (int x = first(particle.x_px); x <= last(particle.x_px, size.width); ++x)
        if (std::hypot(x - particle.x_px, y - particle.y_px) <= radius) labels(y, x) = number;
    const cv::Point centre(cvRound(particle.x_px), cvRound(particle.y_px));
    if (cv::Rect({}, size).contains(centre)) labels(centre) = number;
  }
  return labels;
}

/// One stack file on its way: a frame at a time, then the end.
struct StackFile {
  /// Does what can be done for several frames at once, and returns what writes this one in its turn.
  std::function<std::function<void()>(const cv::Mat&)> prepare;
  std::function<void()> finish;
};

/// Writes frame(i), i < count, to the files: loaded and packed by several threads, written in their order.
template <typename FrameOf>
void write_frames_to(const std::vector<StackFile>& files, std::size_t count, const RunContext& context,
                     const FrameOf& frame) {
  parallel_in_order(count, context.threads, [&](std::size_t i) -> std::function<void()> {
    const cv::Mat pixels = frame(i);
    std::vector<std::function<void()>> writes;
    for (const StackFile& file : files) writes.push_back(file.prepare(pixels));
    return [&context, writes] {
      for (const auto& write : writes) write();
      context.progress.advance();
    };
  });
  for (const StackFile& file : files) file.finish();
}

StackFile tiff_stack(const std::filesystem::path& path, const TiffStackFormat& format) {
  const auto writer = std::make_shared<TiffStackWriter>(path, format);
  return {[writer](const cv::Mat& frame) {
            return [writer, packed = writer->pack(frame)] { writer->write(packed); };
          },
          [writer] { writer->finish(); }};
}

StackFile hyperspy_stack_file(const std::filesystem::path& path, const std::string& title,
                              const TiffStackFormat& format) {
  const auto writer = std::make_shared<HyperSpyWriter>(
      path, HyperSpyFormat{title, format.frames, format.calibration, format.frame_interval_s});
  return {[writer](const cv::Mat& frame) { return [writer, frame] { writer->write(frame); }; },
          [writer] { writer->finish(); }};
}

/// kind: "tif", "ome" or "hspy".
StackFile open_stack(const std::filesystem::path& folder, const std::string& stem, const std::string& kind,
                     TiffStackFormat format) {
  if (kind == "hspy") return hyperspy_stack_file(folder / (stem + ".hspy"), stem, format);
  format.ome = kind == "ome";
  return tiff_stack(folder / (stem + (format.ome ? ".ome.tif" : ".tif")), format);
}

/// The files of one region.
class RegionStacks {
 public:
  RegionStacks(const Products& products, std::size_t region, const std::filesystem::path& folder)
      : products_(products), region_(products.regions[region]), folder_(folder) {
    frames_ = products.history.frames_of_region(static_cast<int>(region));
    suffix_ = products.regions.size() == 1 ? "" : "_" + file_part(region_.name);
    format_.frames = frames_.size();
    format_.calibration = region_.raw->description().calibration;
    if (frames_.size() > 1) {  // one interval for all: only where the frames are evenly spaced
      const auto time = [&](int frame) {
        return products.history.frames[static_cast<std::size_t>(frame)].time_s;
      };
      const double step = time(frames_[1]) - time(frames_[0]);
      const double span = time(frames_.back()) - time(frames_.front());
      if (step > 0.0 && std::abs(span / step - static_cast<double>(frames_.size() - 1)) < 0.01)
        format_.frame_interval_s = step;
    }
  }

  void write_labels(const RunContext& context) const {
    const OutputOptions& outputs = products_.config.outputs;
    TiffStackFormat format = format_;
    format.deflate = true;
    format.deflate_level = 1;
    std::vector<StackFile> files{open_stack(folder_, "labels" + suffix_, "tif", format)};
    if (outputs.labels_ome) files.push_back(open_stack(folder_, "labels" + suffix_, "ome", format));
    if (outputs.labels_hspy) files.push_back(open_stack(folder_, "labels" + suffix_, "hspy", format));
    write_frames_to(files, frames_.size(), context, [&](std::size_t i) {
      return paint_labels(particles_of_frame(products_, frames_[i]), region_.raw->frame_size());
    });
  }

  void write_rois() const {
    std::vector<OvalRoi> rois;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      int number = 0;
      for (const Particle& p : particles_of_frame(products_, frames_[i])) {
        const std::string track = p.track >= 0 ? fmt::format("track{}", p.track) : "unlinked";
        rois.push_back({fmt::format("frame{:05}_{:04}_{}", i, number++, track), p.x_px, p.y_px, p.diameter_px,
                        p.diameter_px, static_cast<int>(i) + 1});
      }
    }
    write_roi_set(folder_ / ("rois" + suffix_ + ".zip"), rois);
  }

  void write_trackmate_file() const {
    const OutputOptions& outputs = products_.config.outputs;
    TrackMateModel model;
    const bool shows_frames = outputs.frames != "none" && outputs.frames_format == "tif";
    model.image = (shows_frames ? "frames" : "labels") + suffix_ + ".tif";
    model.size = region_.raw->frame_size();
    model.frames = frames_.size();
    if (const auto pixel_size_nm = region_.pixel_size_nm()) {
      model.pixel_size = *pixel_size_nm;
      model.unit = "nm";
    }
    model.frame_interval_s = format_.frame_interval_s.value_or(1.0);
    model.spots = [this, unit = model.pixel_size](std::size_t i) {
      std::vector<TrackMateSpot> spots;
      const double time_s = products_.history.frames[static_cast<std::size_t>(frames_[i])].time_s;
      for (const Particle& p : particles_of_frame(products_, frames_[i]))
        spots.push_back({time_s, p.x_px * unit, p.y_px * unit, p.diameter_px * unit, p.diameter_se_px * unit,
                         p.snr, p.track});
      return spots;
    };
    write_trackmate(folder_ / ("trackmate" + suffix_ + ".xml"), model);
  }

  void write_frames(const RunContext& context) const {
    const OutputOptions& outputs = products_.config.outputs;
    const bool clean = outputs.frames == "clean" && region_.clean != nullptr;
    const FrameSource& source = clean ? *region_.clean : *region_.raw;
    const StackFile file = open_stack(folder_, "frames" + suffix_, outputs.frames_format, format_);
    write_frames_to({file}, source.size(), context, [&](std::size_t i) { return source.load(i).pixels; });
  }

 private:
  const Products& products_;
  const RegionProducts& region_;
  std::filesystem::path folder_;
  std::vector<int> frames_;
  std::string suffix_;
  TiffStackFormat format_;
};

}  // namespace

void write_image_stacks(const Products& products, const std::filesystem::path& folder,
                        const RunContext& context) {
  const bool frames = products.config.outputs.frames != "none";
  context.progress.start("stacks", products.history.frames.size() * (frames ? 2 : 1));
  for (std::size_t r = 0; r < products.regions.size(); ++r) {
    const RegionStacks stacks(products, r, folder);
    stacks.write_labels(context);
    if (products.config.outputs.rois) stacks.write_rois();
    if (products.config.outputs.trackmate) stacks.write_trackmate_file();
    if (frames) stacks.write_frames(context);
  }
}

}  // namespace sinterscope
