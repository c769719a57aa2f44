// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the search of a region is given; the size stage finds with it, the completeness stage finds again.

#include "shared_products.h"
#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/particles/find.h"

namespace sinterscope {

/// Valid as long as the region is.
inline FindRequest find_request_of(const Products& products, std::size_t r, int threads) {
  const RegionProducts& region = products.regions[r];
  FindRequest request;
  request.clean = region.search.get();
  request.raw = region.raw.get();
  request.first_of_hold = first_frames_of_holds(products, r);
  request.known = region.known;
  for (std::size_t i = 0; i < region.search->size(); ++i)
    request.compared.push_back(region.search->compared(i));
  request.noise = region.noise;
  request.support = region.support;
  request.drift = region.drift;
  request.probe = region.probe;
  request.detect = region.detect;
  request.size = region.size;
  request.threads = threads;
  if (region.detect.averaged_frames > 1)
    request.average = [&region](std::size_t first, std::size_t count) {
      return average_frames(*region.search, region.drift, first, count, region.drift[first].shift_px)
          .frame.pixels;
    };
  return request;
}

}  // namespace sinterscope
