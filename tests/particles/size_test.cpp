// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/size.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"
#include "support/painted_particles.h"

using namespace sinterscope;

namespace {

constexpr double pixel_nm = 0.15;
constexpr double probe_px = 0.25 / pixel_nm;

NoiseModel counting() {
  NoiseModel noise;
  noise.gain = 1.0;
  return noise;
}

struct Scene {
  cv::Mat1d mean;
  std::vector<Seed> seeds;  ///< as a detector would hand them over: half a pixel and a tenth in diameter off
  std::vector<cv::Point2d> centres;
};

/// side x side equal particles on 60 counts, at random phases of the pixel grid.
Scene lattice(int side, double diameter_px, const painted::Brightness& brightness, Rng& rng,
              double background = 60, double gap_px = 12 * probe_px + 4) {
  const int cell = static_cast<int>(diameter_px + gap_px);
  Scene scene{cv::Mat1d(side * cell, side * cell, background), {}, {}};
  for (int j = 0; j < side; ++j)
    for (int i = 0; i < side; ++i) {
      const double x = (i + 0.5) * cell + rng.uniform(-1, 1), y = (j + 0.5) * cell + rng.uniform(-1, 1);
      painted::add(scene.mean, x, y, diameter_px, probe_px, brightness);
      scene.centres.emplace_back(x, y);
      scene.seeds.push_back(
          {x + 0.5 * rng.normal(), y + 0.5 * rng.normal(), diameter_px * (1 + 0.1 * rng.normal())});
    }
  return scene;
}

SizeOptions with_profile(const char* profile) {
  SizeOptions options;
  options.profile = profile;
  return options;
}

struct Statistics {
  double mean = 0, sd = 0, pull2 = 0;
};

Statistics of_errors(const std::vector<SizedFit>& fits, double diameter) {
  Statistics s;
  for (const SizedFit& fit : fits) {
    const double error = fit.diameter_px - diameter, n = static_cast<double>(fits.size());
    s.mean += error / n;
    s.sd += error * error / n;
    s.pull2 += std::pow(error / fit.diameter_se_px, 2) / n;
  }
  s.sd = std::sqrt(s.sd);
  return s;
}

}  // namespace

/// Particles with a step by half of the ground beside each, half a probe from its outline.
struct BesideSteps {
  static constexpr double diameter = 2.05 / pixel_nm;
  static constexpr int averaged = 4;  ///< frames in which the support stands alone
  Scene scene;
  cv::Mat1f frame, support;

  BesideSteps() {
    Rng rng(23);
    scene = lattice(6, diameter, painted::disk(diameter, 27), rng);
    cv::Mat1d steps(scene.mean.size(), 0.0);
    for (const cv::Point2d& centre : scene.centres)
      for (int y = cvRound(centre.y - 15); y < centre.y + 15; ++y)
        for (int x = cvRound(centre.x - 15); x < centre.x + 15; ++x)
          steps(y, x) = 30.0 / (1.0 + std::exp(-(x - centre.x - 0.5 * diameter - 0.8) / 0.8));
    frame = painted::count(cv::Mat1d(scene.mean + steps), rng);
    support = cv::Mat1f::zeros(frame.size());
    for (int k = 0; k < averaged; ++k) support += painted::count(cv::Mat1d(60.0 + steps), rng) / averaged;
  }
  std::vector<SizedFit> fits_on(const cv::Mat1f& known) const {
    SizeOptions options = with_profile("disk");
    options.amplitude_prior = false;
    const ShiftedFrame seen{frame, {}, known, known.empty() ? 0.0 : 1.0 / averaged};
    return fit_particles({seen}, counting(), scene.seeds, {probe_px, 0}, options);
  }
};

TEST(MeasureParticles, AreTrueBesideAnEdgeWhereTheSupportIsKnown) {
  const BesideSteps steps;
  const auto with = steps.fits_on(steps.support), without = steps.fits_on({});
  const Statistics known = of_errors(with, steps.diameter), unknown = of_errors(without, steps.diameter);
  // 36 pulls: mean within 3.5 standard errors, their square within 3.5 of its own (sqrt(2 / 36) each).
  EXPECT_LT(std::abs(known.mean), 3.5 * known.sd / 6.0);
  EXPECT_NEAR(known.pull2, 1.0, 3.5 * std::sqrt(2.0 / 36));
  EXPECT_GT(unknown.sd, 3.0 * known.sd);
  for (const SizedFit& fit : with) EXPECT_NEAR(fit.background, 60.0, 10.0);  // the plane at the particle
}

TEST(MeasureParticles, StandOnAPlaneWhereTheSupportIsNotKnown) {
  const BesideSteps steps;
  cv::Mat1f partly = steps.support.clone();
  const int border = partly.rows / 2;  // between the third and the fourth row of particles
  partly.rowRange(0, border).setTo(std::numeric_limits<float>::quiet_NaN());
  const auto with = steps.fits_on(steps.support), without = steps.fits_on({}), both = steps.fits_on(partly);
  for (std::size_t i = 0; i < both.size(); ++i) {
    ASSERT_FALSE(both[i].flags.has(ParticleFlag::fit_failed)) << i;
    const SizedFit& same = steps.scene.centres[i].y < border ? without[i] : with[i];
    EXPECT_NEAR(both[i].diameter_px, same.diameter_px, 0.2 * same.diameter_se_px) << i;
  }
}

TEST(MeasureParticles, RecoversDiametersOfItsOwnProfilesWithinTheirErrors) {
  for (const char* kind : {"disk", "cap"})
    for (const double diameter_nm : {1.41, 2.05}) {
      Rng rng(11);
      const double d = diameter_nm / pixel_nm;
      const auto brightness = kind[0] == 'd' ? painted::disk(d, 36) : painted::cap(d, 36);
      Scene scene = lattice(10, d, brightness, rng);
      const cv::Mat1f raw = painted::count(scene.mean, rng);
      const auto fits =
          fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px, 0}, with_profile(kind));
      const Statistics s = of_errors(fits, d);
      SizeOptions alone = with_profile(kind);
      alone.amplitude_prior = false;
      const Statistics free =
          of_errors(fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px, 0}, alone), d);
      // What 100 particles learn of their amplitude from each other is no better known than the mean of
      // their free fits, sd / 10, 3.5 of which are allowed; the mean square pull scatters by sqrt(2 / 100)
      // about 1.
      EXPECT_LT(std::abs(s.mean), 3.5 * free.sd / 10) << kind << diameter_nm;
      EXPECT_LT(s.sd, 1.05 * free.sd) << kind << diameter_nm;
      EXPECT_NEAR(s.pull2, 1.0, 3.5 * std::sqrt(0.02)) << kind << diameter_nm;
    }
}

TEST(MeasureParticles, AreNotMadeSmallByTheFreedomOfTheirPlaces) {
  // Caps of 1.41 nm, each known to a sixth: the most likely place makes the most of the noise, which is a
  // fiftieth of the diameter.
  Rng rng(13);
  const double d = 1.41 / pixel_nm;
  const Scene scene = lattice(10, d, painted::cap(d, 60 * 0.3 * 0.5 * 1.41), rng);
  SizeOptions integrated = with_profile("cap");
  integrated.amplitude_prior = false;
  SizeOptions most_likely = integrated;
  most_likely.bias_correction = false;
  double with = 0, without = 0, square = 0, n = 0;
  for (int noise = 0; noise < 20; ++noise) {
    const std::vector<ShiftedFrame> frames = {{painted::count(scene.mean, rng), {}}};
    const auto fits = fit_particles(frames, counting(), scene.seeds, {probe_px, 0}, integrated);
    const auto other = fit_particles(frames, counting(), scene.seeds, {probe_px, 0}, most_likely);
    for (std::size_t k = 0; k < fits.size(); ++k) {
      if (fits[k].flags.bits != 0 || other[k].flags.bits != 0) continue;
      with += fits[k].diameter_px / d - 1;
      without += other[k].diameter_px / d - 1;
      square += std::pow(fits[k].diameter_px / d - 1, 2);
      n += 1;
    }
  }
  EXPECT_GT(n, 0.97 * 2000);
  EXPECT_LT(std::abs(with / n), 3 * std::sqrt(square) / n);
  EXPECT_LT(without / n, with / n - 0.01);
}

TEST(MeasureParticles, FindsPositionsWithinTheirErrors) {
  Rng rng(12);
  const double d = 2.05 / pixel_nm;
  Scene scene = lattice(10, d, painted::disk(d, 36), rng);
  const auto fits = fit_particles({{painted::count(scene.mean, rng), {}}}, counting(), scene.seeds,
                                  {probe_px, 0}, with_profile("disk"));
  double pull2 = 0;
  for (std::size_t k = 0; k < fits.size(); ++k)
    pull2 +=
        (std::pow(fits[k].x_px - scene.centres[k].x, 2) + std::pow(fits[k].y_px - scene.centres[k].y, 2)) /
        std::pow(fits[k].position_se_px, 2) / 200;
  EXPECT_NEAR(pull2, 1.0, 3.5 * std::sqrt(2.0 / 200));  // 200 coordinates
}

TEST(MeasureParticles, ChoosesTheProfileByEvidence) {
  Rng rng(13);
  const double d = 3.0 / pixel_nm;
  for (const char* kind : {"disk", "cap"}) {
    Scene scene = lattice(5, d, kind[0] == 'd' ? painted::disk(d, 40) : painted::cap(d, 40), rng);
    const auto fits =
        fit_particles({{painted::count(scene.mean, rng), {}}}, counting(), scene.seeds, {probe_px, 0}, {});
    EXPECT_EQ(to_text(fits.front().profile.kind), kind);
  }
}

TEST(MeasureParticles, AnEllipseGivesTheDiameterOfItsArea) {
  Rng rng(14);
  const double d = 4.0 / pixel_nm, ratio = 1.5, angle = 0.6;
  Scene scene = lattice(5, d, painted::disk(d, 60, ratio, angle), rng);
  const auto fits = fit_particles({{painted::count(scene.mean, rng), {}}}, counting(), scene.seeds,
                                  {probe_px, 0}, with_profile("disk"));
  const Statistics s = of_errors(fits, d);
  EXPECT_LT(std::abs(s.mean), 0.01 * d);
  for (const SizedFit& fit : fits) {
    EXPECT_NEAR(fit.axis_ratio, ratio, 0.1);  // three standard errors of one particle, about 0.03 each
    EXPECT_NEAR(std::remainder(fit.angle_rad - angle, 3.14159265358979), 0.0, 0.15);
  }
}

TEST(MeasureParticles, FitsTouchingParticlesTogether) {
  Rng rng(15);
  const double d = 2.05 / pixel_nm;
  const int cell = 60, side = 6;
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  std::vector<Seed> seeds;
  for (int j = 0; j < side; ++j)
    for (int i = 0; i < side; ++i) {
      const double x = (i + 0.5) * cell + rng.uniform(-1, 1), y = (j + 0.5) * cell + rng.uniform(-1, 1);
      const double angle = rng.uniform(0, 3.14);
      for (const double side_of : {-0.5, 0.5}) {
        const double px = x + side_of * d * std::cos(angle), py = y + side_of * d * std::sin(angle);
        painted::add(mean, px, py, d, probe_px, painted::disk(d, 36));
        seeds.push_back({px + 0.5 * rng.normal(), py + 0.5 * rng.normal(), d * 0.95});
      }
    }
  const auto fits = fit_particles({{painted::count(mean, rng), {}}}, counting(), seeds, {probe_px, 0},
                                  with_profile("disk"));
  const Statistics s = of_errors(fits, d);
  EXPECT_LT(std::abs(s.mean), 3.5 * s.sd / std::sqrt(72.0));
  EXPECT_NEAR(s.pull2, 1.0, 3.5 * std::sqrt(2.0 / 72));
  for (const SizedFit& fit : fits) EXPECT_TRUE(fit.flags.has(ParticleFlag::touching));
}

TEST(MeasureParticles, SeveralFramesOfOneHoldGiveTheSquareRootOfTheirNumber) {
  Rng rng(16);
  const double d = 2.05 / pixel_nm;
  const int cell = 50, side = 5;
  const std::vector<cv::Point2d> shifts = {{0, 0}, {2.3, -1.6}, {-0.7, 3.1}, {1.5, 1.2}};
  std::vector<ShiftedFrame> frames;
  std::vector<Seed> seeds;
  std::vector<cv::Point2d> centres;
  for (int k = 0; k < side * side; ++k)
    centres.emplace_back((k % side + 0.5) * cell + rng.uniform(-1, 1),
                         (k / side + 0.5) * cell + rng.uniform(-1, 1));
  for (const auto& centre : centres) seeds.push_back({centre.x + 0.4, centre.y - 0.3, d});
  for (const auto& shift : shifts) {
    cv::Mat1d mean(side * cell, side * cell, 60.0);
    for (const auto& centre : centres)
      painted::add(mean, centre.x + shift.x, centre.y + shift.y, d, probe_px, painted::disk(d, 36));
    frames.push_back({painted::count(mean, rng), shift});
  }
  SizeOptions options = with_profile("disk");
  options.amplitude_prior = false;
  const auto one = fit_particles({frames.front()}, counting(), seeds, {probe_px, 0}, options);
  const auto four = fit_particles(frames, counting(), seeds, {probe_px, 0}, options);
  const Statistics s = of_errors(four, d);
  EXPECT_NEAR(s.pull2, 1.0, 3.5 * std::sqrt(2.0 / 25));
  double ratio = 0;
  for (std::size_t k = 0; k < one.size(); ++k) ratio += one[k].diameter_se_px / four[k].diameter_se_px / 25;
  EXPECT_NEAR(ratio, 2.0, 0.05);  // sqrt(4); the single errors scatter by some per cent about their mean
}

TEST(MeasureParticles, TheProbesErrorIsInTheDiameters) {
  Rng rng(17);
  const double d = 2.05 / pixel_nm;
  Scene scene = lattice(3, d, painted::cap(d, 36), rng);
  const cv::Mat1f raw(scene.mean);  // without noise: what is left is the effect of the probe alone
  SizeOptions options = with_profile("cap");
  options.amplitude_prior = false;
  const double h = 0.05;
  const auto wide = fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px + h, 0}, options);
  const auto narrow = fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px - h, 0}, options);
  const auto with_error = fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px, h}, options);
  for (std::size_t k = 0; k < with_error.size(); ++k) {
    // What a probe wrong by one standard error does, from fits with a wrong probe.
    const double expected = 0.5 * std::abs(wide[k].diameter_px - narrow[k].diameter_px);
    EXPECT_NEAR(with_error[k].diameter_probe_se_px, expected, 0.1 * expected);  // linear to second order in h
  }
}

TEST(MeasureParticles, SharedAmplitudesOfCapsThatAreMostlyBlurMoveWithTheProbeAsStated) {
  // Caps of 1.41 nm. Behind a probe that is held to be wider all of them turn out small and bright, and so
  // does the law of amplitudes that they share: the stated share of the probe must hold that too.
  Rng rng(58);
  const double d = 1.41 / pixel_nm, off = 0.1;
  const Scene scene = lattice(12, d, painted::cap(d, 60 * 0.3 * 0.5 * 1.41), rng);
  const std::vector<ShiftedFrame> frames = {{painted::count(scene.mean, rng), {}}};
  double at_true = 0.0, at_wider = 0.0, stated = 0.0;
  const auto fits =
      fit_particles(frames, counting(), scene.seeds, {probe_px, off * probe_px}, with_profile("cap"));
  const auto wider =
      fit_particles(frames, counting(), scene.seeds, {(1 + off) * probe_px, 0.0}, with_profile("cap"));
  for (std::size_t k = 0; k < fits.size(); ++k) {
    at_true += fits[k].diameter_px;
    at_wider += wider[k].diameter_px;
    stated += fits[k].diameter_probe_se_px;
  }
  EXPECT_NEAR((at_true - at_wider) / stated, 1.0, 0.4);
  // Each tells d^2 to a third, all of them to 1/36: a law that is right to that leaves 1.4 % of d.
  EXPECT_NEAR(at_true / (144 * d), 1.0, 3 * 0.014);
}

TEST(MeasureParticles, FlagsWhatIsCutClippedOrNotThere) {
  Rng rng(18);
  const double d = 12;
  cv::Mat1d mean(80, 80, 60.0);
  painted::add(mean, 1.0, 40, d, probe_px, painted::disk(d, 60));
  painted::add(mean, 50, 40, d, probe_px, painted::disk(d, 60));
  cv::Mat1f raw = painted::count(mean, rng);
  NoiseModel noise = counting();
  noise.saturation = 125;
  for (float& value : raw) value = std::min(value, 125.0F);
  const auto fits = fit_particles({{raw, {}}}, noise, {{1, 40, d}, {50, 40, d}, {500, 500, d}}, {probe_px, 0},
                                  with_profile("disk"));
  EXPECT_TRUE(fits[0].flags.has(ParticleFlag::cut_by_edge));
  EXPECT_TRUE(fits[1].flags.has(ParticleFlag::saturated));
  EXPECT_FALSE(fits[1].flags.has(ParticleFlag::cut_by_edge));
  EXPECT_TRUE(fits[2].flags.has(ParticleFlag::fit_failed));
  EXPECT_EQ(fits[2].diameter_px, d);
  EXPECT_EQ(fits[2].diameter_se_px, d);  // nothing is known
}

TEST(MeasureParticles, ALargeDiskIsMeasuredFromASeedMuchTooSmallOrTooLarge) {
  Rng rng(22);
  const double d = 120;
  cv::Mat1d mean(220, 220, 60.0);
  painted::add(mean, 110.3, 109.6, d, probe_px, painted::disk(d, 27), 3);
  const cv::Mat1f raw = painted::count(mean, rng);
  for (const double scale : {0.75, 0.8, 0.9, 1.25}) {
    const SizedFit fit =
        fit_particles({{raw, {}}}, counting(), {{110, 110, scale * d}}, {probe_px, 0}, with_profile("disk"))
            .front();
    EXPECT_EQ(fit.flags.bits, 0U) << scale;
    EXPECT_NEAR(fit.diameter_px, d, 3.5 * fit.diameter_se_px) << scale;
    EXPECT_LT(fit.diameter_se_px, 0.002 * d) << scale;
  }
}

TEST(MeasureParticles, AWindowWithinAParticleIsFlagged) {
  Rng rng(23);
  cv::Mat1d mean(260, 260, 60.0);
  painted::add(mean, 130, 130, 200, probe_px, painted::disk(200, 27), 2);
  const SizedFit fit = fit_particles({{painted::count(mean, rng), {}}}, counting(), {{130, 130, 60}},
                                     {probe_px, 0}, with_profile("disk"))
                           .front();
  EXPECT_TRUE(fit.flags.bits != 0 || fit.snr < 6) << fit.diameter_px << " +- " << fit.diameter_se_px;
}

TEST(MeasureParticles, ALargeHexagonIsMeasuredByItsContourWithATrueError) {
  Rng rng(24);
  const double d = 90;
  double pull2 = 0;
  constexpr int tries = 6;
  for (int k = 0; k < tries; ++k) {
    cv::Mat1d mean(180, 180, 60.0);
    painted::add(mean, 90.2, 89.7, d, probe_px, painted::polygon(d, 27, 6, rng.uniform(0, 1)), 3);
    const SizedFit fit =
        fit_particles({{painted::count(mean, rng), {}}}, counting(),
                      {{90, 90, d * std::exp(0.1 * rng.normal())}}, {probe_px, 0}, with_profile("disk"))
            .front();
    EXPECT_TRUE(fit.flags.has(ParticleFlag::irregular));
    EXPECT_NEAR(fit.diameter_px, d, 0.005 * d);
    pull2 += std::pow((fit.diameter_px - d) / fit.diameter_se_px, 2) / tries;
  }
  EXPECT_LT(pull2, 1 + 3 * std::sqrt(2.0 / tries));
}

TEST(MeasureParticles, UnevenGroundMakesNoDiskIrregular) {
  Rng rng(25);
  const double d = 60;
  cv::Mat1d mean(140, 140, 60.0);
  for (int y = 0; y < mean.rows; ++y)
    for (int x = 0; x < mean.cols; ++x) mean(y, x) *= 1 + 0.03 * std::sin(0.2 * x) * std::sin(0.17 * y);
  painted::add(mean, 70, 70, d, probe_px, painted::disk(d, 27), 3);
  const SizedFit fit = fit_particles({{painted::count(mean, rng), {}}}, counting(), {{70, 70, d}},
                                     {probe_px, 0}, with_profile("disk"))
                           .front();
  EXPECT_FALSE(fit.flags.has(ParticleFlag::irregular)) << fit.chi2_per_dof;
}

TEST(MeasureParticles, TheStructureOfTheGroundIsInTheErrors) {
  Rng rng(26);
  const double d = 2.05 / pixel_nm;
  Scene scene = lattice(9, d, painted::cap(d, 18), rng, 60, 36);
  const SizeOptions options = with_profile("cap");
  const auto even =
      fit_particles({{painted::count(scene.mean, rng), {}}}, counting(), scene.seeds, {probe_px, 0}, options);
  for (int y = 0; y < scene.mean.rows; ++y)
    for (int x = 0; x < scene.mean.cols; ++x)
      scene.mean(y, x) += 4 * std::sin(0.2 * x + 0.05 * y) * std::sin(0.22 * y);
  const auto uneven =
      fit_particles({{painted::count(scene.mean, rng), {}}}, counting(), scene.seeds, {probe_px, 0}, options);
  double without = 0, n = static_cast<double>(uneven.size());
  for (const SizedFit& fit : uneven) {
    EXPECT_GT(fit.diameter_ground_se_px, 0.0);
    const double known = std::pow(fit.diameter_se_px, 2) - std::pow(fit.diameter_ground_se_px, 2);
    without += std::pow(fit.diameter_px - d, 2) / known / n;
  }
  EXPECT_GT(without, 1.5);                                                 // the noise is not all
  EXPECT_NEAR(of_errors(uneven, d).pull2, 1.0, 3.5 * std::sqrt(2.0 / n));  // the ground is the rest
  for (const SizedFit& fit : even) EXPECT_LT(fit.diameter_ground_se_px, 0.35 * fit.diameter_se_px);
}

TEST(MeasureParticles, WhatStandsElsewhereIsNoStructureOfTheGround) {
  Rng rng(27);
  const double d = 2.05 / pixel_nm;
  const Scene scene = lattice(9, d, painted::disk(d, 60), rng, 60, 36);
  const cv::Mat1f raw = painted::count(scene.mean, rng);
  const std::vector<Seed> asked(scene.seeds.begin(), scene.seeds.begin() + 9),
      others(scene.seeds.begin() + 9, scene.seeds.end());
  for (const SizedFit& fit :
       fit_particles({{raw, {}}}, counting(), asked, {probe_px, 0}, with_profile("disk"), others))
    EXPECT_LT(fit.diameter_ground_se_px, 0.35 * fit.diameter_se_px);
}

TEST(MeasureParticles, AFaintParticleWithinACrowdIsAskedForItsGroundInTheLightOfItsNeighbours) {
  // Nine particles, too many to be fitted together; the middle one is faint, and nearly all of its pixels
  // lie in the light of the others. With those pixels left out nothing tells it from nothing, and five
  // of these crowds asked for a profile of boundless radius.
  for (std::uint64_t crowd = 0; crowd < 80; ++crowd) {
    Rng rng(2060 + crowd);
    const double d = rng.uniform(8, 14), gap = rng.uniform(0.6, 1.2) * d, height = 40;
    const bool cap = crowd % 2 == 1;
    cv::Mat1d mean(150, 150, 60.0);
    std::vector<Seed> seeds;
    for (int j = -1; j <= 1; ++j)
      for (int i = -1; i <= 1; ++i) {
        const bool faint = i == 0 && j == 0;
        const double x = 75 + gap * (i + 0.5 * std::abs(j)), y = 75 + 0.87 * gap * j;
        const double own = faint ? rng.uniform(0.3, 0.8) * d : d,
                     bright = faint ? rng.uniform(10, 30) : height;
        painted::add(mean, x, y, own, probe_px, cap ? painted::cap(own, bright) : painted::disk(own, bright),
                     4);
        seeds.push_back({x + 0.3 * rng.normal(), y + 0.3 * rng.normal(), own * (1 + 0.1 * rng.normal())});
      }
    SizeOptions options = with_profile(cap ? "cap" : "disk");
    options.amplitude_prior = crowd % 4 < 2;
    const auto fits =
        fit_particles({{painted::count(mean, rng), {}}}, counting(), seeds, {probe_px, 0}, options);
    for (const SizedFit& fit : fits) {
      EXPECT_TRUE(std::isfinite(fit.diameter_se_px) && fit.diameter_se_px > 0.0) << crowd;
      EXPECT_TRUE(std::isfinite(fit.diameter_ground_se_px)) << crowd;
    }
  }
}

TEST(MeasureParticles, StaysAtItsSeedWhereThereIsOnlyNoise) {
  Rng rng(19);
  const cv::Mat1f raw = painted::count(cv::Mat1d(200, 200, 60.0), rng);
  std::vector<Seed> seeds;
  for (int k = 0; k < 25; ++k) seeds.push_back({20.0 + 40 * (k % 5), 20.0 + 40 * (k / 5), 10});
  for (const Particle& particle : measure_particles(raw, counting(), seeds, {probe_px, 0}, {})) {
    EXPECT_TRUE(std::isfinite(particle.diameter_px) && std::isfinite(particle.diameter_se_px));
    EXPECT_GT(particle.diameter_se_px, 0.0);
    const bool told = particle.snr < 6 || particle.flags.bits != 0;
    EXPECT_TRUE(told) << particle.diameter_px << " snr " << particle.snr;
  }
}

TEST(MeasureParticles, DoesNotDependOnTheCompanyOfDistantParticles) {
  Rng rng(20);
  const double d = 2.05 / pixel_nm;
  Scene scene = lattice(4, d, painted::disk(d, 36), rng);
  const cv::Mat1f raw = painted::count(scene.mean, rng);
  SizeOptions options = with_profile("disk");
  options.amplitude_prior = false;  // the one thing that particles share
  const auto all = fit_particles({{raw, {}}}, counting(), scene.seeds, {probe_px, 0}, options);
  for (const std::size_t k : {std::size_t{0}, std::size_t{9}}) {
    const auto alone = fit_particles({{raw, {}}}, counting(), {scene.seeds[k]}, {probe_px, 0}, options);
    EXPECT_EQ(alone.front().diameter_px, all[k].diameter_px);
  }
}

TEST(MeasureParticles, RefusesImpossibleOptions) {
  SizeOptions options;
  options.profile = "dsik";
  EXPECT_THROW(fit_particles({{cv::Mat1f(9, 9, 1.0F), {}}}, counting(), {}, {1, 0}, options), Error);
  EXPECT_THROW(fit_particles({}, counting(), {}, {1, 0}, {}), Error);
  EXPECT_THROW(fit_particles({{cv::Mat1f(9, 9, 1.0F), {}}}, counting(), {}, {-1, 0}, {}), Error);
}
