// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The tag tree of a DigitalMicrograph file (Gatan DM3 and DM4), without its pixels.
//
// Header and structure are big-endian; the values follow the byte order that the header tells. DM4 has 64-bit
// counts and a byte size after each name. Arrays are noted (offset, type, length), not read. Depth is capped
// at 64, tags at one million. Structure: as the files and the readers RosettaSciIO, ncempy and Bio-Formats
// show it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinterscope/io/input_file.h"
#include "sinterscope/io/sample_type.h"

namespace sinterscope {

struct DmTag {
  enum class Kind { group, number, array, other };

  std::string name;  ///< UTF-8; empty for items of a list
  Kind kind = Kind::other;
  std::vector<DmTag> children;  ///< of a group
  double value = 0.0;           ///< of a number
  // of an array
  int type = 0;  ///< DM's own type number
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  /// The tag at a path of names, items of a list by their number: "ImageData.Calibrations.Dimension.0.Scale".
  const DmTag* find(std::string_view path) const;
  /// The number there, or empty.
  std::optional<double> number(std::string_view path) const;
};

/// Whether these first bytes are those of a DM3 or DM4 file.
bool is_dm(std::string_view head);

struct DmFile {
  explicit DmFile(const std::filesystem::path& path);

  /// The text of an array of 16-bit units; empty for anything else.
  std::string text(const DmTag& root_of_path, std::string_view path) const;

  InputFile file;
  int version = 3;
  ByteOrder order = ByteOrder::little;  ///< of values and pixels
  DmTag root;
};

}  // namespace sinterscope
