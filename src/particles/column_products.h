// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sums of products of the columns of a block of pixels, each column with each: what a least-squares fit needs
// of them. Summed in eight lanes, so that one instruction does as many as the processor has room for; the
// lanes are the same on every processor, and so are the sums.

#include <cstddef>
#include <vector>

namespace sinterscope {

class ColumnProducts {
 public:
  static constexpr int rows = 64;  ///< of a column in a block; unused ones are 0

  explicit ColumnProducts(int columns);
  /// columns: one after the other, `rows` numbers each.
  void add(const double* columns);
  /// Of columns a and b, over all that was added.
  double sum(int a, int b) const;
  void clear();

 private:
  static constexpr int lanes = 8;
  std::size_t place(int a, int b) const;

  int columns_;
  std::vector<double> lanes_;  ///< of each pair, those of column 0 with 0, 1, ... first
};

}  // namespace sinterscope
