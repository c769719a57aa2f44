// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles that stand alone and clear of the noise, asked how probable their images are under one profile
// and one width of the probe.

#include <optional>
#include <vector>

#include "fit_window.h"
#include "population.h"
#include "sinterscope/particles/probe.h"

namespace sinterscope {

class Jury {
 public:
  /// `window_sigma`: blurred sigma by which windows are laid; `first`: the profile of the first fits. Up to
  /// `most` particles, those with nothing near first, evenly out of all seeds.
  Jury(const SeenHold& hold, const NoiseModel& noise, const SizeOptions& options, double window_sigma,
       const ProfileShape& first, std::size_t most);

  std::size_t size() const { return members_.size(); }
  bool all_asked() const { return all_asked_; }  ///< no seeds are left

  struct Verdict {
    double log_likelihood = 0.0;  ///< of all under their most probable law (population.h)
    std::vector<double> of_each;
  };
  /// -infinity where fewer than three can be fitted.
  Verdict judge(const ProfileShape& shape, double blurred_sigma);

 private:
  struct Member {
    GroupProblem problem;
    GroupParameters start;
    Eigen::VectorXd weights;
    double excess = 1.0;
    bool well_known = false;  ///< its diameter, by a fit
    double best = -1e9;       ///< ln likelihood so far
  };

  static double smear_of(const Member& member, double blurred_sigma);
  void add(const FitSetting& setting, const std::vector<Outline>& outlines, const Neighbourhood& hood);
  /// The law under which particles are expected at this profile and sigma, by the last one.
  Population expected(const ProfileShape& shape, double blurred_sigma) const;
  DiameterLikelihood ask(Member& member, const Population& expected) const;

  std::vector<Member> members_;
  bool all_asked_ = true;
  bool asked_before_ = false;
  Population last_;
  ProfileShape last_shape_;
  double last_sigma_ = 1.0;
};

/// One jury a hold: every hold has its own law, all have one profile and one width.
class Juries {
 public:
  /// Up to `most` particles in all, as evenly from the holds as they have them. Holds that could not judge
  /// are left out.
  Juries(const std::vector<SeenHold>& holds, const NoiseModel& noise, const SizeOptions& options,
         double window_sigma, const ProfileShape& first, std::size_t most);

  bool empty() const { return juries_.empty(); }
  bool all_asked() const { return all_asked_; }
  Jury::Verdict judge(const ProfileShape& shape, double blurred_sigma);

 private:
  std::vector<Jury> juries_;
  bool all_asked_ = true;
};

}  // namespace sinterscope
