// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/assignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <queue>
#include <utility>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

struct Edge {
  int column;
  double cost;  ///< of the pair, less what the column saves by not staying alone
};

class ShortestAugmentingPaths {
 public:
  ShortestAugmentingPaths(std::span<const CandidatePair> pairs, std::span<const double> row_alone,
                          std::span<const double> column_alone);
  std::vector<int> solve();

 private:
  /// Gives `row` a place, moving others along the cheapest chain.
  void place(int row);
  void relax_edges_of(int row, double length);
  void trace_back(int row, int column);
  void raise_prices(int row, double path_length);
  static std::size_t as_index(int i) { return static_cast<std::size_t>(i); }

  std::vector<double> alone_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<double> row_price_, column_price_;
  std::vector<int> column_of_, row_of_;
  // One Dijkstra search; the stamps make a reset cost nothing.
  int search_ = 0;
  std::vector<int> reached_in_, settled_in_;
  std::vector<double> length_;  ///< of the shortest path to a column
  std::vector<int> came_from_;  ///< row from which a column was reached
  std::vector<int> settled_;    ///< columns whose shortest path is known
  using QueueEntry = std::pair<double, int>;
  std::priority_queue<QueueEntry, std::vector<QueueEntry>, std::greater<>> queue_;
};

ShortestAugmentingPaths::ShortestAugmentingPaths(std::span<const CandidatePair> pairs,
                                                 std::span<const double> row_alone,
                                                 std::span<const double> column_alone)
    : alone_(row_alone.begin(), row_alone.end()),
      edges_(row_alone.size()),
      row_price_(alone_),
      column_price_(column_alone.size(), 0.0),
      column_of_(row_alone.size(), -1),
      row_of_(column_alone.size(), -1),
      reached_in_(column_alone.size(), 0),
      settled_in_(column_alone.size(), 0),
      length_(column_alone.size(), 0.0),
      came_from_(column_alone.size(), -1) {
  for (const CandidatePair& pair : pairs) {
    const std::size_t row = as_index(pair.row);
    const double cost = pair.cost - column_alone[as_index(pair.column)];
    if (cost >= alone_[row]) continue;  // leaving both alone is no dearer
    edges_[row].push_back({pair.column, cost});
    row_price_[row] = std::min(row_price_[row], cost);
  }
}

std::vector<int> ShortestAugmentingPaths::solve() {
  for (int row = 0; row < static_cast<int>(edges_.size()); ++row) place(row);
  return column_of_;
}

void ShortestAugmentingPaths::relax_edges_of(int row, double length) {
  for (const Edge& edge : edges_[as_index(row)]) {
    const std::size_t column = as_index(edge.column);
    if (settled_in_[column] == search_) continue;
    // Prices keep reduced costs from falling below 0 but for rounding, which would let a path run in circles.
    const double reduced = std::max(edge.cost - row_price_[as_index(row)] - column_price_[column], 0.0);
    if (reached_in_[column] == search_ && length + reduced >= length_[column]) continue;
    reached_in_[column] = search_;
    length_[column] = length + reduced;
    came_from_[column] = row;
    queue_.emplace(length_[column], edge.column);
  }
}

void ShortestAugmentingPaths::trace_back(int row, int column) {
  while (column >= 0) {
    const int from = came_from_[as_index(column)];
    const int freed = column_of_[as_index(from)];
    column_of_[as_index(from)] = column;
    row_of_[as_index(column)] = from;
    if (from == row) return;
    column = freed;
  }
}

void ShortestAugmentingPaths::raise_prices(int row, double path_length) {
  row_price_[as_index(row)] += path_length;
  for (const int column : settled_) {
    const double slack = path_length - length_[as_index(column)];
    column_price_[as_index(column)] -= slack;
    row_price_[as_index(row_of_[as_index(column)])] += slack;
  }
}

void ShortestAugmentingPaths::place(int row) {
  ++search_;
  settled_.clear();
  queue_ = {};
  double best = alone_[as_index(row)] - row_price_[as_index(row)];  // the cheapest end of the chain so far
  int lonely = row;                                                 // the row that would stay alone there
  int free_column = -1;
  relax_edges_of(row, 0.0);
  while (!queue_.empty() && queue_.top().first < best) {
    const auto [length, column] = queue_.top();
    queue_.pop();
    if (settled_in_[as_index(column)] == search_) continue;  // reached by an older, longer path too
    const int owner = row_of_[as_index(column)];
    if (owner < 0) {
      best = length;
      free_column = column;
      break;
    }
    settled_.push_back(column);
    settled_in_[as_index(column)] = search_;
    const double owner_alone = length + alone_[as_index(owner)] - row_price_[as_index(owner)];
    if (owner_alone < best) {
      best = owner_alone;
      lonely = owner;
    }
    relax_edges_of(owner, length);
  }
  raise_prices(row, best);
  if (free_column >= 0) {
    trace_back(row, free_column);
  } else if (lonely != row) {
    const int given_up = column_of_[as_index(lonely)];
    column_of_[as_index(lonely)] = -1;
    trace_back(row, given_up);
  }
}

}  // namespace

std::vector<int> assign(std::span<const CandidatePair> pairs, std::span<const double> row_alone,
                        std::span<const double> column_alone) {
  for (const CandidatePair& pair : pairs) {
    if (pair.row < 0 || pair.row >= static_cast<int>(row_alone.size()) || pair.column < 0 ||
        pair.column >= static_cast<int>(column_alone.size()))
      throw Error(fmt::format("assignment: pair ({}, {}) lies outside {} rows and {} columns", pair.row,
                              pair.column, row_alone.size(), column_alone.size()));
    if (!std::isfinite(pair.cost))
      throw Error(fmt::format("assignment: pair ({}, {}) has no finite cost", pair.row, pair.column));
  }
  for (const std::span<const double> prices : {row_alone, column_alone})
    if (!std::all_of(prices.begin(), prices.end(), [](double price) { return std::isfinite(price); }))
      throw Error("assignment: the price of staying alone is not finite");
  return ShortestAugmentingPaths(pairs, row_alone, column_alone).solve();
}

}  // namespace sinterscope
