// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles that stand alone and clear of the noise, asked how probable their images are under one profile
// and one width of the probe.

#include <optional>
#include <vector>

#include "fit_window.h"
#include "population.h"

namespace sinterscope {

class Jury {
 public:
  /// `window_sigma`: blurred sigma by which windows are laid; `first`: the profile of the first fits. Up to
  /// `most` particles, those with nothing near first, evenly out of all seeds.
  Jury(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise, const std::vector<Seed>& seeds,
       const SizeOptions& options, double window_sigma, const ProfileShape& first, std::size_t most);

  std::size_t size() const { return members_.size(); }
  bool all_asked() const { return all_asked_; }  ///< no seeds are left

  struct Verdict {
    double log_likelihood = 0.0;  ///< of all under their most probable law (population.h)
    std::vector<double> of_each;
  };
  /// -infinity where fewer than three can be fitted.
  Verdict judge(const ProfileShape& shape, double blurred_sigma);
  /// By how much ln sigma is lower because outlines are taken to be no circles, in the mean of all.
  double share_of_outlines(double blurred_sigma) const;

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

}  // namespace sinterscope
