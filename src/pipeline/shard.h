// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <string>

#include "sinterscope/core/error.h"

namespace sinterscope {

/// One part of a list that several processes share: number k belongs to part k mod N.
struct Shard {
  std::size_t part = 1, parts = 1;
  bool has(std::size_t k) const { return k % parts == part - 1; }
};

/// "I/N"; empty = everything.
inline Shard read_shard(const std::string& text) {
  if (text.empty()) return {};
  unsigned long part = 0, parts = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lu/%lu%c", &part, &parts, &rest) != 2 || part < 1 || part > parts)
    throw usage_error(fmt::format("--shard is '{}': must be I/N with 1 <= I <= N, e.g. 2/8", text));
  return {part, parts};
}

}  // namespace sinterscope
