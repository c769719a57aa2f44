// SPDX-License-Identifier: GPL-3.0-or-later
#include "xps_messages.h"

#include <fmt/format.h>

#include <cmath>

namespace sinterscope {
namespace {

using Messages = std::vector<FitMessage>;

bool has(const Interval& interval, double value) { return *interval.low <= value && value <= *interval.high; }

void say_state(const XpsFit& fit, Messages& messages) {
  if (!fit.converged)
    messages.push_back({"not_converged", "The fit did not settle: its numbers are not to be used."});
  if (fit.dispersion > 1.0)
    messages.push_back(
        {"lack_of_fit",
         fmt::format(
             "Deviance {:.0f} for {} degrees of freedom: the lines or the background are not those of "
             "the model. All intervals were widened by {:.2f}; look at the residuals.",
             fit.goodness_g2, fit.goodness_dof, std::sqrt(fit.dispersion))});
  for (const XpsSpectrumFit& spectrum : fit.spectra)
    for (const double counts : spectrum.curves.counts)
      if (counts != std::floor(counts)) {
        messages.push_back(
            {"not_counts",
             fmt::format("Spectrum '{}' holds values that are no whole numbers: its noise may not "
                         "be that of counts.",
                         spectrum.name)});
        break;
      }
}

void say_fractions(const XpsFit& fit, Messages& messages) {
  if (fit.one_line)
    messages.push_back(
        {"one_line",
         "All spectra show one line alone: whether it is that of the particles or the interfacial one "
         "is a matter of the energy scale, which is not known well enough. A reference line would tell "
         "(particle_line_sd_ev)."});
  for (const XpsSpectrumFit& spectrum : fit.spectra) {
    const Interval& set = spectrum.fraction.interval95;
    if (spectrum.line_counts.value < 3.0 * spectrum.line_counts.se)
      messages.push_back(
          {"no_lines", fmt::format("Spectrum '{}' shows no line above its background.", spectrum.name)});
    if (spectrum.fraction.bounded == "none")
      messages.push_back(
          {"not_constrained",
           fmt::format("Spectrum '{}' says nothing of the interfacial fraction: every value from "
                       "0 to 1 is possible.",
                       spectrum.name)});
    else if (*set.high - *set.low > 0.5)
      messages.push_back(
          {"barely_constrained",
           fmt::format("Spectrum '{}' leaves the interfacial fraction between {:.2f} and {:.2f}.",
                       spectrum.name, *set.low, *set.high)});
    else if (spectrum.fraction.bounded == "above")
      messages.push_back(
          {"upper_limit", fmt::format("Spectrum '{}': no interfacial line is needed; its share "
                                      "is below {:.3f} (95 %).",
                                      spectrum.name, *set.high)});
    else if (spectrum.fraction.bounded == "below")
      messages.push_back({"lower_limit", fmt::format("Spectrum '{}': no particle line is needed; the "
                                                     "interfacial share is above {:.3f} (95 %).",
                                                     spectrum.name, *set.low)});
  }
}

void say_lines(const XpsFit& fit, Messages& messages) {
  const XpsOptions& options = fit.options;
  if (fit.fwhm_eV.value > 1.2 * fit.separation_eV.value)
    messages.push_back(
        {"peaks_unresolved",
         fmt::format(
             "The lines are {:.2f} eV wide and {:.2f} eV apart: no dip separates them, and the fraction "
             "rests on what is assumed of separation and widths.",
             fit.fwhm_eV.value, fit.separation_eV.value)});
  if (fit.separation_eV.se > 0.8 * options.separation_sd_eV)
    messages.push_back(
        {"separation_from_prior",
         fmt::format("The separation of the lines is that of its prior ({} +- {} eV): the spectra "
                     "do not measure it.",
                     options.separation_eV, options.separation_sd_eV)});
  if (fit.width_ratio.se > 0.8 * options.width_ratio_log_sd)
    messages.push_back({"widths_from_prior",
                        fmt::format("Whether the interfacial line is broader than that of the particles is "
                                    "decided by the prior ({:.0f} %).",
                                    100.0 * options.width_ratio_log_sd)});
  const double off = (fit.particle_line_eV.value - options.particle_line_eV) / options.particle_line_sd_eV;
  if (std::abs(off) > 2.5)
    messages.push_back(
        {"energy_scale",
         fmt::format("The particle line stands at {:.2f} eV, {:.1f} prior s.d. from {} eV: check "
                     "the energy scale, or which species this is.",
                     fit.particle_line_eV.value, std::abs(off), options.particle_line_eV)});
}

void say_changes(const XpsFit& fit, Messages& messages) {
  for (const XpsChange& change : fit.changes) {
    const std::string &from = fit.spectra[change.from].name, &to = fit.spectra[change.to].name;
    const Interval& set = change.change.interval95;
    if (has(set, 0.0))
      messages.push_back(
          {"no_change", fmt::format("From '{}' to '{}' no change of the interfacial fraction is "
                                    "seen: {:+.3f} to {:+.3f} (95 %).",
                                    from, to, *set.low, *set.high)});
    else
      messages.push_back({*set.low > 0.0 ? "rises" : "falls",
                          fmt::format("From '{}' to '{}' the interfacial fraction {} by {:.3f} to {:.3f} "
                                      "(95 %).",
                                      from, to, *set.low > 0.0 ? "rises" : "falls",
                                      std::min(std::abs(*set.low), std::abs(*set.high)),
                                      std::max(std::abs(*set.low), std::abs(*set.high)))});
  }
}

}  // namespace

std::vector<FitMessage> xps_messages(const XpsFit& fit) {
  Messages messages;
  say_state(fit, messages);
  say_fractions(fit, messages);
  say_lines(fit, messages);
  say_changes(fit, messages);
  return messages;
}

}  // namespace sinterscope
