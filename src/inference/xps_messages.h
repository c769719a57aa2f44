// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "sinterscope/inference/message.h"
#include "sinterscope/inference/xps_fit.h"

namespace sinterscope {

/// What the spectra oblige us to say, in the order of its weight.
std::vector<FitMessage> xps_messages(const XpsFit& fit);

}  // namespace sinterscope
