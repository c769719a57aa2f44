// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/archive.h"

#include <gtest/gtest.h>

#include "sinterscope/kmc/lattice.h"

using namespace sinterscope;

namespace {

std::string written() {
  HeightMap map(4);
  map.height[3] = 7;
  ByteWriter writer;
  writer(42.5);
  writer(std::vector<HeightMap>{map, map});
  return writer.finish();
}

}  // namespace

TEST(Archive, ReadsBackWhatWasWritten) {
  const std::string bytes = written();
  ByteReader reader(bytes);
  double number = 0.0;
  std::vector<HeightMap> maps;
  reader(number);
  reader(maps);
  reader.finish();
  EXPECT_EQ(number, 42.5);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[1].height[3], 7);
}

TEST(Archive, NoticesEveryDamagedByteAndEveryShorterFile) {
  const std::string good = written();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_THROW(ByteReader{bad}, Error) << "byte " << i;
    EXPECT_THROW(ByteReader{std::string_view(good).substr(0, i)}, Error) << "length " << i;
  }
}

TEST(Archive, RefusesToReadMoreOrLessThanThereIs) {
  const std::string bytes = written();
  ByteReader greedy(bytes), modest(bytes);
  std::vector<double> numbers;
  EXPECT_THROW(greedy(numbers), Error) << "42.5 read as a length is too long";
  double number = 0.0;
  modest(number);
  EXPECT_THROW(modest.finish(), Error);
}
