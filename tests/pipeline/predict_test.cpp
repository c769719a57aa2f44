// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/table_file.h"

namespace sinterscope {
namespace {

using testing::HasSubstr;

PredictRequest published() {
  PredictRequest request;
  request.dh_eV = {-0.16, -0.65};
  request.temperatures_c = {499.85, 26.85};
  return request;
}

TEST(Predict, TellsThePublishedNumbers) {
  PredictRequest request = published();
  request.c_ad = 0.03;
  const std::string text = predict(request);
  EXPECT_THAT(text, HasSubstr("0.03223"));
  EXPECT_THAT(text, HasSubstr("2.127e-05"));
  EXPECT_THAT(text, HasSubstr("0.0007542"));
  EXPECT_THAT(text, HasSubstr("749.86 K"));
}

TEST(Predict, WritesTheCurvesOfEveryCase) {
  const TemporaryFolder folder;
  PredictRequest request = published();
  request.delta_g = {folder / "curve.csv", folder / "curve.svg"};
  predict(request);
  const Table table = read_csv(folder / "curve.csv");
  double highest = -1e9, at = 0.0;
  for (std::size_t row = 0; row < table.size(); ++row)
    if (*table.number(row, "dh_ev") == -0.16 && *table.number(row, "temperature_k") > 700.0 &&
        *table.number(row, "delta_g_ev") > highest) {
      highest = *table.number(row, "delta_g_ev");
      at = *table.number(row, "atoms");
    }
  EXPECT_NEAR(at, 51.0, 1.0) << "N* of 1600 sites, up to the thinning of the curve";
  EXPECT_NEAR(highest, 2.809, 0.001);
  EXPECT_THAT(read_bytes(folder / "curve.svg"), HasSubstr("c* = 2.1e-5"));
}

TEST(Predict, WritesTheMapWithItsLines) {
  const TemporaryFolder folder;
  PredictRequest request = published();
  request.map = {folder / "map.csv", folder / "map.svg"};
  predict(request);
  const std::string svg = read_bytes(folder / "map.svg");
  std::size_t lines = 0;
  for (std::size_t at = svg.find("class=\"contour\""); at != std::string::npos;
       at = svg.find("class=\"contour\"", at + 1))
    ++lines;
  EXPECT_EQ(lines, 7u) << "1e-1 to 1e-7";
  EXPECT_GT(read_csv(folder / "map.csv").size(), 10000u);
}

TEST(Predict, ShiftsSmallParticlesByTheirCurvature) {
  PredictRequest request = published();
  request.dh_eV = {-0.31};
  request.surface_energy_J_m2 = 0.5;
  request.diameters_nm = {2.05};
  // PdO, 0.5 J/m^2, 2.05 nm: 0.15047 eV marginal, 0.22570 eV average
  EXPECT_THAT(predict(request), testing::AllOf(HasSubstr("-0.1595"), HasSubstr("-0.0843")));
}

TEST(Predict, RefusesValuesByName) {
  const auto message = [](PredictRequest request) -> std::string {
    try {
      predict(request);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Error::Kind::usage);
      return error.what();
    }
    return "nothing was thrown";
  };
  PredictRequest request = published();
  request.map = {"map.pdf"};
  EXPECT_THAT(message(request), HasSubstr("map.pdf: the name must end in"));
  request = published();
  request.dh_eV = {0.1};
  EXPECT_THAT(message(request), HasSubstr("--dh-ev is 0.1"));
  request = published();
  request.temperatures_c = {-273.15};
  EXPECT_THAT(message(request), HasSubstr("--temperature-c"));
  request = published();
  request.surface_energy_J_m2 = -1.0;
  EXPECT_THAT(message(request), HasSubstr("--surface-energy-j-m2"));
  request = published();
  request.surface_energy_J_m2 = 1.0;
  request.particle = "PdX";
  EXPECT_THAT(message(request), HasSubstr("'PdX'"));
  request = published();
  request.surface_energy_J_m2 = 1.0;
  request.diameters_nm = {0.0};
  EXPECT_THAT(message(request), HasSubstr("--diameter-nm is 0"));
}

}  // namespace
}  // namespace sinterscope
