// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/nanoparticle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

TEST(ParticleMaterial, MetalsHaveTheirDensity) {
  // Handbook densities in g/cm^3; unit cells at room temperature reproduce them within 0.5 %.
  const std::pair<const char*, double> densities[] = {
      {"Pd", 12.02}, {"Ag", 10.49}, {"Cu", 8.96}, {"Pt", 21.45}, {"Au", 19.3}};
  for (const auto& [name, density] : densities) {
    const ParticleMaterial& row = particle_material(name);
    const double nm3_per_cm3 = 1e21;
    const double computed =
        row.metal_molar_mass_g_mol / avogadro_per_mol / row.volume_per_metal_atom_nm3 * nm3_per_cm3;
    EXPECT_NEAR(computed / density, 1.0, 0.005) << name;
  }
}

TEST(ParticleMaterial, OxidesHaveReferenceVolumes) {
  EXPECT_NEAR(particle_material("PdO").volume_per_metal_atom_nm3, 0.0247099070565, 1e-12);
  EXPECT_NEAR(particle_material("Ag2O").volume_per_metal_atom_nm3, 0.026288512, 1e-12);
  EXPECT_NEAR(particle_material("Cu2O").volume_per_metal_atom_nm3, 0.019458151392384, 1e-12);
  EXPECT_NEAR(particle_material("CuO").volume_per_metal_atom_nm3, 0.020269957368622173, 1e-12);
}

TEST(ParticleMaterial, EveryRowNamesMetalMassAndSource) {
  for (const ParticleMaterial& row : particle_materials()) {
    EXPECT_GT(row.volume_per_metal_atom_nm3, 0.01) << row.name;
    EXPECT_GT(row.metal_molar_mass_g_mol, 60.0) << row.name;
    EXPECT_EQ(row.name.rfind(row.metal, 0), 0U) << row.name;
    EXPECT_FALSE(row.source.empty()) << row.name;
  }
}

TEST(SupportSurface, HasReferenceSiteDensities) {
  EXPECT_NEAR(support_surface("CeO2(100)").site_density_nm2, 6.830852817287904, 1e-9);
  EXPECT_NEAR(support_surface("CeO2(111)").site_density_nm2, 7.887589425711771, 1e-9);
  EXPECT_NEAR(support_surface("TiO2-anatase(001)").site_density_nm2, 6.9802058811724645, 1e-9);
  EXPECT_NEAR(support_surface("TiO2-anatase(101)").site_density_nm2, 5.160545259718129, 1e-9);
}

TEST(SupportSurface, GoesByItsNaturalNames) {
  for (const char* name : {"TiO2(001)", "TiO2-anatase(001)", "tio2 anatase (001)", "anatase(001)"})
    EXPECT_EQ(support_surface(name).name, "TiO2-anatase(001)") << name;
  EXPECT_EQ(support_surface("ceria (111)").name, "CeO2(111)");
  EXPECT_EQ(particle_material("pdo").name, "PdO");
}

TEST(MaterialTables, AnswerAnUnknownNameWithTheNearest) {
  EXPECT_THAT([] { support_surface("CeO2(110)"); },
              testing::ThrowsMessage<Error>(
                  testing::AllOf(testing::HasSubstr("'CeO2(110)'"), testing::HasSubstr("CeO2(1"))));
  try {
    particle_material("PbO");
    FAIL() << "PbO is not in the table";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Error::Kind::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("'PdO'"));
  }
}

TEST(ShapeFactor, AgreesWithReferenceValues) {
  EXPECT_NEAR(shape_factor(30), 0.10288568297002583, 1e-12);
  EXPECT_NEAR(shape_factor(60), 0.24056261216234406, 1e-12);
  EXPECT_NEAR(shape_factor(90), 0.5, 1e-12);
  EXPECT_NEAR(shape_factor(120), 0.84375, 1e-12);
  EXPECT_NEAR(shape_factor(180), 1.0, 1e-12);
  EXPECT_THROW(shape_factor(0.0), Error);
  EXPECT_THROW(shape_factor(190.0), Error);
}

TEST(ShapeFactor, IsTheVolumeOfTheCap) {
  // By slices: a cap of a unit sphere cut at height -cos(angle), seen from above as a disk of its widest
  // radius.
  for (const double degrees : {40.0, 75.0, 110.0, 160.0}) {
    const double angle = degrees * pi / 180.0;
    double volume = 0.0;
    constexpr int slices = 20000;
    const double bottom = std::cos(angle);  // of the sphere's centre below the support plane
    for (int i = 0; i < slices; ++i) {
      const double z = bottom + (1.0 - bottom) * (i + 0.5) / slices;
      volume += pi * (1.0 - z * z) * (1.0 - bottom) / slices;
    }
    const double radius = degrees < 90.0 ? std::sin(angle) : 1.0;
    EXPECT_NEAR(shape_factor(degrees), volume / (4.0 / 3.0 * pi * std::pow(radius, 3)), 1e-6) << degrees;
  }
}

TEST(GibbsThomson, AgreesWithReferenceValues) {
  const double volume = particle_material("PdO").volume_per_metal_atom_nm3;
  EXPECT_NEAR(gibbs_thomson_marginal_eV(0.5, volume, 2.05), 0.15046547230325988, 1e-9);
  EXPECT_NEAR(gibbs_thomson_average_eV(0.5, volume, 2.05), 0.22569820845488983, 1e-9);
  EXPECT_THROW(gibbs_thomson_marginal_eV(0.5, volume, 0.0), Error);
}

TEST(GibbsThomson, MarginalIsTheDerivativeOfTheWhole) {
  // Excess energy N * average(d) with N = d^3: its derivative by N is the marginal energy.
  const auto total = [](double d) { return d * d * d * gibbs_thomson_average_eV(1.0, 0.0147, d); };
  constexpr double d = 2.0, step = 1e-4;
  const double by_n = (total(d + step) - total(d - step)) / (std::pow(d + step, 3) - std::pow(d - step, 3));
  EXPECT_NEAR(by_n, gibbs_thomson_marginal_eV(1.0, 0.0147, d), 1e-8);
}

TEST(Loading, CountsAtomsPerSite) {
  // 0.7 wt% Pd on CeO2 cubes of 10 nm edge (surface 6/(density edge) = 83.16 m^2/g): 0.070 per CeO2(100)
  // site.
  const double surface = 6000.0 / (7.215 * 10.0);
  EXPECT_NEAR(loading_per_site(0.007, 106.42, surface, support_surface("CeO2(100)").site_density_nm2), 0.070,
              0.0005);
  EXPECT_THROW(loading_per_site(0.007, 106.42, 0.0, 6.8), Error);
}

}  // namespace
}  // namespace sinterscope
