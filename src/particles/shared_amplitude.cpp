// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared_amplitude.h"

#include <cmath>

#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

constexpr std::size_t least = 6;  ///< particles that make a law
constexpr std::size_t first_asked = 120, most_asked = 640;
constexpr int most_rounds = 4;
constexpr double settled = 0.03;  ///< of ln d, by which the law may move from one round to the last

constexpr double wider = 0.03;  ///< of ln sigma, to see how the law moves with it

}  // namespace

std::optional<AmplitudePrior> learn_shared_amplitude(std::vector<double> log_diameters,
                                                     const LookAtMany& look_at, const SlopePrior& slope,
                                                     double blurred_sigma_px, bool blur_is_exact) {
  if (log_diameters.size() < least) return std::nullopt;
  Population law;
  law.log_diameter = median(log_diameters);
  for (int round = 0; round < most_rounds; ++round) {
    const auto learnt = learn_population(look_at(law, blurred_sigma_px, round > 0 ? most_asked : first_asked),
                                         slope, least, round > 0 ? &law : nullptr);
    if (!learnt) return std::nullopt;
    const double moved = std::abs(learnt->log_diameter - law.log_diameter);
    law = *learnt;
    if (round > 0 && moved < std::max(settled, 0.5 * law.log_diameter_sd)) break;
  }
  AmplitudePrior prior = law.amplitude_prior();
  if (blur_is_exact) return prior;
  const auto blurred =
      learn_population(look_at(law, blurred_sigma_px * std::exp(wider), most_asked), slope, least, &law);
  if (blurred)
    prior.by_log_sigma =
        (blurred->amplitude_prior().at(law.log_diameter) - prior.at(law.log_diameter)) / wider;
  return prior;
}

}  // namespace sinterscope
