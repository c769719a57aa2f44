// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A table of named columns on its way to or from a CSV file: cells are empty (not measured), whole numbers,
// numbers or text. The column name carries the unit. Science rooms do not see it; io writes and reads it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sinterscope {

using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A number that may be missing, as a cell.
inline Cell cell(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

class Table {
 public:
  Table() = default;
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::vector<Cell>>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }

  /// Appends a row. Throws Error if it has not one cell per column.
  void add_row(std::vector<Cell> row);
  /// Index of a column; Error naming the nearest column if there is none.
  std::size_t column(std::string_view name) const;
  bool has_column(std::string_view name) const;

  /// The cell as a number: empty -> nullopt; text -> Error naming row and column.
  std::optional<double> number(std::size_t row, std::string_view column_name) const;
  /// The cell as text: numbers are printed shortest-exact, empty -> "".
  std::string text(std::size_t row, std::string_view column_name) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// A cell as it stands in a CSV file ('.' decimal, shortest form that reads back exactly, empty for not
/// measured or not finite).
std::string to_text(const Cell& value);

}  // namespace sinterscope
