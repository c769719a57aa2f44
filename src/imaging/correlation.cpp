// SPDX-License-Identifier: GPL-3.0-or-later
#include "correlation.h"

#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>
#include <tuple>
#include <vector>

#include "sinterscope/core/units.h"

namespace sinterscope {

namespace {

/// FFTW plans by size, made once. ESTIMATE, not MEASURE: a measured plan depends on the timing of the moment
/// and with it the last bits of the result.
fftwf_plan plan_for(cv::Size size, bool forward) {
  static std::mutex mutex;
  static std::map<std::tuple<int, int, bool>, fftwf_plan> plans;
  const std::lock_guard<std::mutex> lock(mutex);
  fftwf_plan& plan = plans[{size.height, size.width, forward}];
  if (!plan) {
    cv::Mat1f real(size);
    Spectrum complex(size.height, size.width / 2 + 1);
    auto* c = reinterpret_cast<fftwf_complex*>(complex.data);
    auto* r = reinterpret_cast<float*>(real.data);
    plan = forward ? fftwf_plan_dft_r2c_2d(size.height, size.width, r, c, FFTW_ESTIMATE)
                   : fftwf_plan_dft_c2r_2d(size.height, size.width, c, r, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
  }
  return plan;
}

/// Overwrites `spectrum`, hence the value.
cv::Mat1f inverse_fft(Spectrum spectrum, int width) {
  cv::Mat1f image(spectrum.rows, width);
  fftwf_execute_dft_c2r(plan_for(image.size(), false), reinterpret_cast<fftwf_complex*>(spectrum.data),
                        reinterpret_cast<float*>(image.data));
  return image;
}

/// Raised-cosine taper over the outer eighth on each side, at position x + shift.
std::vector<float> taper(int length, double shift = 0.0) {
  std::vector<float> window(static_cast<std::size_t>(length));
  const double rim = std::max(1, length / 8);
  for (int i = 0; i < length; ++i) {
    const double x = i + shift, from_rim = std::min(x, length - 1 - x) + 0.5;
    window[static_cast<std::size_t>(i)] =
        static_cast<float>(0.5 - 0.5 * std::cos(pi * std::clamp(from_rim / rim, 0.0, 1.0)));
  }
  return window;
}

/// Mean removed, tapered by the window displaced by -shift, padded to the transform size.
cv::Mat1f windowed(const cv::Mat1f& image, cv::Point2d shift = {}) {
  const std::vector<float> wx = taper(image.cols, shift.x), wy = taper(image.rows, shift.y);
  double sum = 0, weight = 0;
  for (int y = 0; y < image.rows; ++y) {
    const float* from = image[y];
    float row = 0, w = 0;
    for (std::size_t x = 0; x < wx.size(); ++x) row += wx[x] * from[x], w += wx[x];
    sum += static_cast<double>(wy[static_cast<std::size_t>(y)] * row);
    weight += static_cast<double>(wy[static_cast<std::size_t>(y)] * w);
  }
  const float mean = static_cast<float>(sum / weight);
  cv::Mat1f result = cv::Mat1f::zeros(fft_size(image.size()));
  for (int y = 0; y < image.rows; ++y) {
    const float* from = image[y];
    float* to = result[y];
    for (std::size_t x = 0; x < wx.size(); ++x)
      to[x] = wy[static_cast<std::size_t>(y)] * wx[x] * (from[x] - mean);
  }
  return result;
}

/// Sum of the squared window: the noise power of each coefficient of an image of unit noise.
double window_energy(cv::Size size) {
  double x = 0, y = 0;
  for (const float w : taper(size.width)) x += static_cast<double>(w * w);
  for (const float w : taper(size.height)) y += static_cast<double>(w * w);
  return x * y;
}

double frequency(int k, int n) { return static_cast<double>(k <= n / 2 ? k : k - n) / n; }

/// Factors of the band-pass along one axis: exp(-2 pi^2 sigma^2 f^2).
std::vector<float> gaussian_factors(int n, int count, double sigma_px) {
  std::vector<float> factors(static_cast<std::size_t>(count));
  for (int k = 0; k < count; ++k)
    factors[static_cast<std::size_t>(k)] =
        static_cast<float>(std::exp(-2.0 * pi * pi * std::pow(sigma_px * frequency(k, n), 2)));
  return factors;
}

/// Calls visit(row, column, weight) for every coefficient whose weight matters; weights are 1 in the pass
/// band.
template <typename Visit>
void for_band(cv::Size size, const Band& band, const Visit& visit) {
  const int columns = size.width / 2 + 1;
  const auto fine_x = gaussian_factors(size.width, columns, band.fine_px);
  const auto fine_y = gaussian_factors(size.height, size.height, band.fine_px);
  const auto coarse_x = gaussian_factors(size.width, columns, band.coarse_px);
  const auto coarse_y = gaussian_factors(size.height, size.height, band.coarse_px);
  for (int y = 0; y < size.height; ++y) {
    const auto j = static_cast<std::size_t>(y);
    if (fine_y[j] < 1e-3F) continue;
    for (int x = band.without_rows ? 1 : 0; x < columns; ++x) {
      const auto i = static_cast<std::size_t>(x);
      const float pass = fine_x[i] * fine_y[j];
      if (pass < 1e-3F) break;
      // All but the two outer columns stand for themselves and their mirror image.
      const float multiplicity = x == 0 || (2 * x == size.width) ? 1.0F : 2.0F;
      visit(y, x, pass * (1.0F - coarse_x[i] * coarse_y[j]), multiplicity);
    }
  }
}

// Written out, because std::complex checks every product for infinities.
float power(const cv::Vec2f& c) { return c[0] * c[0] + c[1] * c[1]; }
cv::Vec2f times(const cv::Vec2f& a, const cv::Vec2f& b) {
  return {a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]};
}
cv::Vec2f times_conjugate(const cv::Vec2f& a, const cv::Vec2f& b) {
  return {a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]};
}

struct Derivatives {
  double value = 0;
  cv::Vec2d gradient;
  cv::Matx22d hessian;
};

/// The sum over q of a row of the band and over kx q and kx^2 q, q = term times its phase along x.
struct RowSums {
  cv::Vec2f of_one, of_kx, of_kx2;
};

/// Correlation sum W Re[M conj(F) exp(2 pi i k.s)] and its derivatives at s.
class ContinuousCorrelation {
 public:
  ContinuousCorrelation(const Spectrum& fixed, const Spectrum& moved, cv::Size size, const Band& band)
      : size_(size), real_(size.height, padded(size)), imaginary_(size.height, padded(size)) {
    real_ = 0.0F, imaginary_ = 0.0F;
    row_ends_.assign(static_cast<std::size_t>(size.height), 0);
    for_band(size, band, [&](int y, int x, float weight, float multiplicity) {
      const cv::Vec2f term = times_conjugate(moved(y, x), fixed(y, x)) * (weight * multiplicity);
      real_(y, x) = term[0], imaginary_(y, x) = term[1];
      row_ends_[static_cast<std::size_t>(y)] = x + 1;
    });
    for (auto* along_x : {&phase_real_, &phase_imaginary_, &kx_})
      along_x->assign(static_cast<std::size_t>(padded(size)), 0.0F);
    for (std::size_t x = 0; x < kx_.size(); ++x)
      kx_[x] = static_cast<float>(2.0 * pi / size.width) * static_cast<float>(x);
  }

  Derivatives at(cv::Point2d shift) {
    for (int x = 0; x < padded(size_); ++x) {
      const cv::Vec2f phase = phase_of(x, size_.width, shift.x);
      phase_real_[static_cast<std::size_t>(x)] = phase[0];
      phase_imaginary_[static_cast<std::size_t>(x)] = phase[1];
    }
    Derivatives d;
    for (int y = 0; y < size_.height; ++y) {
      if (row_ends_[static_cast<std::size_t>(y)] == 0) continue;
      const double ky = 2.0 * pi * frequency(y, size_.height);
      const cv::Vec2f phase = phase_of(y, size_.height, shift.y);
      const RowSums row = sum_row(y);
      const cv::Vec2d one = times(phase, row.of_one), x = times(phase, row.of_kx),
                      xx = times(phase, row.of_kx2);
      d.value += one[0];
      d.gradient -= cv::Vec2d(x[1], ky * one[1]);
      d.hessian -= cv::Matx22d(xx[0], ky * x[0], ky * x[0], ky * ky * one[0]);
    }
    return d;
  }

 private:
  static constexpr int lanes = 4;
  static int padded(cv::Size size) { return (size.width / 2 + lanes) / lanes * lanes; }

  static cv::Vec2f phase_of(int k, int n, double shift) {
    const double angle = 2.0 * pi * frequency(k, n) * shift;
    return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  }

  /// Four terms at a time; those beyond the band are 0.
  RowSums sum_row(int y) const {
    cv::v_float32x4 real[3], imaginary[3];
    for (int k = 0; k < 3; ++k) real[k] = imaginary[k] = cv::v_setzero_f32();
    for (int x = 0; x < row_ends_[static_cast<std::size_t>(y)]; x += lanes) {
      const cv::v_float32x4 a = cv::v_load(real_[y] + x), b = cv::v_load(imaginary_[y] + x);
      const cv::v_float32x4 c = cv::v_load(&phase_real_[static_cast<std::size_t>(x)]),
                            s = cv::v_load(&phase_imaginary_[static_cast<std::size_t>(x)]);
      const cv::v_float32x4 k = cv::v_load(&kx_[static_cast<std::size_t>(x)]);
      cv::v_float32x4 re = a * c - b * s, im = a * s + b * c;
      real[0] += re, imaginary[0] += im;
      re *= k, im *= k;
      real[1] += re, imaginary[1] += im;
      real[2] += re * k, imaginary[2] += im * k;
    }
    const auto sum = [&](int k) {
      return cv::Vec2f(cv::v_reduce_sum(real[k]), cv::v_reduce_sum(imaginary[k]));
    };
    return {sum(0), sum(1), sum(2)};
  }

  cv::Size size_;
  cv::Mat1f real_, imaginary_;  ///< parts of the terms; 0 outside of the band
  std::vector<int> row_ends_;   ///< one past the last column of the band
  std::vector<float> phase_real_, phase_imaginary_, kx_;
};

/// Newton's method to the maximum near `shift`; false where there is none within 2.5 px.
bool climb(ContinuousCorrelation correlation, cv::Point2d& shift, Derivatives& d) {
  for (int i = 0; i < 12; ++i) {
    d = correlation.at(shift);
    if (!(d.hessian(0, 0) < 0.0 && cv::determinant(d.hessian) > 0.0)) return false;
    const cv::Vec2d step = -(d.hessian.inv() * d.gradient);
    const double length = cv::norm(step), limit = 0.5;
    shift += cv::Point2d(step[0], step[1]) * (length > limit ? limit / length : 1.0);
    if (std::max(std::abs(shift.x), std::abs(shift.y)) > 2.5) return false;
    if (length < 1e-3) return true;  // quadratic convergence: the next step would be far below 1e-4
  }
  return false;
}

}  // namespace

cv::Size fft_size(cv::Size image) {
  return {cv::getOptimalDFTSize(image.width), cv::getOptimalDFTSize(image.height)};
}

Spectrum forward_fft(const cv::Mat1f& image) {
  cv::Mat1f padded = image;
  const cv::Size size = fft_size(image.size());
  if (size != image.size() || !image.isContinuous())
    cv::copyMakeBorder(image, padded, 0, size.height - image.rows, 0, size.width - image.cols,
                       cv::BORDER_CONSTANT, 0.0);
  Spectrum spectrum(size.height, size.width / 2 + 1);
  // An out-of-place real transform leaves its input alone.
  fftwf_execute_dft_r2c(plan_for(size, true), reinterpret_cast<float*>(padded.data),
                        reinterpret_cast<fftwf_complex*>(spectrum.data));
  return spectrum;
}

ImagePair::ImagePair(cv::Mat1f fixed_image, const cv::Mat1f& moved)
    : fixed(std::move(fixed_image)),
      fixed_spectrum(forward_fft(windowed(fixed))),
      moved_spectrum(forward_fft(windowed(moved))) {}

PixelMatch find_shift(const ImagePair& pair, const Band& band, cv::Size reach) {
  const cv::Size size = fft_size(pair.fixed.size());
  const Spectrum &f = pair.fixed_spectrum, &m = pair.moved_spectrum;
  Spectrum product = Spectrum::zeros(f.size());
  double chance = 0;
  for_band(size, band, [&](int y, int x, float weight, float multiplicity) {
    const cv::Vec2f p = times_conjugate(m(y, x), f(y, x));
    const float size_of_p = std::sqrt(power(p));
    if (size_of_p <= 0.0F) return;
    product(y, x) = p * (weight / std::sqrt(size_of_p));
    chance += static_cast<double>(weight * weight * size_of_p * multiplicity);
  });
  const cv::Mat1f surface = inverse_fft(product, size.width);
  PixelMatch match;
  float best = -std::numeric_limits<float>::infinity();
  const int rx = std::min(reach.width, (size.width - 1) / 2),
            ry = std::min(reach.height, (size.height - 1) / 2);
  for (int dy = -ry; dy <= ry; ++dy) {
    const float* row = surface[(dy + size.height) % size.height];
    for (int dx = -rx; dx <= rx; ++dx) {
      const float value = row[(dx + size.width) % size.width];
      if (value > best) best = value, match.shift = {dx, dy};
    }
  }
  // A sum of terms of random phase has half their summed squares as variance; the mirror images double the
  // sum.
  if (chance > 0.0) match.significance = static_cast<double>(best) / std::sqrt(chance);
  return match;
}

SubpixelMatch refine_shift(const ImagePair& pair, const Band& band, double fixed_frames) {
  const cv::Size size = fft_size(pair.fixed.size());
  const Spectrum& m = pair.moved_spectrum;
  SubpixelMatch match;
  Spectrum f = pair.fixed_spectrum;
  Derivatives d;
  // A window fixed to the frame holds the match back towards zero. Displacing the window of `fixed` by the
  // shift found so far makes both windows cut out the same specimen.
  for (int pass = 0; pass < 3; ++pass) {
    const cv::Point2d before = match.shift;
    if (pass > 0) f = forward_fft(windowed(pair.fixed, before));
    if (!climb(ContinuousCorrelation(f, m, size, band), match.shift, d)) return match;
    if (cv::norm(match.shift - before) < 0.02) break;
  }
  match.converged = true;
  // Scatter of the gradient that noise of both images makes; a match to many frames still carries the noise
  // of the one frame that defines zero, hence twice the signal term.
  const double noise = window_energy(pair.fixed.size()), n = fixed_frames;
  double vxx = 0, vyy = 0, ff = 0, mm = 0;
  for_band(size, band, [&](int y, int x, float weight, float multiplicity) {
    const double kx = 2.0 * pi * frequency(x, size.width), ky = 2.0 * pi * frequency(y, size.height);
    const double pf = static_cast<double>(power(f(y, x))), pm = static_cast<double>(power(m(y, x)));
    const double w = static_cast<double>(weight), mult = static_cast<double>(multiplicity);
    const double scatter =
        0.5 * mult * mult * w * w * std::max(noise * (pf * (2.0 - 1.0 / n) + (pm - noise) / n), 0.0);
    vxx += kx * kx * scatter, vyy += ky * ky * scatter;
    ff += w * mult * pf, mm += w * mult * pm;
  });
  match.correlation = d.value / std::sqrt(std::max(ff * mm, 1e-30));
  match.sigma = {std::sqrt(vxx) / -d.hessian(0, 0), std::sqrt(vyy) / -d.hessian(1, 1)};
  return match;
}

cv::Mat1f binned(const cv::Mat1f& image, int factor) {
  if (factor <= 1) return image;
  const cv::Size size(image.cols / factor, image.rows / factor);
  cv::Mat1f result;
  cv::resize(image(cv::Rect(0, 0, size.width * factor, size.height * factor)), result, size, 0, 0,
             cv::INTER_AREA);
  return result;
}

std::pair<cv::Mat1f, cv::Mat1f> aligned_to_pixel(const cv::Mat1f& first, const cv::Mat1f& second) {
  const int factor = std::max(1, std::min(first.cols, first.rows) / 256);
  const cv::Mat1f a = binned(first, factor), b = binned(second, factor);
  const PixelMatch match = find_shift({a, b}, {}, {a.cols / 2, a.rows / 2});
  cv::Point shift;
  if (match.significance > 8.0) {
    const cv::Rect frame(0, 0, a.cols, a.rows), overlap = frame & (frame + match.shift);
    const SubpixelMatch fine = refine_shift({a(overlap - match.shift), b(overlap)}, {}, 1.0);
    const cv::Point2d exact =
        (cv::Point2d(match.shift) + (fine.converged ? fine.shift : cv::Point2d())) * factor;
    shift = {static_cast<int>(std::lround(exact.x)), static_cast<int>(std::lround(exact.y))};
  }
  const cv::Rect frame(0, 0, first.cols, first.rows), overlap = frame & (frame + shift);
  return {first(overlap - shift), second(overlap)};
}

}  // namespace sinterscope
