// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What would have been found: artificial particles of known diameter are painted into real frames and
// searched for by the same code.
//
// Each trial paints particles of random diameters at random places of the searched area, clear of real ones
// and of one another, wholly on the support and inside of the frames (one that the border cuts counts
// nowhere), each into two frames of the hold at the same place of the specimen, cleans and searches
// the frames as always, and notes where each came back. The first trial takes diameters from the whole range,
// evenly in ln d; the later ones take most of theirs from where the curve of the trials so far rises, so that
// few trials measure d50 and d90. A logistic curve of the diameter is fitted to the outcomes (penalised
// likelihood, so that a clean separation of found and missed gives a finite width), then how far the luck of
// one particle in two frames goes together. The frame's own texture, edges, noise and crowding are in the
// answer. What is not: particles that look other than the painted ones; the amplitude law of the painter is
// the assumption and is stated with the result. Source of the method: injection tests of survey astronomy,
// e.g. Suchyta et al., MNRAS 457, 786, 2016.

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/core/random.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {

struct InjectionOptions {
  int trials = 3;
  int particles_per_trial = 60;
  double smallest_diameter_px = 2.0;
  double largest_diameter_px = 24.0;
  double clearance = 2.5;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.trials,
          {"trials", "1", "times that two frames of each hold are painted and searched; 0 = no completeness",
           0, 1000});
    visit(self.particles_per_trial, {"particles_per_trial", "1", "artificial particles each time", 1, 10000});
    visit(self.smallest_diameter_px,
          {"smallest_diameter_px", "px", "smallest artificial particle", 0.1, 1e4});
    visit(self.largest_diameter_px, {"largest_diameter_px", "px", "largest artificial particle", 1.0, 1e4});
    visit(self.clearance,
          {"clearance", "1", "distance to any other particle, in sums of both radii", 1.0, 20.0});
  }
};

/// A frame to be searched, with what is already on it.
struct InjectionFrame {
  cv::Mat1f raw;
  cv::Mat1b searched;                    ///< where particles are painted; empty = everywhere
  cv::Mat1b support;                     ///< on which all of a particle must stand; the same
  std::vector<cv::Point3d> occupied_px;  ///< x, y, diameter of real particles
  cv::Point2d shift_px = {};             ///< specimen position = position - shift
};

/// Adds one particle at (x_px, y_px) to a raw frame; `noise` is that which it brings to this frame.
using ParticleStamp = std::function<void(cv::Mat1f& raw, double x_px, double y_px, Rng& noise)>;
/// A particle of this diameter, to be added to several frames. Equal `shape` give equal particles.
using ParticlePainter = std::function<ParticleStamp(double diameter_px, Rng shape)>;
/// One of the frames handed in with what was painted into it.
struct PaintedFrame {
  cv::Mat1f raw;
  std::vector<Disk> painted;
};
/// Where particles are found in each of these frames, at the places painted at least.
using PaintedSearch =
    std::function<std::vector<std::vector<cv::Point2d>>(const std::vector<PaintedFrame>& frames)>;

/// One artificial particle.
struct InjectionOutcome {
  double diameter_px = 0.0;
  int found = 0;    ///< frames in which it came back
  int painted = 1;  ///< frames
};

/// Paints each particle into all frames and searches them, trial after trial: each learns from those before
/// it. Trial k uses rng.stream("injection", k). Empty where no place is free.
std::vector<InjectionOutcome> inject_particles(const std::vector<InjectionFrame>& frames,
                                               const PaintedSearch& search, const ParticlePainter& paint,
                                               const InjectionOptions& options, const Rng& rng);

/// The logistic curve through the outcomes, with the standard error of d50 and the correlation between
/// frames. Without outcomes, d50 is infinite: nothing can be said to be found.
CompletenessCurve fit_completeness(const std::vector<InjectionOutcome>& outcomes);

}  // namespace sinterscope
