// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

struct Problem {
  std::vector<CandidatePair> pairs;
  std::vector<double> row_alone, column_alone;
};

Problem random_problem(Rng rng) {
  Problem problem;
  const int rows = static_cast<int>(rng.below(6)), columns = static_cast<int>(rng.below(6));
  for (int i = 0; i < rows; ++i) problem.row_alone.push_back(rng.uniform(-1.0, 3.0));
  for (int j = 0; j < columns; ++j) problem.column_alone.push_back(rng.uniform(-1.0, 3.0));
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      if (rng.uniform() < 0.6) problem.pairs.push_back({i, j, rng.uniform(-2.0, 6.0)});
  return problem;
}

double cost_of(const Problem& problem, const std::vector<int>& column_of) {
  double cost = std::accumulate(problem.column_alone.begin(), problem.column_alone.end(), 0.0);
  for (std::size_t row = 0; row < column_of.size(); ++row) {
    if (column_of[row] < 0) {
      cost += problem.row_alone[row];
      continue;
    }
    double pair_cost = std::numeric_limits<double>::infinity();
    for (const CandidatePair& pair : problem.pairs)
      if (pair.row == static_cast<int>(row) && pair.column == column_of[row])
        pair_cost = std::min(pair_cost, pair.cost);
    cost += pair_cost - problem.column_alone[static_cast<std::size_t>(column_of[row])];
  }
  return cost;
}

/// The least cost over every assignment, by trying all.
double least_cost(const Problem& problem, std::vector<int>& column_of, std::vector<bool>& taken,
                  std::size_t row) {
  if (row == problem.row_alone.size()) return cost_of(problem, column_of);
  column_of[row] = -1;
  double least = least_cost(problem, column_of, taken, row + 1);
  for (std::size_t column = 0; column < problem.column_alone.size(); ++column) {
    if (taken[column]) continue;
    taken[column] = true;
    column_of[row] = static_cast<int>(column);
    least = std::min(least, least_cost(problem, column_of, taken, row + 1));
    taken[column] = false;
  }
  column_of[row] = -1;
  return least;
}

TEST(Assignment, IsAsCheapAsTheBestOfAllAssignments) {
  const Rng rng(3);
  for (std::uint64_t trial = 0; trial < 2000; ++trial) {
    const Problem problem = random_problem(rng.stream("problem", trial));
    const std::vector<int> found = assign(problem.pairs, problem.row_alone, problem.column_alone);
    std::vector<int> column_of(problem.row_alone.size(), -1);
    std::vector<bool> taken(problem.column_alone.size(), false);
    // Sums of at most 12 numbers of order one: rounding stays below 1e-13.
    ASSERT_NEAR(cost_of(problem, found), least_cost(problem, column_of, taken, 0), 1e-12)
        << "trial " << trial;
  }
}

TEST(Assignment, NeverGivesAColumnTwice) {
  const Rng rng(4);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    const Problem problem = random_problem(rng.stream("problem", trial));
    std::vector<int> found = assign(problem.pairs, problem.row_alone, problem.column_alone);
    std::sort(found.begin(), found.end());
    found.erase(found.begin(),
                std::find_if(found.begin(), found.end(), [](int column) { return column >= 0; }));
    EXPECT_EQ(std::adjacent_find(found.begin(), found.end()), found.end());
  }
}

TEST(Assignment, CostsTheSameWithRowsAndColumnsExchangedInALargeCrowd) {
  // 1,500 rows and columns in one connected crowd: long chains, in which rounding must not break the search.
  Rng rng(17);
  Problem problem, exchanged;
  for (int i = 0; i < 1500; ++i) {
    problem.row_alone.push_back(rng.uniform(0.0, 10.0));
    problem.column_alone.push_back(rng.uniform(0.0, 10.0));
    for (int k = 0; k < 8; ++k)
      problem.pairs.push_back({i, static_cast<int>(rng.below(1500)), rng.uniform(-3.0, 7.0)});
  }
  exchanged.row_alone = problem.column_alone;
  exchanged.column_alone = problem.row_alone;
  for (const CandidatePair& pair : problem.pairs)
    exchanged.pairs.push_back({pair.column, pair.row, pair.cost});
  const double cost = cost_of(problem, assign(problem.pairs, problem.row_alone, problem.column_alone));
  const double cost_exchanged =
      cost_of(exchanged, assign(exchanged.pairs, exchanged.row_alone, exchanged.column_alone));
  EXPECT_NEAR(cost, cost_exchanged, 1e-8);  // 3,000 numbers of order ten
}

TEST(Assignment, PrefersTheCheaperWholeOverTheCheapestPair) {
  // Greedy would pair (0, 0) at 0.0 and leave row 1 alone: 0 + 10 + 10; the optimum is 1 + 1.
  const std::vector<CandidatePair> pairs{{0, 0, 0.0}, {0, 1, 1.0}, {1, 0, 1.0}};
  const std::vector<double> alone{10.0, 10.0};
  EXPECT_EQ(assign(pairs, alone, alone), (std::vector<int>{1, 0}));
}

TEST(Assignment, LeavesBothAloneWhereThePairIsDearer) {
  const std::vector<double> alone{1.0};
  EXPECT_EQ(assign(std::vector<CandidatePair>{{0, 0, 2.5}}, alone, alone), std::vector<int>{-1});
  EXPECT_EQ(assign(std::vector<CandidatePair>{{0, 0, 1.5}}, alone, alone), std::vector<int>{0});
}

TEST(Assignment, AcceptsEmptyProblems) {
  EXPECT_TRUE(assign({}, {}, {}).empty());
  EXPECT_EQ(assign({}, std::vector<double>{1.0, 1.0}, {}), (std::vector<int>{-1, -1}));
}

TEST(Assignment, RefusesPairsOutsideTheProblemAndCostsThatAreNotNumbers) {
  const std::vector<double> alone{1.0};
  EXPECT_THROW(assign(std::vector<CandidatePair>{{0, 1, 0.0}}, alone, alone), Error);
  EXPECT_THROW(assign(std::vector<CandidatePair>{{-1, 0, 0.0}}, alone, alone), Error);
  EXPECT_THROW(assign(std::vector<CandidatePair>{{0, 0, std::nan("")}}, alone, alone), Error);
  EXPECT_THROW(assign({}, std::vector<double>{std::numeric_limits<double>::infinity()}, {}), Error);
}

}  // namespace
}  // namespace sinterscope
