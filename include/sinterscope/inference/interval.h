// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// An estimated quantity with its intervals, open ends included.

#include <optional>
#include <string>

namespace sinterscope {

/// An empty end is open: the data do not bound the quantity on that side.
struct Interval {
  std::optional<double> low;
  std::optional<double> high;
};

/// The interval of a quantity that grows with the one of `interval`; open ends stay open.
template <typename Growing>
Interval mapped(const Interval& interval, Growing&& quantity) {
  Interval result;
  if (interval.low) result.low = quantity(*interval.low);
  if (interval.high) result.high = quantity(*interval.high);
  return result;
}

struct Estimate {
  std::optional<double> estimate;  ///< posterior median; empty where the data do not support one
  Interval interval68;             ///< equal-tailed credible
  Interval interval95;
  Interval profile95;            ///< likelihood-ratio set beside it
  std::string bounded = "none";  ///< "both", "below", "above" or "none": the sides on which the data bound it
};

}  // namespace sinterscope
