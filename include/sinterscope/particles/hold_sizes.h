// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One diameter for each particle of a hold, from all frames in which it stands.
//
// Frames of one hold show the same particles at known shifts. A particle that stands still has one place, one
// diameter and one amplitude in all of them, so they are fitted together (size.h): N frames give 1 / sqrt(N)
// of the error of one, and the bias of a small, faint particle, which goes with the square of the error,
// falls with 1 / N, where a mean of N single fits would keep it. Long holds are fitted block by block and the
// blocks averaged. What all particles share - the width of the probe, a profile that is only nearly right -
// does not average out and is added at the end, as is what the ground does to each of them.
//
// Whether it stood still is judged by its single fits: where their diameters or places scatter clearly more
// than their errors say, the particle grew, moved, or the drift is wrong; it then keeps the mean of its
// single fits, widened by their scatter, and is marked unsteady.

#include <cstddef>
#include <functional>
#include <vector>

#include "sinterscope/particles/size.h"

namespace sinterscope {

struct HoldSizeOptions {
  bool joint_fits = true;
  int frames_together = 8;
  double unsteady_sigmas = 4.0;
  double strangers = 0.01;
  double place_error_px = 0.2;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.joint_fits, {"joint_fits", "",
                            "fit each particle that stands still to all frames of its hold at once; else "
                            "the mean of its single fits is taken"});
    visit(self.frames_together,
          {"frames_together", "1", "frames fitted at once; longer holds in blocks of about this many", 1.0,
           64.0});
    visit(self.unsteady_sigmas,
          {"unsteady_sigmas", "1",
           "a particle is unsteady where the chi-square of its single fits about their mean is this many "
           "standard deviations too large",
           1.0, 1e6});
    visit(self.strangers,
          {"strangers", "1",
           "share of the counted particles that may be none of the hold's law, such as false detections", 0.0,
           0.5});
    visit(self.place_error_px,
          {"place_error_px", "px", "error of the drift of one frame, when places are compared", 0.0, 100.0});
  }
};

/// A particle of a hold: its single fits (specimen coordinates), each with the number of its frame within the
/// hold, in ascending order.
struct HoldParticle {
  std::vector<std::size_t> frames;
  std::vector<Particle> single;
};

struct HoldSize {
  double x_px = 0.0, y_px = 0.0;  ///< specimen
  double diameter_px = 0.0;
  double diameter_se_px = 0.0;         ///< everything in it
  double diameter_shared_se_px = 0.0;  ///< the part that all particles of the hold share
  double chi2_per_dof = 0.0;           ///< of the joint fit; 0 = none
  int frames = 0;                      ///< that went into it
  bool steady = true;
  ParticleFlags flags;
};

/// Frame number i of a hold, with its shift; read when it is asked for.
using HoldFrame = std::function<ShiftedFrame(std::size_t i)>;

/// `count` frames; those fitted at once, by each thread, are in memory and no others. Same order as the
/// particles. Between the first and the last frame in which it was found a particle is taken to stand in all
/// frames. Throws Error for a particle without fits, or in a frame that is not there.
std::vector<HoldSize> measure_hold(std::size_t count, const HoldFrame& frame, const NoiseModel& noise,
                                   const std::vector<HoldParticle>& particles, const Probe& probe,
                                   const SizeOptions& size, const HoldSizeOptions& options, int threads = 1);

}  // namespace sinterscope
