// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which particles stand on a support during each step of the programme.
//
// Model. Facet f of M_f sites carries c_tot,f metal atoms per site for good. In an equilibrium step its
// particles are due c_np,f = max(0, c_tot,f - x_f), where x_f is c* with the binomial scatter of a facet of
// M_f sites (THEORY: the dispersed number is a binomial variable). Diameters are lognormal; atoms = k_N d^3
// (experiment/sample.h). What is closed (the region, or each facet) gets as many particles as bring its atoms
// nearest to what is due; then all its diameters are scaled by one common factor so that the atoms match
// exactly. Particles persist from step to step while their facet is due some; the smallest go first; missing
// ones appear at random free sites. What breaks it: a facet due less than one particle borrows atoms from its
// neighbours where the region is closed, and gets a particle off the size law where the facet is.

#include <optional>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/synth/optics.h"
#include "sinterscope/synth/support_surface.h"

namespace sinterscope {

struct StandingParticle : PaintedParticle {
  int id = 0;  ///< the same particle keeps it from step to step
  int facet = -1;
  bool large = false;  ///< one of the large particles that stay
  bool scripted = false;
  int previous_at_site = -1;  ///< id of the particle that stood here before; -1 = new site
};

/// What happened to one particle at the beginning of a step.
struct PopulationEvent {
  EventKind kind = EventKind::appeared;
  int id = 0;
  std::vector<int> partners;  ///< coalesced: the particle that took it up, or those it took up
};

struct PopulationStep {
  std::vector<StandingParticle> particles;
  std::vector<PopulationEvent> events;
  double sites = 0.0;  ///< support sites of the whole region
  double c_tot = 0.0;  ///< metal atoms per site that this region really carries
  std::optional<double> c_star;
  double c_np_due = 0.0;       ///< what equilibrium puts into particles
  double c_np = 0.0;           ///< what stands in particles (large and scripted ones not counted)
  std::optional<double> c_ad;  ///< the rest; empty where the script holds more than c_tot
};

/// The population of one region, step by step. Throws Error where the particles do not fit on the support.
std::vector<PopulationStep> grow_population(const Scene& scene, const Sample& sample,
                                            const SupportSurface& surface, int region, const Rng& rng);

}  // namespace sinterscope
