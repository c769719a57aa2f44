// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/around_small.h"

#include <gtest/gtest.h>

#include "inference/mixed_field.h"
#include "sinterscope/inference/model_comparison.h"

namespace sinterscope {
namespace {

using simulated::large_stay_small_return;
using simulated::MixedField;
using simulated::small_count;

/// Small particles next to large ones that go on heating and stay away: they may have gone into the large
/// ones.
MixedField small_ones_gone_for_good() {
  MixedField field;
  for (const std::size_t hold : {0U, 1U, 2U}) field.add_large(hold);
  field.add_small(0);
  return field;
}

TEST(AroundSmall, CountsTheSmallOnesThatComeBackOnCooling) {
  const MixedField back = large_stay_small_return(), gone = small_ones_gone_for_good();
  EXPECT_TRUE(small_ones_return(back.locality(), back.inventories));
  EXPECT_FALSE(small_ones_return(gone.locality(), gone.inventories));
}

TEST(AroundSmall, LeavesOutTheLargeOnesWithTheirCatchments) {
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  const std::vector<HoldInventory> parts = around_small(locality, field.inventories);
  ASSERT_EQ(parts.size(), 3U);
  double large = 0.0, all = 0.0;  // areas of the catchments of the reference, the first hold
  for (const LocalParticle& one : locality.holds[0].particles) {
    all += one.cell_area_nm2;
    large += one.large ? one.cell_area_nm2 : 0.0;
  }
  const std::size_t counts[] = {small_count, 0, small_count};
  for (std::size_t h = 0; h < 3; ++h) {
    EXPECT_EQ(parts[h].particles.size(), counts[h]) << h;
    EXPECT_NEAR(parts[h].support_area_nm2, (1.0 - large / all) * field.inventories[h].support_area_nm2, 1e-6);
    EXPECT_FALSE(parts[h].c_np) << "a summary of the whole hold is none of its part";
  }
}

TEST(AroundSmall, LeavesAFieldWithoutLargeOnesWhole) {
  MixedField field;
  field.add_small(0);
  field.add_small(2);
  const std::vector<HoldInventory> parts = around_small(field.locality(), field.inventories);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].support_area_nm2, field.inventories[0].support_area_nm2);
  EXPECT_EQ(parts[0].particles.size(), static_cast<std::size_t>(small_count));
}

TEST(AroundSmall, TellsEntropyWhereTheWholeFieldDoesNot) {
  const MixedField field = large_stay_small_return();
  const ModelComparison whole = compare_models(field.inventories, field.sample);
  const ModelComparison part =
      compare_models(around_small(field.locality(), field.inventories), field.sample);
  EXPECT_NE(entropy_standing(whole), EntropyStanding::supported);
  EXPECT_EQ(entropy_standing(part), EntropyStanding::supported);
}

}  // namespace
}  // namespace sinterscope
