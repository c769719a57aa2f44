// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A height map as people look at it: atoms from above on their sites, coloured by level.

#include <opencv2/core.hpp>
#include <string>

namespace sinterscope {

/// Pixels per site for a picture of about side_px: a whole number, 1 to 32.
int pixels_per_site(int side_sites, int side_px);

/// Atoms as balls (squares where a site has fewer than 5 pixels), the top atom of each column seen; the
/// lowest level blue, then orange, red, dark. Red, green, blue. Heights are not written to.
cv::Mat3b lattice_picture(const cv::Mat1i& heights, int pixels_per_site);

/// The picture with a strip of text below it. The picture is not written to.
cv::Mat3b with_caption(const cv::Mat3b& picture, const std::string& words);

}  // namespace sinterscope
