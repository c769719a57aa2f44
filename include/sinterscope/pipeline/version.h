// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace sinterscope {

/// Of the program, from the project line of CMakeLists.txt.
inline constexpr const char* version = SINTERSCOPE_VERSION;

}  // namespace sinterscope
