// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {

void Table::add_row(std::vector<Cell> row) {
  if (row.size() != columns_.size())
    throw Error(
        fmt::format("table row {} has {} cells for {} columns", rows_.size(), row.size(), columns_.size()));
  rows_.push_back(std::move(row));
}

bool Table::has_column(std::string_view name) const {
  return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

std::size_t Table::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end())
    throw Error(fmt::format("no column '{}' (nearest: '{}'; columns are: {})", name,
                            nearest_name(name, columns_), fmt::join(columns_, ",")));
  return static_cast<std::size_t>(found - columns_.begin());
}

std::optional<double> Table::number(std::size_t row, std::string_view column_name) const {
  const Cell& value = rows_.at(row)[column(column_name)];
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* word = std::get_if<std::string>(&value))
    throw Error(fmt::format("row {}, column '{}': '{}' is not a number", row + 1, column_name, *word));
  return std::nullopt;
}

std::string Table::text(std::size_t row, std::string_view column_name) const {
  return to_text(rows_.at(row)[column(column_name)]);
}

std::string to_text(const Cell& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* number = std::get_if<double>(&value))
    return std::isfinite(*number) ? fmt::format("{}", *number) : "";
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return "";
}

}  // namespace sinterscope
