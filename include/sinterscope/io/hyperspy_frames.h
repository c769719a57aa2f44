// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HyperSpy files (.hspy, .hdf5): /Experiments/<title>/data with one group axis-<n> an array axis. Signal axes
// are rows and columns, the navigation axis is the frames; spectra and spectrum images are refused.

#include "sinterscope/io/hdf5_stack.h"

namespace sinterscope {

bool is_hyperspy(const Hdf5File& file);

/// The stack that the options mean. Throws Error naming the candidates where it is none or more than one.
Hdf5Stack hyperspy_stack(const Hdf5File& file, const OpenOptions& options);

}  // namespace sinterscope
