// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Gatan DM5 files (GMS 3.6 and later): the tag tree of DM4 as HDF5. Groups are tag groups, single tags are
// attributes: /ImageList/[i]/ImageData/{Data, Calibrations/Dimension/[k] Scale, Units}, k fastest axis first.
// Thumbnails are left out; complex, RGB, spectra and diffraction patterns refused by name. Layout: as the
// readers of nionswift-io and RosettaSciIO describe it; real files of a camera were not at hand.

#include "sinterscope/io/hdf5_stack.h"

namespace sinterscope {

bool is_dm5(const Hdf5File& file);

/// The stack that the options mean. Throws Error naming the candidates where it is none or more than one.
Hdf5Stack dm5_stack(const Hdf5File& file, const OpenOptions& options);

}  // namespace sinterscope
