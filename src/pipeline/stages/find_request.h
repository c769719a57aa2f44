// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the search of a region is given; the size stage finds with it, the completeness stage finds again.

#include <algorithm>
#include <cmath>

#include "shared_products.h"
#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/particles/find.h"

namespace sinterscope {

/// A raw frame of the region as it is measured: with the support that particle-free holds show in its place.
inline ShiftedFrame measured_frame(const RegionProducts& region, std::size_t frame, const cv::Mat1f& raw) {
  ShiftedFrame measured{raw, {}};
  if (!region.search || !region.search->compared(frame)) return measured;
  measured.support = region.search->support_in(raw, frame);
  measured.support_variance = 1.0 / static_cast<double>(region.search->support_frames(frame));
  return measured;
}

/// Whether a particle-free hold shows a particle in this place of a frame.
inline bool stands_without_particles(const RegionProducts& region, std::size_t frame, cv::Point2d place_px,
                                     double diameter_px) {
  const cv::Point2d place = place_px - region.drift[frame].shift_px;
  return std::any_of(region.standing.begin(), region.standing.end(), [&](const Seed& seed) {
    return std::hypot(place.x - seed.x_px, place.y - seed.y_px) < 0.5 * (diameter_px + seed.diameter_px);
  });
}

/// Whether it has been taken off with that hold: what is left of it is no image of a particle.
inline bool stands_in_support(const RegionProducts& region, std::size_t frame, cv::Point2d place_px,
                              double diameter_px) {
  return region.search && region.search->compared(frame) &&
         stands_without_particles(region, frame, place_px, diameter_px);
}

/// Valid as long as the region is.
inline FindRequest find_request_of(const Products& products, std::size_t r, int threads) {
  const RegionProducts& region = products.regions[r];
  FindRequest request;
  request.clean = region.search.get();
  request.raw = region.raw.get();
  request.first_of_hold = first_frames_of_holds(products, r);
  request.standing = region.standing;
  request.support_known = [&region](std::size_t frame) {
    return region.search->compared(frame) ? region.search->support_known_in(frame) : cv::Mat1b();
  };
  request.supported = [&region](std::size_t frame, const cv::Mat1f& raw) {
    return measured_frame(region, frame, raw);
  };
  request.noise = region.noise;
  request.support = region.support;
  request.drift = region.drift;
  request.probe = region.probe;
  request.detect = region.detect;
  request.size = region.size;
  request.grounds = region.grounds.get();
  request.threads = threads;
  if (region.detect.averaged_frames > 1)
    request.average = [&region](std::size_t first, std::size_t count) {
      return average_frames(*region.search, region.drift, first, count, region.drift[first].shift_px)
          .frame.pixels;
    };
  return request;
}

}  // namespace sinterscope
