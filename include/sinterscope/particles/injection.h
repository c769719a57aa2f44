// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What would have been found: artificial particles of known diameter are painted into real frames and
// searched for by the same code.
//
// Each trial paints particles of random diameters at random places of the searched area, clear of real ones
// and of one another, cleans and searches the frame as always, and notes which came back. A logistic curve of
// the diameter is fitted to the outcomes (penalised likelihood, so that a clean separation of found and
// missed gives a finite width). The frame's own texture, edges, noise and crowding are in the answer. What is
// not: particles that look other than the painted ones; the amplitude law of the painter is the assumption
// and is stated with the result. Source of the method: injection tests of survey astronomy, e.g. Suchyta et
// al., MNRAS 457, 786, 2016.

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/core/random.h"
#include "sinterscope/experiment/completeness.h"

namespace sinterscope {

struct InjectionOptions {
  int trials = 4;
  int particles_per_trial = 40;
  double smallest_diameter_px = 2.0;
  double largest_diameter_px = 24.0;
  double clearance = 2.5;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.trials, {"trials", "1", "painted copies searched per hold; 0 = no completeness", 0, 1000});
    visit(self.particles_per_trial,
          {"particles_per_trial", "1", "artificial particles in each copy", 1, 10000});
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
  std::vector<cv::Point3d> occupied_px;  ///< x, y, diameter of real particles
};

/// Adds a particle of diameter_px at (x_px, y_px) to the raw frame, with the noise it would bring.
using ParticlePainter =
    std::function<void(cv::Mat1f& raw, double x_px, double y_px, double diameter_px, Rng& rng)>;
/// Where particles are found in frame number `frame` (of those handed in) if it looks like this.
using PaintedSearch = std::function<std::vector<cv::Point2d>(std::size_t frame, const cv::Mat1f& raw)>;

struct InjectionOutcome {
  double diameter_px = 0.0;
  bool found = false;
};

/// Paints and searches. Trial k uses frame k modulo their number and rng.stream("injection", k).
/// Empty where no place is free.
std::vector<InjectionOutcome> inject_particles(const std::vector<InjectionFrame>& frames,
                                               const PaintedSearch& search, const ParticlePainter& paint,
                                               const InjectionOptions& options, const Rng& rng);

/// The logistic curve through the outcomes, with the standard error of d50. Without outcomes, d50 is
/// infinite: nothing can be said to be found.
CompletenessCurve fit_completeness(const std::vector<InjectionOutcome>& outcomes);

}  // namespace sinterscope
