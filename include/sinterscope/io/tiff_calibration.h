// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pixel size of a TIFF, from whichever of the ten places the writer put it.
//
// The places are asked in a fixed order, the makers' own tags first (FEI/Thermo Fisher, Zeiss, TVIPS, Olympus
// SIS, JEOL, Hitachi's sidecar), then DigitalMicrograph's, ImageJ, OME and at last the plain resolution tags,
// which count only where they give less than 1 um per pixel: 72, 96, 300 dpi are sizes of paper. The first
// finite positive value wins; a later one that differs by more than 2 % is reported beside it. A value for
// another image size (Zeiss' screen of 1024 px, Hitachi's DataSize) is scaled or dropped, not believed.

#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/calibration.h"
#include "sinterscope/io/tiff_directory.h"

namespace sinterscope {

/// How the pages of a stack run over channels, slices and times (ImageJ, OME).
struct PlaneAxes {
  int channels = 1;
  int slices = 1;
  int frames = 1;
  std::string order = "CZT";               ///< fastest first
  std::vector<std::string> channel_names;  ///< may be empty

  std::uint64_t planes() const {
    return static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(slices) *
           static_cast<std::uint64_t>(frames);
  }
  /// The page of one plane.
  std::size_t page(int channel, int slice, int frame) const;
};

struct TiffMetadata {
  Calibration calibration;
  std::optional<double> frame_interval_s;
  std::string detector;
  int info_bar_rows = 0;  ///< data bar at the bottom
  int images = 0;         ///< frames that follow the only directory without a gap; 0 = not said
  PlaneAxes axes;
  std::vector<double> times_s;  ///< of each plane, in the order of the pages; may be empty
  std::string not_an_image;     ///< why it is no real-space image (diffraction); empty = it is one
  std::vector<std::string> warnings;
};

struct TiffImageSize {
  int width = 0;
  int height = 0;
};

TiffMetadata read_tiff_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);

// OME-XML in ImageDescription. (tiff_ome.cpp)
TiffMetadata read_ome_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);

// One reader a maker; each returns an empty TiffMetadata where its maker has no say. (tiff_makers.cpp)
TiffMetadata read_fei_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);
TiffMetadata read_zeiss_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);
TiffMetadata read_tvips_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);
TiffMetadata read_sis_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);
TiffMetadata read_jeol_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size);

}  // namespace sinterscope
