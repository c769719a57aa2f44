// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/dispersed_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "inference/simulated_holds.h"
#include "sinterscope/core/error.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {
namespace {

/// The mean escape probabilities of a hemisphere, by summing over its atoms: columns over the foot, each
/// attenuated by what stands above.
struct SummedEscape {
  double contact, all;
};
SummedEscape summed(double diameter_nm, double path_nm) {
  const double radius = 0.5 * diameter_nm;
  constexpr int rings = 2000, layers = 400;
  double foot = 0.0, area = 0.0, body = 0.0, volume = 0.0;
  for (int i = 0; i < rings; ++i) {
    const double r = radius * (i + 0.5) / rings, height = std::sqrt(radius * radius - r * r);
    area += r;
    foot += r * std::exp(-height / path_nm);
    for (int k = 0; k < layers; ++k) {
      const double above = height * (k + 0.5) / layers;
      volume += r * height;
      body += r * height * std::exp(-above / path_nm);
    }
  }
  return {foot / area, body / volume};
}

// THEORY: contact shares .36, .25, .17, .10 of PdO hemispheres on CeO2(100) of 1.41, 2.05, 3 and 5 nm; here
// with the escape of the summed hemisphere.
TEST(ParticleEscape, IsThatOfASummedHemisphere) {
  const Sample sample = simulated::pdo_on_ceria();
  const double diameters[] = {1.41, 2.05, 3.0, 5.0}, touching[] = {0.36, 0.25, 0.17, 0.10};
  for (int i = 0; i < 4; ++i) {
    const double d[] = {diameters[i]};
    const ParticleEscape escape = particle_escape(d, sample, 1.5);
    const SummedEscape truth = summed(diameters[i], 1.5);
    EXPECT_NEAR(escape.all, truth.all, 1e-3);
    EXPECT_NEAR(escape.contact / truth.contact, touching[i], 0.006);  // the shares are given to two digits
  }
}

TEST(ParticleEscape, IsCompleteForParticlesMuchSmallerThanThePath) {
  const double d[] = {2.05};
  EXPECT_NEAR(particle_escape(d, simulated::pdo_on_ceria(), 1e5).all, 1.0, 1e-4);
}

TEST(ShareTerm, ForetellsTheContactShareWhereNothingIsDispersedAndOneWhereAllIs) {
  ShareTerm term;
  term.escape = {0.16, 0.78};
  const auto share = [&](double log_part) { return 1.0 / (1.0 + std::exp(-term.foretold_logit(log_part))); };
  EXPECT_NEAR(share(0.0), 0.16 / 0.78, 1e-12);
  EXPECT_NEAR(share(-30.0), 1.0, 1e-9);
  // Half in particles: (0.5 + 0.16 * 0.5) / (0.5 + 0.78 * 0.5).
  EXPECT_NEAR(share(std::log(0.5)), 0.58 / 0.89, 1e-12);
}

// The offset common to all spectra integrated over, by summing it here.
TEST(ShareTerm, IntegratesOverWhatAllSpectraHaveInCommon) {
  ShareTerm term;
  term.escape = {0.16, 0.78};
  term.shares = {{773.0, 0.8, 0.1}, {573.0, 0.4, 0.15}};
  const auto likelihood = [&](double first, double second) {
    const double logs[] = {first, second};
    double sum = 0.0;
    for (double y = -3.0; y <= 3.0; y += 1e-3) {
      double chi2 = y * y / 0.09;
      for (std::size_t i = 0; i < 2; ++i) {
        const double f = term.shares[i].fraction;
        const double off =
            (std::log(f / (1.0 - f)) - term.foretold_logit(logs[i]) - y) / term.shares[i].logit_se;
        chi2 += off * off;
      }
      sum += std::exp(-0.5 * chi2);
    }
    return std::log(sum);
  };
  const auto deviance = [&](double first, double second) {
    const double logs[] = {first, second};
    return term.deviance([&](std::size_t i) { return logs[i]; }, 0.0);
  };
  EXPECT_NEAR(-0.5 * (deviance(-1.5, -0.4) - deviance(-1.0, -0.2)),
              likelihood(-1.5, -0.4) - likelihood(-1.0, -0.2), 1e-6);
}

/// What spectra at these temperatures would show of a programme, without noise.
std::vector<DispersedShare> shares_of(const simulated::Programme& programme, const Sample& sample,
                                      std::vector<double> celsius) {
  const double d[] = {2.05};
  ShareTerm term;
  term.escape = particle_escape(d, sample, 1.5);
  Rng rng(3);
  const std::vector<double> facets = simulated::draw_facets(programme, rng);
  std::vector<DispersedShare> shares;
  for (const double c : celsius) {
    const double kelvin = kelvin_from_celsius(c);
    const double part =
        simulated::inventory(facets, programme.dh_eV, kelvin, programme.facet_sites) / programme.c_tot;
    shares.push_back({kelvin, 1.0 / (1.0 + std::exp(-term.foretold_logit(std::log(part)))), 0.08});
  }
  return shares;
}

double width(const EntropyFit& fit) { return *fit.dh_eV.interval95.high - *fit.dh_eV.interval95.low; }

TEST(EntropyFit, IsNarrowedBySpectraAndStillHoldsTheTruth) {
  const Sample sample = simulated::pdo_on_ceria();
  simulated::Programme programme;
  programme.celsius = simulated::paper_programme;
  Rng rng(8);
  const auto holds = simulated::run(programme, sample, rng);
  const EntropyFit alone = fit_entropy_model(holds, sample);
  const EntropyFit both =
      fit_entropy_model(holds, sample, {}, 1, shares_of(programme, sample, {300.0, 400.0}));
  EXPECT_LT(width(both), 0.8 * width(alone));
  EXPECT_LT(*both.dh_eV.interval95.low, programme.dh_eV);
  EXPECT_GT(*both.dh_eV.interval95.high, programme.dh_eV);
  EXPECT_GT(both.goodness_p, 0.01);
}

TEST(EntropyFit, GainsNothingFromSpectraThatSayNothing) {
  const Sample sample = simulated::pdo_on_ceria();
  simulated::Programme programme;
  programme.celsius = simulated::paper_programme;
  Rng rng(8);
  const auto holds = simulated::run(programme, sample, rng);
  const EntropyFit alone = fit_entropy_model(holds, sample);
  const std::vector<DispersedShare> vague = {{573.15, 0.5, 1e4}};
  const EntropyFit both = fit_entropy_model(holds, sample, {}, 1, vague);
  EXPECT_NEAR(*both.dh_eV.interval95.low, *alone.dh_eV.interval95.low, 1e-4);
  EXPECT_NEAR(*both.dh_eV.interval95.high, *alone.dh_eV.interval95.high, 1e-4);
}

TEST(EntropyFit, SaysThatImagesAndSpectraDisagree) {
  const Sample sample = simulated::pdo_on_ceria();
  simulated::Programme programme;
  programme.celsius = simulated::paper_programme;
  Rng rng(8);
  const auto holds = simulated::run(programme, sample, rng);
  // Fewest dispersed where no particle is seen.
  const std::vector<DispersedShare> against = {{773.15, 0.25, 0.05}, {473.15, 0.9, 0.05}};
  const EntropyFit both = fit_entropy_model(holds, sample, {}, 1, against);
  EXPECT_THAT(both.messages, testing::Contains(testing::Field(&FitMessage::code, "spectra_disagree")));
}

// A powder with twice the metal of the imaged facets: its spectra fit a total of their own.
TEST(EntropyFit, LetsThePowderHaveItsOwnTotal) {
  const Sample sample = simulated::pdo_on_ceria();
  simulated::Programme programme;
  programme.celsius = simulated::up_and_down;
  Rng rng(8);
  const auto holds = simulated::run(programme, sample, rng);
  simulated::Programme powder = programme;
  powder.c_tot *= 2.0;
  FitOptions options;
  options.xps_own_total = true;
  const EntropyFit fit =
      fit_entropy_model(holds, sample, options, 1, shares_of(powder, sample, {300.0, 400.0, 500.0}));
  EXPECT_GT(fit.goodness_p, 0.01);
  EXPECT_LT(*fit.dh_eV.interval95.low, programme.dh_eV);
  EXPECT_GT(*fit.dh_eV.interval95.high, programme.dh_eV);
  EXPECT_EQ(fit.regions.size(), 1U);  // the powder is no region of the images
}

TEST(EntropyFit, RefusesAShareThatIsNone) {
  const Sample sample = simulated::pdo_on_ceria();
  Rng rng(8);
  simulated::Programme programme;
  programme.celsius = {200.0};
  const auto holds = simulated::run(programme, sample, rng);
  for (const DispersedShare& wrong :
       {DispersedShare{573.0, 1.0, 0.1}, DispersedShare{573.0, 0.5, 0.0}, DispersedShare{-1.0, 0.5, 0.1}})
    EXPECT_THROW(fit_entropy_model(holds, sample, {}, 1, {&wrong, 1}), Error);
}

}  // namespace
}  // namespace sinterscope
