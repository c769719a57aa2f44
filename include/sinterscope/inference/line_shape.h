// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Photoelectron lines of unit area and their integrals, for doubles and for automatic derivatives.
//
// A line is a Lorentzian (lifetime) folded with a Gaussian (analyser, photon band, disorder): a Voigt
// profile. Two approximations whose integral is elementary too, which the background beneath a line needs:
//   pseudo_voigt  (1-eta) Gaussian + eta Lorentzian of one width; off a Voigt by up to 1 % of its height.
//   voigt         the extended pseudo-Voigt of Ida, Ando and Toraya (J. Appl. Cryst. 33, 1311, 2000,
//                 doi:10.1107/S0021889800010219): four functions, off by 0.1 % up to a Lorentzian share of
//                 one half of the width, by 0.6 % beyond.
// Both break for lines that are not symmetric: metals with many electrons at the Fermi edge (Pd, not PdO).

#include <array>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {

enum class LineProfile { pseudo_voigt, voigt };

template <typename Scalar>
class LineShape {
 public:
  /// fwhm_eV: full width at half maximum; lorentz in [0, 1]: eta of pseudo_voigt, the Lorentzian's part of
  /// the sum of both widths for voigt.
  LineShape(LineProfile profile, const Scalar& fwhm_eV, const Scalar& lorentz) : profile_(profile) {
    if (profile == LineProfile::pseudo_voigt) {
      gauss_ = fwhm_eV / gauss_width;
      lorentz_ = 0.5 * fwhm_eV;
      share_lorentz_ = lorentz;
      share_gauss_ = 1.0 - lorentz;
    } else {
      extended(fwhm_eV, lorentz);
    }
  }

  /// Density at a distance from the centre, per eV.
  Scalar value(const Scalar& distance_eV) const {
    using std::cosh;
    using std::exp;
    using std::sqrt;
    const Scalar g = distance_eV / gauss_;
    const Scalar l = distance_eV / lorentz_;
    Scalar sum =
        share_gauss_ * exp(-g * g) / (root_pi * gauss_) + share_lorentz_ / (pi * lorentz_ * (1.0 + l * l));
    if (profile_ == LineProfile::pseudo_voigt) return sum;
    const Scalar i = 1.0 + distance_eV * distance_eV / (irrational_ * irrational_);
    sum += 0.5 * share_irrational_ / (irrational_ * i * sqrt(i));
    const Scalar c = cosh(distance_eV / secant_);
    return sum + 0.5 * share_secant_ / (secant_ * c * c);
  }

  /// The part of the line below this distance from its centre.
  Scalar integral(const Scalar& distance_eV) const {
    using std::atan;
    using std::erf;
    using std::sqrt;
    using std::tanh;
    Scalar sum = share_gauss_ * 0.5 * (1.0 + erf(distance_eV / gauss_)) +
                 share_lorentz_ * (0.5 + atan(distance_eV / lorentz_) / pi);
    if (profile_ == LineProfile::pseudo_voigt) return sum;
    const Scalar i = distance_eV / irrational_;
    sum += 0.5 * share_irrational_ * (1.0 + i / sqrt(1.0 + i * i));
    return sum + 0.5 * share_secant_ * (1.0 + tanh(distance_eV / secant_));
  }

 private:
  static constexpr double gauss_width = 1.6651092223153954;       // 2 sqrt(ln 2): width over the 1/e radius
  static constexpr double irrational_width = 1.5328418730192133;  // 2 sqrt(2^(2/3) - 1)
  static constexpr double secant_width = 1.7627471740390861;      // 2 ln(1 + sqrt 2)
  static constexpr double root_pi = 1.7724538509055160;

  static Scalar polynomial(const std::array<double, 7>& coefficients, const Scalar& x) {
    Scalar sum(0.0);
    for (std::size_t k = coefficients.size(); k-- > 0;) sum = sum * x + coefficients[k];
    return sum;
  }

  /// Tables 1 and 2 of Ida, Ando and Toraya.
  void extended(const Scalar& fwhm_eV, const Scalar& r) {
    using std::sqrt;
    // Olivero and Longbothum's width of a Voigt profile (J. Quant. Spectrosc. Radiat. Transfer 17, 233,
    // 1977).
    const Scalar rest = 1.0 - r;
    const Scalar sum = fwhm_eV / (0.5346 * r + sqrt(0.2166 * r * r + rest * rest));
    gauss_ = sum / gauss_width *
             (1.0 - r * polynomial({0.66000, 0.15021, -1.24984, 4.74052, -9.48291, 8.48252, -2.95553}, r));
    lorentz_ =
        0.5 * sum *
        (1.0 - rest * polynomial({-0.42179, -1.25693, 10.30003, -23.45651, 29.14158, -16.60453, 3.19974}, r));
    irrational_ = sum / irrational_width *
                  polynomial({1.19913, 1.43021, -15.36331, 47.06071, -73.61822, 57.92559, -17.80614}, r);
    secant_ = sum / secant_width *
              polynomial({1.10186, -0.47745, -0.68688, 2.76622, -4.55466, 4.05475, -1.26571}, r);
    share_lorentz_ =
        r *
        (1.0 + rest * polynomial({-0.30165, -1.38927, 9.31550, -24.10743, 34.96491, -21.18862, 3.70290}, r));
    share_irrational_ =
        r * rest * polynomial({0.25437, -0.14107, 3.23653, -11.09215, 22.10544, -24.12407, 9.76947}, r);
    share_secant_ =
        r * rest * polynomial({1.01579, 1.50429, -9.21815, 23.59717, -39.71134, 32.83023, -10.02142}, r);
    share_gauss_ = 1.0 - share_lorentz_ - share_irrational_ - share_secant_;
  }

  LineProfile profile_;
  Scalar gauss_{1.0}, lorentz_{1.0}, irrational_{1.0}, secant_{1.0};
  Scalar share_gauss_{0.0}, share_lorentz_{0.0}, share_irrational_{0.0}, share_secant_{0.0};
};

}  // namespace sinterscope
