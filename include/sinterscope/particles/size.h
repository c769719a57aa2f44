// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Diameters by a model of the image, with their errors.
//
// Near the resolution of the microscope a particle is mostly blur, and every threshold errs by 4 to 30 %.
// Here each particle is a profile (profile.h) seen through the probe on a locally plane background, fitted to
// the RAW pixels with the noise of the frame as weights: position, diameter, amplitude and background free.
// Particles whose images overlap are fitted together; the pixels of other neighbours are left out, and in
// large crowds each particle is fitted with the light of its neighbours known from a fit before. Where an
// outline is clearly not round, it is fitted as an ellipse and the diameter is that of the circle of the same
// area. A large particle that no ellipse fits is measured by the area within its half-height contour, blur
// taken out, and flagged irregular.
//
// The error of a diameter holds the counting noise (covariance of the fit), the error of the probe, what the
// structure of the ground does (uneven_ground.h) and, where chi-square says that the model is not the whole
// truth, a factor sqrt(chi2 / dof). Where the profile
// was chosen by evidence rather than given, profile_error is added. The most likely diameter is up to 2 % too
// small at 1.4 nm, for the most likely place makes the most of the noise: it is read where the likelihood
// integrated over all places is largest (Berger, Liseo and Wolpert, Stat. Sci. 14, 1, 1999, DOI
// 10.1214/ss/1009211804). With the place integrated d, not ln d or d^2, is unbiased to 0.5 % for disks and
// caps that are known to 17 % or better.
//
// Below about three blurred sigmas diameter and amplitude can hardly be told apart: only A d^2 is well known.
// Particles of one frame share their material, so the amplitudes of the frame's other particles serve as a
// prior: ln|A| is normal about a + b ln d with a spread learned from the frame, b = 0 for flat profiles and
// fitted for caps (thickness). The line is learnt from the likelihood of each particle along d^2, with
// diameter, place and amplitude integrated out, not from its estimate, which is not normal
// (shared_amplitude.h). It moves with the probe, and the error of the probe counts that too. This breaks down
// where particles of one frame differ in material more than the learned spread.
//
// Model-based precision near the resolution limit: A. J. den Dekker and A. van den Bos, J. Opt. Soc. Am. A
// 14, 547, 1997, DOI 10.1364/JOSAA.14.000547.

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/particles/profile.h"

namespace sinterscope {

/// The Gaussian probe (point spread) of a frame.
struct Probe {
  double sigma_px = 1.0;     ///< without the pixel's own width
  double sigma_se_px = 0.0;  ///< 0 = taken as exact
  /// What the particles were found to look like; used where the options say "auto".
  std::optional<ProfileShape> profile = std::nullopt;
};

struct SizeOptions {
  std::string profile = "auto";
  std::string detector;
  double rim = 0.25;
  double window_sigmas = 5.0;
  double smallest_diameter_px = 0.5;
  double largest_diameter_px = 2000.0;
  double elliptic_significance = 4.0;
  double poor_fit_chi2 = 3.0;
  double contour_chi2 = 1.3;
  double contour_sigmas = 8.0;
  double profile_error = 0.0175;
  bool amplitude_prior = true;
  bool bias_correction = true;
  bool split_touching = false;
  int largest_group = 5;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.profile, {"profile",
                         "",
                         "brightness of a particle along its radius; auto chooses by detector and evidence",
                         0,
                         0,
                         {"auto", "disk", "rim_disk", "cap", "gaussian"}});
    visit(self.detector, {"detector",
                          "",
                          "what recorded the frame; narrows the choice of auto: SE to disk and rim_disk, "
                          "HAADF to cap and disk",
                          0,
                          0,
                          {"", "SE", "HAADF", "BF"}});
    visit(self.rim,
          {"rim", "1", "rim_disk: brightness of the very edge above the centre, relative to the centre", 0.0,
           5.0});
    visit(self.window_sigmas, {"window_sigmas", "1",
                               "the fit window reaches this many blurred sigmas beyond the edge", 2.0, 20.0});
    visit(self.smallest_diameter_px,
          {"smallest_diameter_px", "px", "lower bound of a diameter", 0.05, 100.0});
    visit(self.largest_diameter_px, {"largest_diameter_px", "px", "upper bound of a diameter", 1.0, 1e5});
    visit(self.elliptic_significance, {"elliptic_significance", "1",
                                       "an outline is fitted as an ellipse where chi-square "
                                       "falls by more than the square of this many standard errors",
                                       1.0, 100.0});
    visit(self.poor_fit_chi2,
          {"poor_fit_chi2", "1", "chi-square per degree of freedom above which a fit is flagged poor", 1.0,
           1e6});
    visit(self.contour_chi2, {"contour_chi2", "1",
                              "chi-square per degree of freedom above which a large particle that no ellipse "
                              "fits is measured by its contour",
                              1.0, 1e6});
    visit(self.contour_sigmas,
          {"contour_sigmas", "1",
           "smallest diameter, in blurred sigmas, of a particle measured by its contour", 3.0, 1e6});
    visit(self.profile_error, {"profile_error", "1",
                               "relative error of a diameter because the profile chosen by auto is only "
                               "nearly right; none where it is given",
                               0.0, 1.0});
    visit(self.amplitude_prior,
          {"amplitude_prior", "", "let the particles of a frame share what is known of their amplitudes"});
    visit(self.bias_correction,
          {"bias_correction", "",
           "read diameters with the place integrated out, not at the most likely place"});
    visit(self.split_touching,
          {"split_touching", "", "look for pairs of touching particles that were found as one (split.h)"});
    visit(self.largest_group,
          {"largest_group", "1", "at most this many overlapping particles are fitted together", 1, 20});
  }
};

/// Where to look for a particle: from a detector. Specimen coordinates (raw ones for a single frame).
struct Seed {
  double x_px = 0.0;
  double y_px = 0.0;
  double diameter_px = 1.0;
};

/// One of several raw frames of a hold: specimen position = raw position - shift.
struct ShiftedFrame {
  cv::Mat1f pixels;
  cv::Point2d shift_px;
  /// Counts of the support alone where it is known from particle-free frames, as this frame would show it:
  /// the structure on which its particles stand. Where it is unknown (NaN, or all of it: empty) it is taken
  /// for a plane.
  cv::Mat1f support = {};
  double support_variance = 0.0;  ///< noise variance of `support` over that of the frame
};

/// Everything the fit says of one particle.
struct SizedFit {
  double x_px = 0.0, y_px = 0.0;
  double position_se_px = 0.0;
  double diameter_px = 0.0;
  double diameter_se_px = 0.0;          ///< everything in it
  double diameter_probe_se_px = 0.0;    ///< by the error of the probe, which all particles share
  double diameter_profile_se_px = 0.0;  ///< by a profile that is only nearly right; shared as well
  double diameter_ground_se_px = 0.0;   ///< by the structure of the ground, the same in every frame
  double amplitude = 0.0;               ///< counts; negative for a dark particle
  double amplitude_se = 0.0;
  double background = 0.0;  ///< counts at the particle's centre, first frame
  double axis_ratio = 1.0;  ///< long over short axis
  double angle_rad = 0.0;   ///< of the long axis, from x towards y
  double chi2_per_dof = 0.0;
  double degrees_of_freedom = 0.0;
  /// Of the pixels within the outline and its blur alone, with their share of the degrees of freedom: an edge
  /// of the support elsewhere in the window is not the particle's shape.
  double own_chi2 = 0.0, own_degrees_of_freedom = 0.0;
  double snr = 0.0;
  ProfileShape profile;
  ParticleFlags flags;
};

/// Fits every seed in one or several frames of one hold (the particle standing still on the specimen, the
/// known shifts taken into account, each frame with its own background). Same order as the seeds. Throws
/// Error where there is no frame or frames differ in size, usage_error for impossible options. A seed off the
/// frame, or one whose fit fails, comes back as it came, flagged. `elsewhere`: what stands beside the windows
/// of these seeds and is not fitted; the structure of the ground is not read there.
std::vector<SizedFit> fit_particles(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const Probe& probe,
                                    const SizeOptions& options, const std::vector<Seed>& elsewhere = {});

/// The same for one raw frame, as particles (frame, region and hold are left to the caller).
std::vector<Particle> measure_particles(const cv::Mat1f& raw, const NoiseModel& noise,
                                        const std::vector<Seed>& seeds, const Probe& probe,
                                        const SizeOptions& options);

Particle to_particle(const SizedFit& fit);

}  // namespace sinterscope
