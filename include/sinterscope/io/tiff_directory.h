// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The tag structure of a TIFF or BigTIFF file, read by our own walk: private tags of microscope makers need
// no registration, a chain of 100,000 pages is walked in one pass, and loops and offsets beyond the file are
// errors with an offset. Pixels are decoded elsewhere, by libtiff. Layout: Adobe, TIFF Revision 6.0 (1992);
// BigTIFF: Adobe/libtiff.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/io/input_file.h"

namespace sinterscope {

struct TiffField {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  std::uint64_t offset = 0;  ///< of the values in the file, wherever they stand
  bool is_inline = false;    ///< they stand in the entry itself, and here
  std::array<char, 8> inline_bytes{};
};

struct TiffDirectory {
  std::uint64_t offset = 0;
  std::uint64_t next = 0;
  std::vector<TiffField> fields;  ///< in file order

  const TiffField* find(std::uint16_t tag) const;
};

/// Whether these first bytes are those of a TIFF or BigTIFF file.
bool is_tiff(std::string_view head);

class TiffStructure {
 public:
  /// Opens and reads the header. Throws Error if it is no TIFF.
  explicit TiffStructure(const std::filesystem::path& path);

  const InputFile& file() const { return file_; }
  ByteOrder order() const { return order_; }

  /// Offsets of all pages. Throws Error for a loop in the chain or a directory outside the file.
  std::vector<std::uint64_t> pages() const;
  TiffDirectory directory(std::uint64_t offset) const;

  /// Number `index` of the field as double; empty where tag or number is missing, no number, or n/0.
  std::optional<double> number(const TiffDirectory& directory, std::uint16_t tag,
                               std::uint64_t index = 0) const;
  /// All whole numbers of a field (strip offsets and the like); empty where the tag is missing.
  std::vector<std::uint64_t> integers(const TiffDirectory& directory, std::uint16_t tag) const;
  /// Raw bytes of every field with this tag, one after the other (some writers repeat ImageDescription).
  std::string text(const TiffDirectory& directory, std::uint16_t tag) const;

 private:
  InputFile file_;
  ByteOrder order_ = ByteOrder::little;
  bool big_ = false;
  std::uint64_t first_ = 0;
};

}  // namespace sinterscope
