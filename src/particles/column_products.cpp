// SPDX-License-Identifier: GPL-3.0-or-later
#include "column_products.h"

#include <algorithm>

namespace sinterscope {
namespace {

using Lanes = double __attribute__((vector_size(64), aligned(8), may_alias));
constexpr int lanes = 8;

/// In each lane the sum of every eighth product.
[[gnu::always_inline]] inline void add_products(const double* columns, int count, double* sums) {
  for (int b = 0; b < count; ++b)
    for (int a = b; a < count; ++a, sums += lanes) {
      const auto* one = reinterpret_cast<const Lanes*>(columns + a * ColumnProducts::rows);
      const auto* other = reinterpret_cast<const Lanes*>(columns + b * ColumnProducts::rows);
      auto* sum = reinterpret_cast<Lanes*>(sums);
      Lanes more = *sum;
      for (int k = 0; k < ColumnProducts::rows / lanes; ++k) more += one[k] * other[k];
      *sum = more;
    }
}

void add_anywhere(const double* columns, int count, double* sums) { add_products(columns, count, sums); }

#ifdef __x86_64__
__attribute__((target("avx2"))) void add_with_avx2(const double* columns, int count, double* sums) {
  add_products(columns, count, sums);
}
__attribute__((target("avx512f"))) void add_with_avx512(const double* columns, int count, double* sums) {
  add_products(columns, count, sums);
}
#endif

using Add = void (*)(const double*, int, double*);

Add fastest_add() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return &add_with_avx512;
  if (__builtin_cpu_supports("avx2")) return &add_with_avx2;
#endif
  return &add_anywhere;
}

}  // namespace

ColumnProducts::ColumnProducts(int columns)
    : columns_(columns), lanes_(static_cast<std::size_t>(columns * (columns + 1) / 2 * lanes), 0.0) {}

void ColumnProducts::add(const double* columns) {
  static const Add fastest = fastest_add();
  fastest(columns, columns_, lanes_.data());
}

std::size_t ColumnProducts::place(int a, int b) const {
  const int low = std::min(a, b), high = std::max(a, b);
  return static_cast<std::size_t>((low * columns_ - low * (low - 1) / 2 + high - low) * lanes);
}

double ColumnProducts::sum(int a, int b) const {
  const double* of = &lanes_[place(a, b)];
  return ((of[0] + of[1]) + (of[2] + of[3])) + ((of[4] + of[5]) + (of[6] + of[7]));
}

void ColumnProducts::clear() { std::fill(lanes_.begin(), lanes_.end(), 0.0); }

}  // namespace sinterscope
