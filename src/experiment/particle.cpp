// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/particle.h"

#include <array>
#include <utility>

namespace sinterscope {

std::string to_text(ParticleFlags flags) {
  static constexpr std::array<std::pair<ParticleFlag, const char*>, 7> words = {{
      {ParticleFlag::fit_failed, "fit_failed"},
      {ParticleFlag::at_bound, "at_bound"},
      {ParticleFlag::poor_fit, "poor_fit"},
      {ParticleFlag::irregular, "irregular"},
      {ParticleFlag::touching, "touching"},
      {ParticleFlag::cut_by_edge, "cut_by_edge"},
      {ParticleFlag::saturated, "saturated"},
  }};
  std::string text;
  for (const auto& [flag, word] : words)
    if (flags.has(flag)) text += (text.empty() ? "" : "|") + std::string(word);
  return text;
}

}  // namespace sinterscope
