// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sizes of every hold as the page draws them.

#include <vector>

#include "sinterscope/pipeline/products.h"
#include "sinterscope/report/figure.h"

namespace sinterscope {

/// One a hold that shows particles, each particle counted once with its diameter from all frames of the hold:
/// those of the inventory, or, where there is none, all that the hold measured well; in pixels without
/// calibration.
std::vector<SizeHistogram> report_histograms(const Products& products);

}  // namespace sinterscope
