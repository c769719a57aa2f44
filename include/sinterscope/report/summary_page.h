// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A table of experiments as one self-contained page; a click on a heading sorts.

#include <string>
#include <vector>

#include "sinterscope/core/table.h"

namespace sinterscope {

struct SummaryPage {
  std::string title;
  Table table;                     ///< its first column names the experiment
  std::vector<std::string> links;  ///< one a row, to the experiment's own page; empty = none
};

/// Numbers to four digits (in full in the CSV beside it); text of the data is escaped.
std::string summary_page_html(const SummaryPage& page);

}  // namespace sinterscope
