// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What holds for every figure.

#include <algorithm>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace sinterscope {

/// Every element opened is closed in order: what an XML reader would refuse first.
inline bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  const std::regex tag(R"(<(/?)([a-zA-Z]+)((?:[^<>"]|"[^"<]*")*)>)");
  for (std::sregex_iterator it(svg.begin(), svg.end(), tag), end; it != end; ++it) {
    const std::string attributes = (*it)[3];
    if ((*it)[1].length() > 0) {
      if (open.empty() || open.back() != (*it)[2]) return false;
      open.pop_back();
    } else if (attributes.empty() || attributes.back() != '/') {
      open.push_back((*it)[2]);
    }
  }
  return open.empty() && std::count(svg.begin(), svg.end(), '<') ==
                             std::distance(std::sregex_iterator(svg.begin(), svg.end(), tag), {});
}

/// How often a piece of text stands in a figure.
inline int occurrences(const std::string& svg, const std::string& piece) {
  int count = 0;
  for (std::size_t at = svg.find(piece); at != std::string::npos; at = svg.find(piece, at + 1)) ++count;
  return count;
}

}  // namespace sinterscope
