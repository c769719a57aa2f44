// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A film as one PNG file, which browsers and viewers play and every other reader shows as its first picture.
//
// Source of the format: Animated PNG in Portable Network Graphics (PNG) Specification, third edition, W3C
// 2025, sections 11.3.6 and 4.9. Lossless and in full colour, which a GIF is not. The film repeats for ever.

#include <string>
#include <vector>

namespace sinterscope {

/// Joins PNG files (bytes as png_bytes() gives them, all of one size and type) to an animated one. Throws
/// Error where there is none, one is no PNG, or they differ in size or type.
std::string animated_png(const std::vector<std::string>& pictures, double frames_per_s);

}  // namespace sinterscope
