// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/length_unit.h"

#include <gtest/gtest.h>

namespace sinterscope {
namespace {

TEST(LengthUnit, KnowsTheSpellingsOfTheMakers) {
  for (const char* micrometre : {"um", "\u00B5m", "\u03BCm", "\xB5m", "micron", "[u_m]", " \\u00B5m "})
    EXPECT_EQ(nm_per_unit(micrometre), 1e3) << micrometre;
  for (const char* angstrom : {"A", "\u00C5", "Angstrom", "[\u00C5]"})
    EXPECT_EQ(nm_per_unit(angstrom), 0.1) << angstrom;
  for (const char* word : {"nanometers", "Nanometre", "NANOMETER"}) EXPECT_EQ(nm_per_unit(word), 1.0) << word;
  for (const char* word : {"Microns", "micrometre", "micrometers"}) EXPECT_EQ(nm_per_unit(word), 1e3) << word;
  EXPECT_EQ(nm_per_unit("\\u00C5"), 0.1);  // as ImageJ escapes it
  EXPECT_EQ(nm_per_unit("[n_m]"), 1.0);
  EXPECT_EQ(nm_per_unit("m"), 1e9);
}

TEST(LengthUnit, GivesNoScaleForAnythingElse) {
  for (const char* word : {"", "pixel", "px", "1/nm", "eV", "s", "NM", "Mm", "[]"})
    EXPECT_FALSE(nm_per_unit(word)) << word;
  EXPECT_FALSE(calibration_from(0.0, 1.0, "nm", "x").calibrated());
  EXPECT_FALSE(calibration_from(-1.0, -1.0, "nm", "x").calibrated());
  EXPECT_FALSE(calibration_from(1.0, 1.0, "", "x").calibrated());
}

TEST(LengthUnit, TellsReciprocalSpaceAndEnergy) {
  for (const char* word : {"1/nm", "1/m", "1 / nm", "nm^-1", "mrad", "[1/n_m]", "nm\u207B\u00B9", "nm-1"})
    EXPECT_TRUE(is_reciprocal_unit(word)) << word;
  for (const char* word : {"nm", "", "s", "A"}) EXPECT_FALSE(is_reciprocal_unit(word)) << word;
  EXPECT_TRUE(is_energy_unit("eV"));
  EXPECT_FALSE(is_energy_unit("V"));
  EXPECT_EQ(seconds_per_unit("ms"), 1e-3);
}

}  // namespace
}  // namespace sinterscope
