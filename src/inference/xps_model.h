// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Expected counts of a spectrum, as one template for curves (double) and Ceres (Jet), and the residual whose
// square is the Poisson likelihood.

#include <cmath>
#include <cstddef>
#include <vector>

#include "sinterscope/inference/line_shape.h"
#include "sinterscope/inference/xps_options.h"

namespace sinterscope {

/// Parameters of all spectra together, and of each by itself.
enum SharedParameter : std::size_t {
  particle_line,   ///< eV
  separation,      ///< eV
  splitting,       ///< eV
  log_area_ratio,  ///< 3d3/2 over 3d5/2
  log_fwhm,        ///< of the particles
  logit_lorentz,
  log_width_ratio,  ///< interfacial over particle
  shared_parameters
};
enum OwnParameter : std::size_t {
  log_counts,  ///< of both components, both lines
  fraction,    ///< interfacial; not confined to [0, 1], so that the likelihood is smooth at its ends
  line_shift,  ///< eV
  log_background,
  background_slope,
  background_curvature,
  background_cubic,
  shirley_rise,  ///< background per count of line below, 1/eV
  loss_slope,    ///< and how it grows with the distance from the line, 1/eV^2
  own_parameters
};

/// One spectrum cut to its window.
struct XpsChannels {
  std::vector<double> energy_eV, width_eV, counts;
  std::vector<double> fixed_background;  ///< empty where the background is fitted
  double middle_eV = 0.0, half_window_eV = 1.0;
};

template <typename Scalar>
struct ExpectedCounts {
  Scalar background, particle, interfacial;
  Scalar sum() const { return background + particle + interfacial; }
};

/// What the lines of one spectrum have in common over its channels.
template <typename Scalar>
class XpsModel {
 public:
  XpsModel(LineProfile profile, const Scalar* shared, const Scalar* own)
      : own_(own),
        narrow_(profile, exp_of(shared[log_fwhm]), logistic(shared[logit_lorentz])),
        wide_(profile, exp_of(Scalar(shared[log_fwhm] + shared[log_width_ratio])),
              logistic(shared[logit_lorentz])),
        particle_eV_(shared[particle_line] + own[line_shift]),
        separation_eV_(shared[separation]),
        splitting_eV_(shared[splitting]),
        counts_(exp_of(own[log_counts])),
        level_(exp_of(own[log_background])),
        ramp_eV_(exp_of(shared[log_fwhm]) / 1.6651092223153954) {
    const Scalar ratio = exp_of(shared[log_area_ratio]);
    main_share_ = 1.0 / (1.0 + ratio);
    partner_share_ = ratio / (1.0 + ratio);
  }

  ExpectedCounts<Scalar> at(const XpsChannels& data, std::size_t channel) const {
    const Scalar to_particle = data.energy_eV[channel] - particle_eV_;
    const Scalar to_interface = to_particle - separation_eV_;
    const Scalar in_particle = counts_ * data.width_eV[channel] * (1.0 - own_[fraction]);
    const Scalar in_interface = counts_ * data.width_eV[channel] * own_[fraction];
    ExpectedCounts<Scalar> expected;
    expected.particle = in_particle * density(narrow_, to_particle);
    expected.interfacial = in_interface * density(wide_, to_interface);
    if (!data.fixed_background.empty()) {
      expected.background = Scalar(data.fixed_background[channel]);
      return expected;
    }
    const double u = (data.energy_eV[channel] - data.middle_eV) / data.half_window_eV;
    expected.background =
        level_ * (1.0 + own_[background_slope] * u + own_[background_curvature] * (1.5 * u * u - 0.5) +
                  own_[background_cubic] * (2.5 * u * u - 1.5) * u);
    if (active_) {
      expected.background += own_[shirley_rise] * (in_particle * below(narrow_, to_particle) +
                                                   in_interface * below(wide_, to_interface));
      expected.background +=
          own_[loss_slope] * (in_particle * behind(to_particle) + in_interface * behind(to_interface));
    }
    return expected;
  }

  /// Without the rise of the background behind the lines.
  void leave_out_rise() { active_ = false; }

 private:
  static Scalar exp_of(const Scalar& x) {
    using std::exp;
    return exp(x);
  }
  static Scalar logistic(const Scalar& x) { return 1.0 / (1.0 + exp_of(Scalar(-x))); }
  Scalar density(const LineShape<Scalar>& line, const Scalar& distance) const {
    return main_share_ * line.value(distance) + partner_share_ * line.value(Scalar(distance - splitting_eV_));
  }
  Scalar below(const LineShape<Scalar>& line, const Scalar& distance) const {
    return main_share_ * line.integral(distance) +
           partner_share_ * line.integral(Scalar(distance - splitting_eV_));
  }

  /// The integral of below(), the tails of a Lorentzian left out: theirs has no end.
  Scalar behind(const Scalar& distance) const {
    return main_share_ * ramp(distance) + partner_share_ * ramp(Scalar(distance - splitting_eV_));
  }
  Scalar ramp(const Scalar& distance) const {
    using std::erf;
    using std::exp;
    constexpr double root_pi = 1.7724538509055160;
    const Scalar z = distance / ramp_eV_;
    return 0.5 * (distance * (1.0 + erf(z)) + ramp_eV_ / root_pi * exp(-z * z));
  }

  const Scalar* own_;
  LineShape<Scalar> narrow_, wide_;
  Scalar particle_eV_, separation_eV_, splitting_eV_, counts_, level_, ramp_eV_;
  Scalar main_share_{0.0}, partner_share_{0.0};
  bool active_ = true;
};

/// Signed root of the Poisson deviance of one channel: half the sum of its squares is minus the
/// log-likelihood up to a constant. sqrt has no derivative where model and data agree, so near there the root
/// is taken out of the series of d - ln(1+d), d = (m-y)/y. m > 0.
template <typename Scalar>
Scalar deviance_residual(double counts, const Scalar& expected) {
  using std::log;
  using std::sqrt;
  if (counts <= 0.0) return -sqrt(2.0 * expected);
  const Scalar d = (expected - counts) / counts;
  constexpr double near = 0.02;  // the next term of the series is below 1e-14 of the first
  if (d < Scalar(near) && d > Scalar(-near)) {
    Scalar series(0.0);
    for (int power = 8; power >= 2; --power) series = 2.0 / power - d * series;
    return -std::sqrt(counts) * d * sqrt(series);
  }
  const Scalar root = sqrt(2.0 * counts * (d - log(1.0 + d)));
  return d > Scalar(0.0) ? -root : root;
}

}  // namespace sinterscope
