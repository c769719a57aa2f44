// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The linear assignment problem on a sparse graph, where staying alone is allowed at a price.
//
// Model: each row takes one column or stays alone, each column is taken once or stays alone; minimise the sum
// of the costs of the pairs and of those left alone. Only the listed pairs are possible, so 5,000 particles
// with three neighbours each cost 15,000 numbers and not 25 million. A pair dearer than leaving both alone is
// never made. Method: shortest augmenting paths with dual prices (Jonker and Volgenant, Computing 38, 325,
// 1987, doi:10.1007/BF02278710), each path found by Dijkstra on the sparse reduced costs; a path never leaves
// the connected component of its row, so far-apart groups do not slow each other. The result is exact, not
// greedy. Costs must be finite. Among optima of equal cost any may be returned (always the same for the same
// input order).
//
// Written here because LEMON 1.3.1, the one library of Debian 12 with such a solver, does not compile as
// C++20.

#include <span>
#include <vector>

namespace sinterscope {

struct CandidatePair {
  int row = 0;
  int column = 0;
  double cost = 0.0;
};

/// The column of each row, -1 = alone. `row_alone` and `column_alone` hold the price of each row and column
/// for staying alone; their sizes are the sizes of the problem. Throws Error for a pair outside them or a
/// cost that is not finite.
std::vector<int> assign(std::span<const CandidatePair> pairs, std::span<const double> row_alone,
                        std::span<const double> column_alone);

}  // namespace sinterscope
