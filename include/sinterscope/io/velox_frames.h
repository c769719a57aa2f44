// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Thermo Fisher Velox files: /Data/Image/<random name>/{Data, Metadata}, Data (rows, columns, frames),
// Metadata one column of JSON a frame in which every number is a string. Several detectors of one scan stand
// side by side: the name of the detector chooses. FFTs and diffraction patterns (pixel size in 1/m) are
// refused.
//
// Frame times: the recorded start of each frame (whole seconds) where it departs from index * frame time,
// else the latter.

#include "sinterscope/io/hdf5_stack.h"

namespace sinterscope {

bool is_velox(const Hdf5File& file);

/// The stack that the options mean. Throws Error naming the candidates where it is none or more than one.
Hdf5Stack velox_stack(const Hdf5File& file, const OpenOptions& options);

}  // namespace sinterscope
