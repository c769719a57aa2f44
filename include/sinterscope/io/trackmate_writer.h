// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles and tracks as a TrackMate file, which Fiji opens with Plugins > Tracking > Load a TrackMate file.
//
// A spot a particle, an edge from each spot of a track to the next one; a particle seen once is a spot
// without a track, because a TrackMate track has edges. Positions are those in the image, as TrackMate has
// them: the centre of the top-left pixel is 0, times the pixel size. QUALITY is the signal-to-noise ratio.
// Detector and tracker are called manual: TrackMate shows the spots and does not look for them again. Layout:
// the reader fiji.plugin.trackmate.io.TmXmlReader of TrackMate 7 (J.-Y. Tinevez et al., Methods 115, 80,
// 2017, doi:10.1016/j.ymeth.2016.09.016).

#include <cstddef>
#include <filesystem>
#include <functional>
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

namespace sinterscope {

struct TrackMateSpot {
  double time_s = 0.0;
  double x = 0.0, y = 0.0;  ///< in the unit of the model, like all lengths
  double diameter = 0.0;
  double diameter_se = 0.0;
  double snr = 0.0;
  int track = -1;  ///< -1 = none
};

struct TrackMateModel {
  std::string image;  ///< file name of the stack beside the XML file
  cv::Size size;      ///< of a frame, px
  std::size_t frames = 0;
  double pixel_size = 1.0;
  std::string unit = "pixel";
  double frame_interval_s = 1.0;
  /// The spots of one frame of the image, asked for twice: a long run has no room for all of them at once.
  std::function<std::vector<TrackMateSpot>(std::size_t frame)> spots;
};

/// The file appears under its name when it is whole; the same model gives the same bytes.
void write_trackmate(const std::filesystem::path& path, const TrackMateModel& model);

}  // namespace sinterscope
