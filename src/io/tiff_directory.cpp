// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_directory.h"

#include <fmt/format.h>

#include <unordered_set>

namespace sinterscope {
namespace {

constexpr std::uint64_t max_pages = 1U << 24U;
constexpr std::uint64_t max_text = 64U << 20U;

// Bytes of one value of a TIFF type; 0 = unknown type.
std::uint64_t bytes_of_type(std::uint16_t type) {
  constexpr std::array<unsigned char, 19> sizes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < sizes.size() ? sizes[type] : 0;
}

}  // namespace

bool is_tiff(std::string_view head) {
  using namespace std::string_view_literals;
  const std::string_view mark = head.substr(0, 4);
  return mark == "II*\0"sv || mark == "MM\0*"sv || mark == "II+\0"sv || mark == "MM\0+"sv;
}

const TiffField* TiffDirectory::find(std::uint16_t tag) const {
  for (const TiffField& field : fields)
    if (field.tag == tag) return &field;
  return nullptr;
}

TiffStructure::TiffStructure(const std::filesystem::path& path) : file_(path, "TIFF") {
  const std::string head = file_.text(0, 4, "header");
  if (!is_tiff(head)) throw file_.error("header at offset 0 is not that of a TIFF file");
  order_ = head.front() == 'M' ? ByteOrder::big : ByteOrder::little;
  big_ = head[2] == '+' || head[3] == '+';
  if (big_ && file_.number<std::uint16_t>(4, order_, "offset size") != 8)
    throw file_.error("BigTIFF offset size at offset 4 is not 8: damaged header");
  first_ = big_ ? file_.number<std::uint64_t>(8, order_, "first page offset")
                : file_.number<std::uint32_t>(4, order_, "first page offset");
}

std::vector<std::uint64_t> TiffStructure::pages() const {
  std::vector<std::uint64_t> offsets;
  std::unordered_set<std::uint64_t> seen;
  for (std::uint64_t at = first_; at != 0;) {
    if (!seen.insert(at).second)
      throw file_.error(
          fmt::format("page {} at offset {} was there before: the chain of pages runs in a circle, the "
                      "file is damaged",
                      offsets.size(), at));
    if (offsets.size() == max_pages) throw file_.error(fmt::format("holds more than {} pages", max_pages));
    offsets.push_back(at);
    const std::uint64_t count = big_ ? file_.number<std::uint64_t>(at, order_, "page directory")
                                     : file_.number<std::uint16_t>(at, order_, "page directory");
    if (count > 65535)
      throw file_.error(fmt::format("page directory at offset {} announces {} tags", at, count));
    at = big_ ? file_.number<std::uint64_t>(at + 8 + count * 20, order_, "next page offset")
              : file_.number<std::uint32_t>(at + 2 + count * 12, order_, "next page offset");
  }
  return offsets;
}

TiffDirectory TiffStructure::directory(std::uint64_t offset) const {
  TiffDirectory result;
  result.offset = offset;
  const std::uint64_t count = big_ ? file_.number<std::uint64_t>(offset, order_, "page directory")
                                   : file_.number<std::uint16_t>(offset, order_, "page directory");
  if (count > 65535)
    throw file_.error(fmt::format("page directory at offset {} announces {} tags", offset, count));
  const std::uint64_t entry_bytes = big_ ? 20 : 12;
  const std::uint64_t inline_bytes = big_ ? 8 : 4;
  const std::uint64_t start = offset + (big_ ? 8 : 2);
  const std::string entries = file_.text(start, count * entry_bytes, "page directory");
  result.fields.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* entry = entries.data() + i * entry_bytes;
    TiffField field;
    field.tag = number_from<std::uint16_t>(entry, order_);
    field.type = number_from<std::uint16_t>(entry + 2, order_);
    field.count =
        big_ ? number_from<std::uint64_t>(entry + 4, order_) : number_from<std::uint32_t>(entry + 4, order_);
    const std::uint64_t size = bytes_of_type(field.type);
    if (size == 0 || field.count > file_.size() / size)
      continue;  // unknown type, or more values than the file holds
    field.offset = field.count * size <= inline_bytes ? start + (i + 1) * entry_bytes - inline_bytes
                   : big_                             ? number_from<std::uint64_t>(entry + 12, order_)
                                                      : number_from<std::uint32_t>(entry + 8, order_);
    field.is_inline = field.count * size <= inline_bytes;
    if (field.is_inline)
      std::memcpy(field.inline_bytes.data(), entry + entry_bytes - inline_bytes, inline_bytes);
    result.fields.push_back(field);
  }
  return result;
}

std::optional<double> TiffStructure::number(const TiffDirectory& directory, std::uint16_t tag,
                                            std::uint64_t index) const {
  const TiffField* field = directory.find(tag);
  if (field == nullptr || index >= field->count) return std::nullopt;
  const std::uint64_t at = field->offset + index * bytes_of_type(field->type);
  const auto value = [&]<typename Number>(std::uint64_t offset, Number) {
    if (field->is_inline)
      return static_cast<double>(
          number_from<Number>(field->inline_bytes.data() + (offset - field->offset), order_));
    if (offset > file_.size() || sizeof(Number) > file_.size() - offset)
      file_.require(offset, sizeof(Number), fmt::format("tag {}", tag));
    return static_cast<double>(file_.number<Number>(offset, order_, "tag value"));
  };
  switch (field->type) {
    case 1:
    case 7:
      return value(at, std::uint8_t());
    case 3:
      return value(at, std::uint16_t());
    case 4:
    case 13:
      return value(at, std::uint32_t());
    case 6:
      return value(at, std::int8_t());
    case 8:
      return value(at, std::int16_t());
    case 9:
      return value(at, std::int32_t());
    case 11:
      return value(at, float());
    case 12:
      return value(at, double());
    case 16:
    case 18:
      return value(at, std::uint64_t());
    case 17:
      return value(at, std::int64_t());
    case 5:
    case 10: {
      const bool is_signed = field->type == 10;
      const double over = is_signed ? value(at, std::int32_t()) : value(at, std::uint32_t());
      const double under = is_signed ? value(at + 4, std::int32_t()) : value(at + 4, std::uint32_t());
      return under == 0.0 ? std::nullopt : std::optional(over / under);
    }
    default:
      return std::nullopt;
  }
}

std::vector<std::uint64_t> TiffStructure::integers(const TiffDirectory& directory, std::uint16_t tag) const {
  const TiffField* field = directory.find(tag);
  if (field == nullptr) return {};
  const std::uint64_t size = bytes_of_type(field->type);
  if (field->type != 3 && field->type != 4 && field->type != 16)
    throw file_.error(fmt::format("tag {} has type {}, not a whole number", tag, field->type));
  const std::string bytes = file_.text(field->offset, field->count * size, fmt::format("tag {}", tag));
  std::vector<std::uint64_t> values(field->count);
  for (std::uint64_t i = 0; i < field->count; ++i) {
    const char* at = bytes.data() + i * size;
    values[i] = size == 2   ? number_from<std::uint16_t>(at, order_)
                : size == 4 ? number_from<std::uint32_t>(at, order_)
                            : number_from<std::uint64_t>(at, order_);
  }
  return values;
}

std::string TiffStructure::text(const TiffDirectory& directory, std::uint16_t tag) const {
  std::string result;
  for (const TiffField& field : directory.fields) {
    const std::uint64_t bytes = field.count * bytes_of_type(field.type);
    if (field.tag != tag || bytes > max_text) continue;
    if (!result.empty()) result.push_back('\n');
    result += file_.text(field.offset, bytes, fmt::format("tag {}", tag));
  }
  return result;
}

}  // namespace sinterscope
