// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The fields of a plain struct, in order, without naming them.
//
// A struct is asked how many values it takes between braces and is then taken apart by a structured binding
// of that many names: what walks over fields (the store of a run) never misses one that was added later. The
// way of Boost.PFR (A. Polukhin). It holds for aggregates without base class and without C arrays.

#include <cstddef>
#include <type_traits>
#include <utility>

namespace sinterscope {

namespace fields_detail {

/// Turns into whatever a field of Owner wants; never evaluated.
template <typename Owner>
struct Anything {
  template <typename T>
  requires(!std::is_same_v<std::decay_t<T>, Owner>) operator T() const;
};

template <typename T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything<T>{})...}; };
}

template <typename T, std::size_t n = 0>
constexpr std::size_t count() {
  if constexpr (takes<T>(std::make_index_sequence<n + 1>{}))
    return count<T, n + 1>();
  else
    return n;
}

}  // namespace fields_detail

template <typename T>
inline constexpr std::size_t field_count = fields_detail::count<T>();

/// visit(field, field, ...) with references to all fields of `value`.
template <typename T, typename Visit>
void with_fields(T& value, Visit&& visit) {
  static_assert(std::is_aggregate_v<T>);
  constexpr std::size_t n = field_count<std::remove_const_t<T>>;
  static_assert(n >= 1 && n <= 40, "one more line below for a larger struct");
#define SINTERSCOPE_FIELDS(count, ...) \
  if constexpr (n == count) {          \
    auto& [__VA_ARGS__] = value;       \
    visit(__VA_ARGS__);                \
  }
#define SINTERSCOPE_TEN(p) p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9
  SINTERSCOPE_FIELDS(1, a0)
  SINTERSCOPE_FIELDS(2, a0, a1)
  SINTERSCOPE_FIELDS(3, a0, a1, a2)
  SINTERSCOPE_FIELDS(4, a0, a1, a2, a3)
  SINTERSCOPE_FIELDS(5, a0, a1, a2, a3, a4)
  SINTERSCOPE_FIELDS(6, a0, a1, a2, a3, a4, a5)
  SINTERSCOPE_FIELDS(7, a0, a1, a2, a3, a4, a5, a6)
  SINTERSCOPE_FIELDS(8, a0, a1, a2, a3, a4, a5, a6, a7)
  SINTERSCOPE_FIELDS(9, a0, a1, a2, a3, a4, a5, a6, a7, a8)
  SINTERSCOPE_FIELDS(10, SINTERSCOPE_TEN(a))
  SINTERSCOPE_FIELDS(11, SINTERSCOPE_TEN(a), b0)
  SINTERSCOPE_FIELDS(12, SINTERSCOPE_TEN(a), b0, b1)
  SINTERSCOPE_FIELDS(13, SINTERSCOPE_TEN(a), b0, b1, b2)
  SINTERSCOPE_FIELDS(14, SINTERSCOPE_TEN(a), b0, b1, b2, b3)
  SINTERSCOPE_FIELDS(15, SINTERSCOPE_TEN(a), b0, b1, b2, b3, b4)
  SINTERSCOPE_FIELDS(16, SINTERSCOPE_TEN(a), b0, b1, b2, b3, b4, b5)
  SINTERSCOPE_FIELDS(17, SINTERSCOPE_TEN(a), b0, b1, b2, b3, b4, b5, b6)
  SINTERSCOPE_FIELDS(18, SINTERSCOPE_TEN(a), b0, b1, b2, b3, b4, b5, b6, b7)
  SINTERSCOPE_FIELDS(19, SINTERSCOPE_TEN(a), b0, b1, b2, b3, b4, b5, b6, b7, b8)
  SINTERSCOPE_FIELDS(20, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b))
  SINTERSCOPE_FIELDS(21, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0)
  SINTERSCOPE_FIELDS(22, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1)
  SINTERSCOPE_FIELDS(23, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2)
  SINTERSCOPE_FIELDS(24, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3)
  SINTERSCOPE_FIELDS(25, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3, c4)
  SINTERSCOPE_FIELDS(26, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3, c4, c5)
  SINTERSCOPE_FIELDS(27, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3, c4, c5, c6)
  SINTERSCOPE_FIELDS(28, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3, c4, c5, c6, c7)
  SINTERSCOPE_FIELDS(29, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), c0, c1, c2, c3, c4, c5, c6, c7, c8)
  SINTERSCOPE_FIELDS(30, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c))
  SINTERSCOPE_FIELDS(31, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0)
  SINTERSCOPE_FIELDS(32, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1)
  SINTERSCOPE_FIELDS(33, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2)
  SINTERSCOPE_FIELDS(34, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3)
  SINTERSCOPE_FIELDS(35, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3, d4)
  SINTERSCOPE_FIELDS(36, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3, d4, d5)
  SINTERSCOPE_FIELDS(37, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3, d4, d5,
                     d6)
  SINTERSCOPE_FIELDS(38, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3, d4, d5,
                     d6, d7)
  SINTERSCOPE_FIELDS(39, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), d0, d1, d2, d3, d4, d5,
                     d6, d7, d8)
  SINTERSCOPE_FIELDS(40, SINTERSCOPE_TEN(a), SINTERSCOPE_TEN(b), SINTERSCOPE_TEN(c), SINTERSCOPE_TEN(d))
#undef SINTERSCOPE_TEN
#undef SINTERSCOPE_FIELDS
}

}  // namespace sinterscope
