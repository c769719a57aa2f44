// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/core/random.h"
#include "sinterscope/core/table.h"

namespace sinterscope {
namespace {

using testing::HasSubstr;

TEST(NearestName, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest_name("stagse", {"frames", "stages", "sample"}), "stages");
  EXPECT_EQ(nearest_name("pixelsize_nm", {"pressure_pa", "pixel_size_nm"}), "pixel_size_nm");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(ErrorContext, AddsOneLinePerFloorAndKeepsTheKind) {
  try {
    in_context("frame 17", [] { in_context("row 3", [] { throw usage_error("bad value"); }); });
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "frame 17: row 3: bad value");
    EXPECT_EQ(error.kind(), Error::Kind::usage);
  }
}

struct ExampleOptions {
  double width = 1.0;
  std::string method = "mean";
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.width, {"width", "nm", "a width", 0.5, 2.0});
    visit(self.method, {"method", "", "how", -1, 1, {"mean", "median"}});
  }
};

TEST(Validate, NamesFieldValueAndWhatWouldBeRight) {
  EXPECT_NO_THROW(validate(ExampleOptions{}));
  try {
    validate(ExampleOptions{3.0, "mean"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("width"), HasSubstr("3"), HasSubstr("2")));
  }
  try {
    validate(ExampleOptions{1.0, "medians"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("medians"), HasSubstr("nearest: 'median'")));
  }
  EXPECT_THROW(validate(ExampleOptions{std::nan(""), "mean"}), Error);
}

TEST(Rng, GivesTheSameStreamForTheSameNameWhateverWasDrawn) {
  Rng a(7), b(7);
  for (int i = 0; i < 100; ++i) a.next();
  EXPECT_EQ(a.stream("noise", 3).next(), b.stream("noise", 3).next());
  EXPECT_NE(a.stream("noise", 3).next(), b.stream("noise", 4).next());
  EXPECT_NE(a.stream("noise", 3).next(), b.stream("drift", 3).next());
}

/// Mean and variance of a Poisson law are its parameter; over n draws they scatter by sqrt(mean / n) and
/// about sqrt((mean + 2 mean^2) / n). Five of those are allowed.
TEST(Rng, DrawsPoissonNumbersOfTheRightMeanAndVariance) {
  for (const double mean : {0.3, 4.0, 29.0, 31.0, 500.0}) {
    Rng rng(11);
    constexpr int n = 20000;
    double sum = 0.0, square = 0.0;
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<double>(rng.poisson(mean));
      sum += k;
      square += k * k;
    }
    const double average = sum / n, variance = square / n - average * average;
    EXPECT_NEAR(average, mean, 5.0 * std::sqrt(mean / n)) << "mean " << mean;
    EXPECT_NEAR(variance, mean, 5.0 * std::sqrt((mean + 2.0 * mean * mean) / n)) << "mean " << mean;
  }
}

TEST(Rng, DrawsNormalNumbersWithTheTailsOfANormal) {
  Rng rng(3);
  constexpr int n = 100000;
  int beyond = 0;
  for (int i = 0; i < n; ++i) beyond += std::abs(rng.normal()) > 1.959964 ? 1 : 0;
  EXPECT_NEAR(beyond, 0.05 * n, 5.0 * std::sqrt(0.05 * 0.95 * n));  // binomial, 5 s.d.
}

TEST(ParallelInOrder, FinishesInOrderWhatIsPreparedSideBySide) {
  for (const int threads : {1, 4}) {
    std::vector<std::size_t> order;
    parallel_in_order(1000, threads, [&](std::size_t i) -> std::function<void()> {
      return [&order, i] { order.push_back(i); };
    });
    std::vector<std::size_t> expected(1000);
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    EXPECT_EQ(order, expected);
  }
}

TEST(ParallelInOrder, TellsTheFirstFailureAndFinishesNothingBehindIt) {
  for (const int threads : {1, 4}) {
    std::size_t finished = 0;
    const auto work = [&](std::size_t i) -> std::function<void()> {
      if (i >= 37) throw Error(std::to_string(i));
      return [&finished] { ++finished; };
    };
    try {
      parallel_in_order(100, threads, work);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "37");
    }
    EXPECT_EQ(finished, 37U);
  }
}

TEST(ParallelFor, VisitsEveryItemOnceAndRethrowsTheFirstFailure) {
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(visits.size(), 4, [&](std::size_t i) { ++visits[i]; });
  for (const auto& count : visits) EXPECT_EQ(count.load(), 1);
  try {
    parallel_for(100, 4, [](std::size_t i) {
      if (i == 20 || i == 80) throw Error("item " + std::to_string(i));
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "item 20");
  }
}

TEST(Table, RefusesARowOfAnotherLengthAndNamesTheNearestColumn) {
  Table table({"hold", "diameter_nm"});
  EXPECT_THROW(table.add_row({1.0}), Error);
  table.add_row({std::int64_t{3}, Cell()});
  EXPECT_EQ(table.number(0, "hold"), 3.0);
  EXPECT_EQ(table.number(0, "diameter_nm"), std::nullopt);
  try {
    table.column("diametre_nm");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("diameter_nm"));
  }
  EXPECT_EQ(to_text(Cell(0.1)), "0.1");
  EXPECT_EQ(to_text(Cell(std::nan(""))), "");
}

}  // namespace
}  // namespace sinterscope
