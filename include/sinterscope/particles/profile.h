// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a particle looks like: its brightness along the radius, blurred by the probe and averaged over pixels.
//
// A particle of radius R is A f(r/R) above its surroundings, with f one of
//   disk      1                           a flat island, or any particle seen by secondary electrons
//   rim_disk  1 + b (1 - sqrt(1 - t^2))   secondary electrons: brighter towards the edge, where more of them
//   escape cap       sqrt(1 - t^2)               thickness of a sphere or hemisphere (HAADF, thickness
//   contrast) gaussian  exp(-t^2 ln 2)              a soft speck; its diameter is the full width at half
//   maximum
// for t = r/R < 1. The probe is a Gaussian of standard deviation sigma. A pixel averages over a unit square,
// which adds 1/12 px^2 to sigma^2 (exact to second order; good to 1e-3 of A from sigma = 0.5 px up). In units
// of the blurred sigma the image of a disk is one function of two numbers, D(r/sigma, R/sigma), and so is the
// cap's; both are tabulated once per process as cubic B-splines (error below 1e-5 of A), and rim_disk is a
// sum of them. Breaks down where the probe has strong tails, and where the particle is not convex.
//
// Disk seen through a Gaussian: the Marcum Q function (Marcum, IRE Trans. Inf. Theory 6, 59, 1960,
// DOI 10.1109/TIT.1960.1057560).

#include <array>
#include <string>
#include <vector>

namespace sinterscope {

enum class ProfileKind { automatic, disk, rim_disk, cap, gaussian };

/// The word of the options: "auto", "disk", "rim_disk", "cap", "gaussian".
std::string to_text(ProfileKind kind);
/// The kind of a word; usage_error naming the nearest word otherwise.
ProfileKind profile_kind(const std::string& word);

/// A profile with its shape parameter.
struct ProfileShape {
  ProfileKind kind = ProfileKind::disk;
  double rim = 0.5;  ///< b of rim_disk: brightness of the very edge above the centre, relative to the centre
};

/// sigma of probe and pixel together, in px.
double blurred_sigma(double probe_sigma_px);

/// The blurred profile of one particle along its radius. Not thread-safe to reset; reading is const.
class RadialProfile {
 public:
  struct Value {
    double value = 0.0;  ///< brightness for A = 1
    double by_r = 0.0;   ///< derivatives, each with the other two arguments held
    double by_radius = 0.0;
    double by_sigma = 0.0;  ///< with respect to the blurred sigma
  };

  /// What is asked after a reset: values alone take half the work.
  enum class Wanted { values, slopes };

  explicit RadialProfile(ProfileShape shape);
  /// Sets radius and blurred sigma (both px, > 0). Above radius / sigma = 48 the edge is blurred as if that
  /// were the ratio: the edge stays where it is and gets softer.
  void reset(double radius_px, double blurred_sigma_px, Wanted wanted = Wanted::slopes);
  Value at(double r_px) const {
    if (r_px >= reach_) return {};
    if (shape_.kind == ProfileKind::gaussian) return gaussian_at(r_px);
    const double place = r_px * inverse_step_;
    const auto below = static_cast<std::size_t>(place);
    const Piece& p = pieces_[below];
    const double t = place - static_cast<double>(below);
    const double by_r = (p.value[1] + t * (2 * p.value[2] + t * 3 * p.value[3])) * inverse_step_;
    const double by_radius = p.slope[0] + t * (p.slope[1] + t * (p.slope[2] + t * p.slope[3]));
    return {p.value[0] + t * (p.value[1] + t * (p.value[2] + t * p.value[3])), by_r, by_radius,
            -(by_r * r_px + by_radius * ratio_ * sigma_) / sigma_};
  }
  /// at(r_px).value alone.
  double value_at(double r_px) const {
    if (r_px >= reach_) return 0.0;
    if (shape_.kind == ProfileKind::gaussian) return gaussian_at(r_px).value;
    const double place = r_px * inverse_step_;
    const auto below = static_cast<std::size_t>(place);
    const Piece& p = pieces_[below];
    const double t = place - static_cast<double>(below);
    return p.value[0] + t * (p.value[1] + t * (p.value[2] + t * p.value[3]));
  }
  /// Beyond this distance the profile is below 1e-5 of its amplitude.
  double reach() const { return reach_; }

 private:
  /// Cubics of one step along r: the value, and its derivative by the radius.
  struct Piece {
    std::array<double, 4> value, slope;
  };
  Value gaussian_at(double r) const;

  ProfileShape shape_;
  double sigma_ = 1.0;
  double ratio_ = 1.0;  ///< radius / sigma
  double reach_ = 0.0;
  double inverse_step_ = 1.0;  ///< steps of the table per px
  std::vector<Piece> pieces_;
};

}  // namespace sinterscope
