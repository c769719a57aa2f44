// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Views of the products that several stages need.

#include <string>
#include <vector>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// The drift of every region, in the order of ThermalHistory::regions.
inline std::vector<Drift> drifts_of(const Products& products) {
  std::vector<Drift> drifts;
  for (const RegionProducts& region : products.regions) drifts.push_back(region.drift);
  return drifts;
}

/// The acquisition's detector where the image models know it, else empty.
inline std::string known_detector(const Products& products) {
  const std::string& detector = products.config.acquisition.detector;
  return detector == "SE" || detector == "HAADF" || detector == "BF" ? detector : "";
}

/// The frames of a hold as numbers within their region.
inline std::vector<std::size_t> region_frames_of(const Products& products, const Hold& hold) {
  std::vector<std::size_t> frames;
  for (const int frame : hold.frames)
    frames.push_back(
        static_cast<std::size_t>(products.history.frames[static_cast<std::size_t>(frame)].region_frame));
  return frames;
}

/// The first frame of each hold of a region, as a number within the region.
inline std::vector<std::size_t> first_frames_of_holds(const Products& products, std::size_t region) {
  std::vector<std::size_t> first;
  for (const Hold* hold : products.history.holds_of_region(static_cast<int>(region)))
    first.push_back(region_frames_of(products, *hold).front());
  return first;
}

}  // namespace sinterscope
