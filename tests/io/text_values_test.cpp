// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/text_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sinterscope {
namespace {

TEST(TextValues, NumbersNeedNoLocale) {
  EXPECT_EQ(whole_number("5.3024148379916015e-009"),
            5.3024148379916015e-9);  // Velox: three digits of exponent
  EXPECT_EQ(whole_number(" +2.5 "), 2.5);
  EXPECT_FALSE(whole_number("2,5"));
  EXPECT_FALSE(whole_number("5 nm"));
  EXPECT_FALSE(whole_number(""));
  EXPECT_EQ(leading_number("5.825 nm"), 5.825);
  EXPECT_EQ(after_number("1.00nm/pixel"), "nm/pixel");
}

TEST(TextValues, LinesEndAsTheyLike) {
  EXPECT_THAT(lines_of("a\r\nb\rc\n\nd"), ::testing::ElementsAre("a", "b", "c", "", "d"));
}

TEST(TextValues, TextBecomesUtf8) {
  EXPECT_EQ(utf8_from("\xB5m"), "\u00B5m");
  EXPECT_EQ(utf8_from("\u00B5m"), "\u00B5m");
  EXPECT_EQ(utf8_from(std::string_view("\xFF\xFE\xB5\0m\0", 6)), "\u00B5m");
  EXPECT_EQ(utf8_from(std::string_view("n\0m\0", 4)), "nm");
  EXPECT_EQ(utf8_from_utf16le(std::string_view("\x3D\xD8\x00\xDE", 4)), "\U0001F600");  // a pair of halves
}

TEST(TextValues, IniKeepsTheFirstValueOfASection) {
  const IniText ini = parse_ini("a=1\r\n[S]\r\nb = x = y\r\nb=2\r\n");
  EXPECT_EQ(ini_value(ini, "", "a"), "1");
  EXPECT_EQ(ini_value(ini, "S", "b"), "x = y");
  EXPECT_FALSE(ini_value(ini, "S", "a"));
  EXPECT_FALSE(ini_value(ini, "T", "a"));
}

TEST(TextValues, NaturalOrderComparesNumbers) {
  EXPECT_TRUE(natural_less("img9", "img10"));
  EXPECT_FALSE(natural_less("img10", "img9"));
  EXPECT_TRUE(natural_less("img007a", "img7b"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_TRUE(natural_less("x_99999999999999999998", "x_99999999999999999999"));  // beyond 64 bits
  EXPECT_FALSE(natural_less("same3", "same3"));
}

}  // namespace
}  // namespace sinterscope
