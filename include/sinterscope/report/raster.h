// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A figure as PNG, for programs that take no SVG.
//
// Text needs a font engine; rather than link one, the figure is handed to rsvg-convert (Debian package
// librsvg2-bin), which draws SVG with the fonts of the machine. It runs as a child process without a shell.

#include <optional>
#include <string>

namespace sinterscope {

/// PNG bytes on white at `dpi` dots per inch (600: what journals ask of line art); empty where rsvg-convert
/// is not installed. Throws Error where it is installed and fails.
std::optional<std::string> png_of_svg(const std::string& svg, double dpi = 600);

}  // namespace sinterscope
