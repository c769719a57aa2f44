// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/profile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

using namespace sinterscope;

namespace {

/// The blurred profile by brute force: a sum over a fine square grid of points of the unblurred particle.
double summed_over_points(ProfileShape shape, double radius, double sigma, double r) {
  const double h = std::min(radius, sigma) / 60;
  const int n = static_cast<int>(radius / h) + 1;
  double sum = 0;
  for (int j = -n; j <= n; ++j)
    for (int i = -n; i <= n; ++i) {
      const double x = i * h, y = j * h, t2 = (x * x + y * y) / (radius * radius);
      if (t2 > 1) continue;
      const double dome = std::sqrt(1 - t2);
      const double f = shape.kind == ProfileKind::disk  ? 1.0
                       : shape.kind == ProfileKind::cap ? dome
                                                        : 1 + shape.rim * (1 - dome);
      sum += f * std::exp(-0.5 * ((x - r) * (x - r) + y * y) / (sigma * sigma));
    }
  return sum * h * h / (2 * pi * sigma * sigma);
}

}  // namespace

TEST(RadialProfile, AgreesWithASumOverPoints) {
  for (const ProfileShape shape : {ProfileShape{ProfileKind::disk}, ProfileShape{ProfileKind::cap},
                                   ProfileShape{ProfileKind::rim_disk, 0.6}})
    for (const double radius : {0.7, 2.3, 6.1}) {
      const double sigma = 1.3;
      RadialProfile profile(shape);
      profile.reset(radius, sigma);
      for (double r = 0; r < radius + 4 * sigma; r += 0.37)
        // The grid of points errs by about the share of its cells cut by the outline: h / radius to the power
        // 3/2.
        EXPECT_NEAR(profile.at(r).value, summed_over_points(shape, radius, sigma, r), 4e-4)
            << to_text(shape.kind) << " R " << radius << " r " << r;
    }
}

TEST(RadialProfile, DiskAtItsCentreIsOneMinusTheGaussianOutsideIt) {
  for (const double ratio : {0.3, 1.0, 2.77, 4.1, 7.3}) {
    RadialProfile profile({ProfileKind::disk});
    profile.reset(ratio * 2.0, 2.0);
    EXPECT_NEAR(profile.at(0).value, 1 - std::exp(-0.5 * ratio * ratio), 1e-5);  // the table's error
  }
}

TEST(RadialProfile, KeepsTheVolumeUnderIt) {
  // Blurring moves brightness and loses none: pi R^2 for the disk, 2/3 pi R^2 for the cap.
  const double radius = 37.0, sigma = 1.1;
  for (const auto& [kind, share] :
       {std::pair{ProfileKind::disk, 1.0}, std::pair{ProfileKind::cap, 2.0 / 3.0}}) {
    RadialProfile profile({kind});
    profile.reset(radius, sigma);
    double volume = 0;
    const double h = 0.01;
    for (double r = 0.5 * h; r < profile.reach(); r += h) volume += 2 * pi * r * h * profile.at(r).value;
    EXPECT_NEAR(volume / (pi * radius * radius), share, 1e-4);
  }
}

TEST(RadialProfile, DerivativesAreThoseOfItsValue) {
  for (const ProfileKind kind :
       {ProfileKind::disk, ProfileKind::cap, ProfileKind::rim_disk, ProfileKind::gaussian}) {
    const double radius = 5.0, sigma = 1.4, h = 1e-4;
    const auto value = [kind](double r, double with_radius, double with_sigma) {
      RadialProfile profile({kind});
      profile.reset(with_radius, with_sigma);
      return profile.at(r).value;
    };
    RadialProfile profile({kind});
    profile.reset(radius, sigma);
    for (double r = 0.3; r < 10; r += 0.61) {
      const auto at = profile.at(r);
      EXPECT_NEAR(at.by_r, (value(r + h, radius, sigma) - value(r - h, radius, sigma)) / (2 * h), 1e-5);
      EXPECT_NEAR(at.by_radius, (value(r, radius + h, sigma) - value(r, radius - h, sigma)) / (2 * h), 1e-5);
      EXPECT_NEAR(at.by_sigma, (value(r, radius, sigma + h) - value(r, radius, sigma - h)) / (2 * h), 1e-4);
    }
  }
}

TEST(RadialProfile, StaysFiniteForRadiiFarAboveItsTable) {
  RadialProfile profile({ProfileKind::cap});
  profile.reset(500, 0.3);
  EXPECT_NEAR(profile.at(0).value, 1.0, 1e-3);
  EXPECT_NEAR(profile.at(400).value, 0.6,
              5e-3);  // sqrt(1 - 0.8^2), the blur of 500/48 px changes it by 0.3 %
  EXPECT_EQ(profile.at(600).value, 0.0);
}

TEST(ProfileKind, NamesTheNearestWord) {
  EXPECT_EQ(profile_kind("cap"), ProfileKind::cap);
  try {
    profile_kind("dsk");
    FAIL() << "an unknown word must be refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'disk'"), std::string::npos);
  }
}
