// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EMD files of Berkeley (0.2), Prismatic (0.5) and py4DSTEM (1.0): groups marked emd_group_type with a
// dataset and one vector of positions an axis (dim1 ... or dim0 ...), whose step is the scale.
// Four-dimensional data are refused. Prismatic stores x before y: its planes are turned.

#include "sinterscope/io/hdf5_stack.h"

namespace sinterscope {

bool is_emd(const Hdf5File& file);

/// The stack that the options mean. Throws Error naming the candidates where it is none or more than one.
Hdf5Stack emd_stack(const Hdf5File& file, const OpenOptions& options);

}  // namespace sinterscope
