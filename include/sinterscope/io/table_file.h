// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tables as CSV: comma, one header row, UTF-8, '.' decimal, empty field = not measured, comment lines begin
// with '#'. A field with comma, quote or line end is quoted as RFC 4180 says.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sinterscope/core/table.h"

namespace sinterscope {

/// The file appears under its name when it is whole. `comments`: lines put in front, without their '#'.
void write_csv(const std::filesystem::path& path, const Table& table,
               const std::vector<std::string>& comments = {});

/// The same for a table too long to be held: `rows` hands one row after the other to the sink it is given.
using RowSink = std::function<void(const std::vector<Cell>&)>;
void write_csv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::function<void(const RowSink&)>& rows);

/// Cells become empty, whole numbers, numbers or text, each by itself; a quoted cell is text. Line ends LF or
/// CRLF, a byte order mark is passed over. Throws Error with file and line: no header, a column named twice,
/// a row with more or fewer cells than columns, an open quote.
Table read_csv(const std::filesystem::path& path);

}  // namespace sinterscope
