// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/table_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <ostream>
#include <set>

#include "sinterscope/core/error.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

struct Field {
  std::string text;
  bool quoted = false;
};

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result.push_back('"');
    result.push_back(c);
  }
  return result + "\"";
}

std::string field_of(const Cell& cell) {
  const std::string text = to_text(cell);
  const bool special = text.find_first_of(",\"\r\n#") != text.npos || trimmed(text) != text;
  return special ? quoted(text) : text;
}

Cell cell_of(const Field& field) {
  if (field.quoted) return field.text;
  const std::string_view text = trimmed(field.text);
  if (text.empty()) return {};
  std::int64_t integer = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (failure == std::errc() && end == text.data() + text.size()) return integer;
  if (const auto number = whole_number(text)) return *number;
  return std::string(text);
}

// Cuts a CSV text into records of fields; a quoted field may hold line ends.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  std::size_t line() const { return record_line_; }

  /// The next record that is neither blank nor a comment.
  std::optional<std::vector<Field>> next() {
    while (at_ < text_.size()) {
      record_line_ = line_;
      if (text_[at_] == '#') {
        skip_line();
        continue;
      }
      std::vector<Field> record = read_record();
      if (record.size() > 1 || record.front().quoted || !trimmed(record.front().text).empty()) return record;
    }
    return std::nullopt;
  }

 private:
  void skip_line() {
    const std::size_t end = text_.find('\n', at_);
    at_ = end == text_.npos ? text_.size() : end + 1;
    ++line_;
  }

  std::vector<Field> read_record() {
    std::vector<Field> record(1);
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == ',') {
        record.emplace_back();
      } else if (c == '\n') {
        ++line_;
        break;
      } else if (c == '"' && trimmed(record.back().text).empty() && !record.back().quoted) {
        record.back() = {read_quoted(), true};
      } else if (c != '\r' && (!record.back().quoted || c != ' ')) {
        record.back().text.push_back(c);
      }
    }
    return record;
  }

  std::string read_quoted() {
    std::string text;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (c != '"') {
        text.push_back(c);
      } else if (at_ < text_.size() && text_[at_] == '"') {
        text.push_back('"');
        ++at_;
      } else {
        return text;
      }
    }
    throw Error(fmt::format("{}: line {}: a quote is opened and not closed", name_, record_line_));
  }

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
};

void write_row(std::ostream& out, const std::vector<Cell>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) out << (i == 0 ? "" : ",") << field_of(cells[i]);
  out << '\n';
}

void write_header(std::ostream& out, const std::vector<std::string>& columns) {
  write_row(out, std::vector<Cell>(columns.begin(), columns.end()));
}

}  // namespace

void write_csv(const std::filesystem::path& path, const Table& table,
               const std::vector<std::string>& comments) {
  write_file(path, [&](std::ostream& out) {
    for (const std::string& comment : comments) out << "# " << comment << '\n';
    write_header(out, table.columns());
    for (const std::vector<Cell>& row : table.rows()) write_row(out, row);
  });
}

void write_csv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::function<void(const RowSink&)>& rows) {
  write_file(path, [&](std::ostream& out) {
    write_header(out, columns);
    rows([&](const std::vector<Cell>& row) {
      if (row.size() != columns.size())
        throw Error(
            fmt::format("{}: a row has {} cells for {} columns", path.string(), row.size(), columns.size()));
      write_row(out, row);
    });
  });
}

Table read_csv(const std::filesystem::path& path) {
  const std::string bytes = read_text_file(path, 4ULL << 30U);
  const bool marked = bytes.compare(0, 3, "\xEF\xBB\xBF") == 0;
  CsvReader reader(std::string_view(bytes).substr(marked ? 3 : 0), path.string());
  const auto header = reader.next();
  if (!header) throw Error(fmt::format("{}: no header row: the file holds no table", path.string()));
  std::vector<std::string> columns;
  for (const Field& field : *header) {
    std::string name = field.quoted ? field.text : std::string(trimmed(field.text));
    if (std::find(columns.begin(), columns.end(), name) != columns.end())
      throw Error(fmt::format("{}: line {}: column '{}' is named twice", path.string(), reader.line(), name));
    columns.push_back(std::move(name));
  }
  Table table(columns);
  while (const auto record = reader.next()) {
    if (record->size() != columns.size())
      throw Error(fmt::format("{}: line {}: {} cells for {} columns", path.string(), reader.line(),
                              record->size(), columns.size()));
    std::vector<Cell> cells;
    for (const Field& field : *record) cells.push_back(cell_of(field));
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace sinterscope
