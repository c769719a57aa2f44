// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Cross-correlation of two images of one scene in Fourier space: whole-pixel search and sub-pixel refinement.
//
// `moved` shows the scene of `fixed` displaced by s: moved(p) = fixed(p - s). The search takes the highest
// peak of the half-whitened cross-correlation; the refinement is Newton's method on the band-passed
// cross-correlation as a continuous function of s, which needs no interpolation of pixels (Guizar-Sicairos et
// al., Opt. Lett. 33, 156, 2008, doi:10.1364/OL.33.000156, sample the same function on a fine grid). Both
// images have independent noise of standard deviation 1 per pixel (fixed: 1 / sqrt(frames)).

#include <opencv2/core.hpp>
#include <utility>

namespace sinterscope {

/// Spectrum of a real image: rows x (columns / 2 + 1) complex numbers.
using Spectrum = cv::Mat2f;

/// Forward transform of `image`, padded with zeros to a size that is fast to transform. Thread-safe.
Spectrum forward_fft(const cv::Mat1f& image);
/// The padded size that forward_fft uses.
cv::Size fft_size(cv::Size image);

/// What lies between two spatial scales (standard deviations, px); without_rows leaves out what is constant
/// along rows, where row noise sits.
struct Band {
  double fine_px = 0.8;
  double coarse_px = 16.0;
  bool without_rows = false;
};

/// Two images of one size with the spectra of their tapered pixels, which search and refinement share.
struct ImagePair {
  ImagePair(cv::Mat1f fixed_image, const cv::Mat1f& moved);
  cv::Mat1f fixed;
  Spectrum fixed_spectrum, moved_spectrum;
};

struct PixelMatch {
  cv::Point shift;            ///< whole pixels
  double significance = 0.0;  ///< height of the peak in standard deviations of a chance match
};

/// The highest peak of the correlation of `moved` with `fixed` within +-reach of zero.
PixelMatch find_shift(const ImagePair& pair, const Band& band, cv::Size reach);

struct SubpixelMatch {
  cv::Point2d shift;
  cv::Point2d sigma;  ///< Cramer-Rao bound of a match to one frame of this noise, from the measured spectra
  double correlation = 0;  ///< normalised correlation in the band, -1 to 1
  bool converged = false;
};

/// Refines a match that is good to about a pixel, starting from zero. `fixed` is the mean of fixed_frames
/// frames.
SubpixelMatch refine_shift(const ImagePair& pair, const Band& band, double fixed_frames);

/// The parts of two frames that show the same specimen, aligned to the nearest pixel; the whole frames where
/// no significant match is found.
std::pair<cv::Mat1f, cv::Mat1f> aligned_to_pixel(const cv::Mat1f& first, const cv::Mat1f& second);

/// Mean of factor x factor pixels; what does not fill a whole pixel at the right and lower rim is left out.
cv::Mat1f binned(const cv::Mat1f& image, int factor);

}  // namespace sinterscope
