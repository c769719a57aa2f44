// SPDX-License-Identifier: GPL-3.0-or-later
#include "zip_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "little_endian.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr std::uint16_t dos_date = 0x21;  // 1 January 1980, the first one it knows
constexpr std::uint64_t largest_32 = 0xFFFFFFFF;
constexpr std::uint64_t largest_16 = 0xFFFF;

std::string word(std::uint64_t value) { return little(static_cast<std::uint16_t>(value)); }
std::string dword(std::uint64_t value) { return little(static_cast<std::uint32_t>(value)); }

}  // namespace

ZipWriter::ZipWriter(const std::filesystem::path& path)
    : name_(path.string()), output_(path), stream_(output_.temporary_path(), std::ios::binary) {}

void ZipWriter::append(const std::string& bytes) {
  stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream_) throw Error(fmt::format("{}: ZIP: cannot be written: is the disk full?", name_));
  position_ += bytes.size();
}

void ZipWriter::add(const std::string& name, const std::string& content) {
  if (position_ > largest_32 - content.size() - name.size() - 64)
    throw Error(fmt::format("{}: ZIP: more than 4 GB: write fewer files", name_));
  const auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  // version 2.0, UTF-8 names, stored as it is, date, checksum, sizes, length of name, no extra field
  const std::string shared = word(20) + word(0x800) + word(0) + word(0) + word(dos_date) + dword(checksum) +
                             dword(content.size()) + dword(content.size()) + word(name.size()) + word(0);
  directory_ +=
      "PK\x01\x02" + word(20) + shared + word(0) + word(0) + word(0) + dword(0) + dword(position_) + name;
  append("PK\x03\x04" + shared + name + content);
  ++count_;
}

void ZipWriter::finish() {
  const std::uint64_t start = position_;
  append(directory_);
  if (count_ >= largest_16) {
    const std::uint64_t record = position_;
    append("PK\x06\x06" + little<std::uint64_t>(44) + word(45) + word(45) + dword(0) + dword(0) +
           little(count_) + little(count_) + little<std::uint64_t>(directory_.size()) + little(start));
    append("PK\x06\x07" + dword(0) + little(record) + dword(1));
  }
  const std::uint64_t told = std::min(count_, largest_16);
  append("PK\x05\x06" + word(0) + word(0) + word(told) + word(told) + dword(directory_.size()) +
         dword(start) + word(0));
  stream_.close();
  if (!stream_) throw Error(fmt::format("{}: ZIP: cannot be written to its end: is the disk full?", name_));
  output_.commit();
}

}  // namespace sinterscope
