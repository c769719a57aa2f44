// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/dm_tags.h"

#include <fmt/format.h>

#include "sinterscope/io/file_cursor.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr int max_depth = 64;
constexpr std::size_t max_tags = 1000000;

// DM's numbers for its types.
enum DmType {
  dm_i16 = 2,
  dm_i32,
  dm_u16,
  dm_u32,
  dm_f32,
  dm_f64,
  dm_bool,
  dm_i8,
  dm_u8,
  dm_i64,
  dm_u64,
  dm_struct = 15,
  dm_string = 18,
  dm_array = 20
};

std::uint64_t bytes_of_simple(std::uint64_t type) {
  switch (type) {
    case dm_bool:
    case dm_i8:
    case dm_u8:
      return 1;
    case dm_i16:
    case dm_u16:
      return 2;
    case dm_i32:
    case dm_u32:
    case dm_f32:
      return 4;
    case dm_f64:
    case dm_i64:
    case dm_u64:
      return 8;
    default:
      return 0;
  }
}

class TagReader {
 public:
  TagReader(const InputFile& file, int version, ByteOrder values, std::uint64_t start)
      : cursor_(file, start), version_(version), values_(values) {}

  void read_group(DmTag& group, int depth) {
    if (depth > max_depth) throw error(fmt::format("tag groups lie more than {} deep: damaged", max_depth));
    group.kind = DmTag::Kind::group;
    cursor_.skip(2, "tag group flags");  // sorted, open
    const std::uint64_t count = structure_number("tag count");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto kind = cursor_.number<std::uint8_t>(ByteOrder::big, "tag kind");
      if (kind == 0) return;
      if (kind != 20 && kind != 21)
        throw error(fmt::format("tag kind {} is neither group nor data: damaged", kind));
      if (++tags_ > max_tags) throw error(fmt::format("holds more than {} tags", max_tags));
      DmTag tag;
      tag.name = utf8_from(
          cursor_.text(cursor_.number<std::uint16_t>(ByteOrder::big, "tag name length"), "tag name"));
      if (version_ == 4) cursor_.skip(8, "tag size");
      if (kind == 20)
        read_group(tag, depth + 1);
      else
        read_data(tag);
      group.children.push_back(std::move(tag));
    }
  }

 private:
  Error error(const std::string& message) const {
    return cursor_.file().error(fmt::format("{} at offset {}", message, cursor_.position()));
  }

  std::uint64_t structure_number(std::string_view field) {
    return version_ == 4 ? cursor_.number<std::uint64_t>(ByteOrder::big, field)
                         : cursor_.number<std::uint32_t>(ByteOrder::big, field);
  }

  void read_data(DmTag& tag) {
    if (cursor_.text(4, "tag mark") != "%%%%")
      throw error(fmt::format("tag '{}' lacks its mark %%%%: damaged", tag.name));
    const std::uint64_t words = structure_number("tag info length");
    const std::uint64_t after_info = cursor_.position() + words * (version_ == 4 ? 8 : 4);
    if (words == 0 || words > 10000)
      throw error(fmt::format("tag '{}' has {} info words: damaged", tag.name, words));
    const std::uint64_t type = structure_number("tag type");
    if (words == 1) {
      read_number(tag, type);
    } else if (type == dm_array) {
      const std::uint64_t item = item_bytes(tag);
      cursor_.seek(after_info - (version_ == 4 ? 8 : 4));  // the length stands last
      tag.length = structure_number("array length");
      tag.offset = cursor_.position();
      skip_items(tag, item, tag.length);
    } else if (type == dm_struct) {
      const std::uint64_t bytes = struct_bytes(tag);
      cursor_.seek(after_info);
      cursor_.skip(bytes, tag.name);
    } else if (type == dm_string) {
      cursor_.skip(structure_number("string length"), tag.name);
    } else {
      throw error(fmt::format("tag '{}' has the unknown type {}: damaged", tag.name, type));
    }
  }

  void read_number(DmTag& tag, std::uint64_t type) {
    tag.kind = DmTag::Kind::number;
    const auto read = [&]<typename Number>(Number) {
      return static_cast<double>(cursor_.number<Number>(values_, tag.name));
    };
    switch (type) {
      case dm_i16:
        tag.value = read(std::int16_t());
        break;
      case dm_u16:
        tag.value = read(std::uint16_t());
        break;
      case dm_i32:
        tag.value = read(std::int32_t());
        break;
      case dm_u32:
        tag.value = read(std::uint32_t());
        break;
      case dm_f32:
        tag.value = read(float());
        break;
      case dm_f64:
        tag.value = read(double());
        break;
      case dm_bool:
      case dm_u8:
        tag.value = read(std::uint8_t());
        break;
      case dm_i8:
        tag.value = read(std::int8_t());
        break;
      case dm_i64:
        tag.value = read(std::int64_t());
        break;
      case dm_u64:
        tag.value = read(std::uint64_t());
        break;
      default:
        throw error(fmt::format("tag '{}' has the unknown number type {}: damaged", tag.name, type));
    }
  }

  // The bytes of one item of an array; its info follows at the cursor.
  std::uint64_t item_bytes(DmTag& tag) {
    const std::uint64_t type = structure_number("array item type");
    if (type == dm_struct) return struct_bytes(tag);
    if (type == dm_array) {  // arrays of arrays: the inner length is part of the item
      const std::uint64_t inner = item_bytes(tag);
      tag.kind = DmTag::Kind::other;
      const std::uint64_t length = structure_number("inner array length");
      std::uint64_t bytes = 0;
      if (__builtin_mul_overflow(inner, length, &bytes))
        throw error(fmt::format("array '{}' overflows: damaged", tag.name));
      return bytes;
    }
    tag.kind = DmTag::Kind::array;
    tag.type = static_cast<int>(type);
    const std::uint64_t bytes = bytes_of_simple(type);
    if (bytes == 0)
      throw error(fmt::format("array '{}' has the unknown item type {}: damaged", tag.name, type));
    return bytes;
  }

  std::uint64_t struct_bytes(const DmTag& tag) {
    structure_number("struct name length");
    const std::uint64_t fields = structure_number("struct field count");
    if (fields > 4096) throw error(fmt::format("struct '{}' has {} fields: damaged", tag.name, fields));
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < fields; ++i) {
      structure_number("field name length");
      const std::uint64_t type = structure_number("field type");
      if (bytes_of_simple(type) == 0)
        throw error(fmt::format("struct '{}' has a field of the unknown type {}: damaged", tag.name, type));
      bytes += bytes_of_simple(type);
    }
    return bytes;
  }

  void skip_items(const DmTag& tag, std::uint64_t item, std::uint64_t count) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(item, count, &bytes))
      throw error(fmt::format("array '{}' of {} items overflows: damaged", tag.name, count));
    cursor_.skip(bytes, fmt::format("array '{}'", tag.name));
  }

  FileCursor cursor_;
  int version_;
  ByteOrder values_;
  std::size_t tags_ = 0;
};

}  // namespace

bool is_dm(std::string_view head) {
  if (head.size() < 16) return false;
  const auto version = number_from<std::uint32_t>(head.data(), ByteOrder::big);
  if (version != 3 && version != 4) return false;
  return number_from<std::uint32_t>(head.data() + (version == 3 ? 8 : 12), ByteOrder::big) <= 1;
}

const DmTag* DmTag::find(std::string_view path) const {
  const std::size_t dot = path.find('.');
  const std::string_view step = path.substr(0, dot);
  const DmTag* next = nullptr;
  const auto index = whole_number(step);
  if (index && *index >= 0 && *index < static_cast<double>(children.size())) {
    next = &children[static_cast<std::size_t>(*index)];
  } else {
    for (const DmTag& child : children)
      if (child.name == step) {
        next = &child;
        break;
      }
  }
  return next == nullptr || dot == path.npos ? next : next->find(path.substr(dot + 1));
}

std::optional<double> DmTag::number(std::string_view path) const {
  const DmTag* tag = find(path);
  return tag != nullptr && tag->kind == Kind::number ? std::optional(tag->value) : std::nullopt;
}

DmFile::DmFile(const std::filesystem::path& path) : file(path, "DM") {
  version = static_cast<int>(file.number<std::uint32_t>(0, ByteOrder::big, "version"));
  if (version != 3 && version != 4)
    throw file.error(fmt::format("version {} at offset 0 is not 3 or 4", version));
  const std::uint64_t at = version == 3 ? 8 : 12;
  const auto mark = file.number<std::uint32_t>(at, ByteOrder::big, "byte order");
  if (mark > 1) throw file.error(fmt::format("byte order mark {} at offset {} is not 0 or 1", mark, at));
  order = mark == 1 ? ByteOrder::little : ByteOrder::big;
  TagReader(file, version, order, at + 4).read_group(root, 0);
}

std::string DmFile::text(const DmTag& root_of_path, std::string_view path) const {
  constexpr std::uint64_t max_units = 4096;
  const DmTag* tag = root_of_path.find(path);
  if (tag == nullptr || tag->kind != DmTag::Kind::array || tag->type != dm_u16 || tag->length > max_units)
    return "";
  std::string units = file.text(tag->offset, tag->length * 2, tag->name);
  if (order == ByteOrder::big)
    for (std::size_t i = 0; i + 1 < units.size(); i += 2) std::swap(units[i], units[i + 1]);
  return utf8_from_utf16le(units);
}

}  // namespace sinterscope
