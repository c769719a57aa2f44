// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Photoelectron spectra with what was fitted to them. Ready to print: see report/figure.h.

#include <string>

#include "sinterscope/inference/xps_fit.h"
#include "sinterscope/report/figure.h"

namespace sinterscope {

/// Counts, the fit, its background and both doublets upon it; beneath, (counts - fit) in standard deviations,
/// where whatever the model does not know shows first.
std::string xps_spectrum_svg(const XpsSpectrumFit& spectrum, FigureSize size = {340, 320});

/// The interfacial fraction of every spectrum in the order they were given, with its 95 % interval.
std::string xps_fractions_svg(const XpsFit& fit, FigureSize size = {});

}  // namespace sinterscope
