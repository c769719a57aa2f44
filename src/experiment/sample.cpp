// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/sample.h"

#include "sinterscope/core/units.h"

namespace sinterscope {

double Sample::atoms_per_nm3() const { return shape_factor * pi / 6.0 / volume_per_metal_atom_nm3; }

}  // namespace sinterscope
