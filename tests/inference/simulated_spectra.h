// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Simulated photoelectron spectra of two doublets. The lines are true Voigt profiles, a Gaussian folded with
// a Lorentzian by summation, and not the functions of the fit; what the fit has a prior about is drawn from
// it.

#include <cmath>
#include <string>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"
#include "sinterscope/experiment/spectrum.h"

namespace sinterscope::simulated {

enum class TrueBackground { shirley, linear, losses };

/// Ten minutes on a beamline: 161 channels of 3.7 s, some 3500 counts in the highest channel, a fifth to a
/// half of it background.
struct SpectraTruth {
  std::vector<double> celsius = {500.0, 300.0, 500.0};
  std::vector<double> fractions = {0.6, 0.3, 0.6};
  double line_counts = 1e5;
  double gauss_fwhm_eV = 1.1, lorentz_fwhm_eV = 0.4;
  TrueBackground background = TrueBackground::shirley;
  double background_counts = 800.0;  ///< per channel, in the middle
  double slope = 0.1;
  double rise_per_eV = 0.04;  ///< shirley: background per count of line below
  double loss_share = 0.2;    ///< losses: of the electrons, spread over the window above the line
  double step_eV = 0.1;
  // Standard deviations of what is drawn anew for each series.
  double line_sd_eV = 0.3, separation_sd_eV = 0.05, splitting_sd_eV = 0.05, ratio_log_sd = 0.02,
         width_ratio_log_sd = 0.1, shift_sd_eV = 0.02;
};

/// A Voigt profile of unit area and its integral, by the trapezoid rule over the Gaussian: for an analytic
/// function its error falls exponentially with the step, here below 1e-8.
class TrueVoigt {
 public:
  TrueVoigt(double gauss_fwhm_eV, double lorentz_fwhm_eV) : gamma_(0.5 * lorentz_fwhm_eV) {
    const double sd = gauss_fwhm_eV / 2.3548200450309493;
    double total = 0.0;
    for (int i = -60; i <= 60; ++i) {
      const double z = 0.1 * i;
      offset_.push_back(sd * z);
      weight_.push_back(std::exp(-0.5 * z * z));
      total += weight_.back();
    }
    for (double& weight : weight_) weight /= total;
  }
  double value(double x) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < offset_.size(); ++i) {
      const double d = x - offset_[i];
      sum += weight_[i] * gamma_ / (pi * (d * d + gamma_ * gamma_));
    }
    return sum;
  }
  double integral(double x) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < offset_.size(); ++i)
      sum += weight_[i] * (0.5 + std::atan((x - offset_[i]) / gamma_) / pi);
    return sum;
  }

 private:
  double gamma_;
  std::vector<double> offset_, weight_;
};

/// The lines of one spectrum at its energies (per eV, unit area) and the background behind them.
struct TrueLines {
  std::vector<double> density, integral;
};

inline TrueLines true_lines(const std::vector<double>& energy, const TrueVoigt& particle,
                            const TrueVoigt& interfacial, double fraction, double line_eV,
                            double separation_eV, double splitting_eV, double ratio) {
  TrueLines lines;
  const double main = 1.0 / (1.0 + ratio), partner = ratio / (1.0 + ratio);
  for (const double e : energy) {
    const double p = e - line_eV, i = p - separation_eV;
    lines.density.push_back(
        (1.0 - fraction) * (main * particle.value(p) + partner * particle.value(p - splitting_eV)) +
        fraction * (main * interfacial.value(i) + partner * interfacial.value(i - splitting_eV)));
    lines.integral.push_back(
        (1.0 - fraction) * (main * particle.integral(p) + partner * particle.integral(p - splitting_eV)) +
        fraction * (main * interfacial.integral(i) + partner * interfacial.integral(i - splitting_eV)));
  }
  return lines;
}

/// Electrons that lost energy on their way out: a broad law with its maximum 5 eV behind the line (the
/// universal form of S. Tougaard, Surf. Interface Anal. 11, 453, 1988, with a small C). No Shirley
/// background.
inline std::vector<double> losses(const std::vector<double>& energy, const std::vector<double>& density) {
  constexpr double c = 75.0;
  std::vector<double> result(energy.size(), 0.0);
  for (std::size_t i = 1; i < energy.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double loss = energy[i] - energy[j];
      result[i] += density[j] * (energy[1] - energy[0]) * 2.0 * c * loss / std::pow(c + loss * loss, 2);
    }
  return result;
}

inline std::vector<Spectrum> simulate_spectra(const SpectraTruth& truth, Rng& rng) {
  const double line_eV = 336.8 + truth.line_sd_eV * rng.normal();
  const double separation_eV = 1.0 + truth.separation_sd_eV * rng.normal();
  const double splitting_eV = 5.26 + truth.splitting_sd_eV * rng.normal();
  const double ratio = 2.0 / 3.0 * std::exp(truth.ratio_log_sd * rng.normal());
  const double wider = std::exp(truth.width_ratio_log_sd * rng.normal());
  const TrueVoigt particle(truth.gauss_fwhm_eV, truth.lorentz_fwhm_eV);
  const TrueVoigt interfacial(truth.gauss_fwhm_eV * wider, truth.lorentz_fwhm_eV * wider);
  std::vector<Spectrum> spectra;
  for (std::size_t s = 0; s < truth.fractions.size(); ++s) {
    Spectrum spectrum;
    spectrum.temperature_K = kelvin_from_celsius(truth.celsius[s]);
    spectrum.name = std::to_string(s) + "_" + std::to_string(static_cast<int>(truth.celsius[s])) + "C";
    for (int i = 0; 332.0 + truth.step_eV * i < 348.0 + 1e-9; ++i)
      spectrum.binding_energy_eV.push_back(332.0 + truth.step_eV * i);
    const auto& energy = spectrum.binding_energy_eV;
    const TrueLines lines =
        true_lines(energy, particle, interfacial, truth.fractions[s],
                   line_eV + truth.shift_sd_eV * rng.normal(), separation_eV, splitting_eV, ratio);
    const std::vector<double> lost = truth.background == TrueBackground::losses
                                         ? losses(energy, lines.density)
                                         : std::vector<double>(energy.size(), 0.0);
    for (std::size_t i = 0; i < energy.size(); ++i) {
      const double in_channel = truth.line_counts * truth.step_eV;
      double mean = in_channel * lines.density[i] +
                    truth.background_counts * (1.0 + truth.slope * (energy[i] - 340.0) / 8.0);
      if (truth.background == TrueBackground::shirley)
        mean += in_channel * truth.rise_per_eV * lines.integral[i];
      if (truth.background == TrueBackground::losses) mean += in_channel * truth.loss_share * lost[i];
      spectrum.counts.push_back(static_cast<double>(rng.poisson(mean)));
    }
    spectra.push_back(std::move(spectrum));
  }
  return spectra;
}

}  // namespace sinterscope::simulated
