// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the data oblige us to say beside a number.

#include <string>

namespace sinterscope {

/// A statement the data make mandatory (code) and its sentence.
struct FitMessage {
  std::string code;  ///< e.g. "one_sided", "unconstrained", "no_partial_hold"
  std::string text;
};

}  // namespace sinterscope
