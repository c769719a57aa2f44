// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_page.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <map>
#include <utility>

namespace sinterscope {

TiffPage read_tiff_page(const TiffStructure& tiff, std::uint64_t offset) {
  const TiffDirectory directory = tiff.directory(offset);
  const auto value = [&](std::uint16_t tag, double otherwise) {
    return tiff.number(directory, tag).value_or(otherwise);
  };
  const auto whole = [&](std::uint16_t tag, double otherwise) {
    return static_cast<int>(std::clamp(value(tag, otherwise), 0.0, 1e9));
  };
  TiffPage page;
  page.offset = offset;
  page.format.width = static_cast<std::uint64_t>(std::clamp(value(256, 0), 0.0, 1e15));
  page.format.height = static_cast<std::uint64_t>(std::clamp(value(257, 0), 0.0, 1e15));
  page.format.bits = whole(258, 1);
  page.format.samples = whole(277, 1);
  page.format.sample_format = whole(339, 1);
  page.format.photometric = whole(262, 1);
  page.format.compression = whole(259, 1);
  page.format.planar = whole(284, 1);
  page.thumbnail = (whole(254, 0) & 1) != 0;
  constexpr std::uint64_t longest_side = 1U << 20U;
  if (page.format.width == 0 || page.format.height == 0 || page.format.width > longest_side ||
      page.format.height > longest_side)
    throw tiff.file().error(
        fmt::format("page at offset {} is {} x {} pixels: not a possible image size, the file is damaged",
                    offset, page.format.width, page.format.height));
  return page;
}

std::string shape_text(const TiffPageFormat& format) {
  return format.samples == 1 ? fmt::format("{} x {}", format.height, format.width)
                             : fmt::format("{} x {} x {}", format.height, format.width, format.samples);
}

SampleType sample_type_of(const InputFile& file, const TiffPageFormat& format) {
  static const std::map<std::pair<int, int>, SampleType> known{
      {{1, 8}, SampleType::u8},   {{1, 16}, SampleType::u16}, {{1, 32}, SampleType::u32},
      {{1, 64}, SampleType::u64}, {{2, 8}, SampleType::i8},   {{2, 16}, SampleType::i16},
      {{2, 32}, SampleType::i32}, {{2, 64}, SampleType::i64}, {{3, 16}, SampleType::f16},
      {{3, 32}, SampleType::f32}, {{3, 64}, SampleType::f64}};
  // SampleFormat 4 is "undefined": readers take it as unsigned.
  const int sample_format = format.sample_format == 4 ? 1 : format.sample_format;
  const auto found = known.find({sample_format, format.bits});
  if (found == known.end())
    throw file.error(fmt::format(
        "pixels of {} bits, sample format {}{}, are not supported: convert to 8, 16 or 32 bits", format.bits,
        format.sample_format, format.sample_format >= 5 ? " (complex numbers)" : ""));
  return found->second;
}

std::vector<std::size_t> pages_of_stack(const std::vector<TiffPage>& pages) {
  std::map<std::pair<bool, TiffPageFormat>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < pages.size(); ++i) groups[{pages[i].thumbnail, pages[i].format}].push_back(i);
  const auto rank = [](const auto& group) {
    return std::tuple(!group.first.first, group.first.second.samples == 1, group.second.size());
  };
  const auto best = std::max_element(groups.begin(), groups.end(),
                                     [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return best == groups.end() ? std::vector<std::size_t>{} : best->second;
}

void check_storage(const TiffStructure& tiff, const TiffPage& page, std::size_t sample_bytes) {
  constexpr std::uint64_t largest_expansion = 4000;  // deflate reaches 1032, LZW 2700
  const TiffDirectory directory = tiff.directory(page.offset);
  const bool tiled = directory.find(324) != nullptr;
  const std::vector<std::uint64_t> offsets = tiff.integers(directory, tiled ? 324 : 273);
  std::vector<std::uint64_t> counts = tiff.integers(directory, tiled ? 325 : 279);
  const std::uint64_t decoded =
      page.format.width * page.format.height * static_cast<std::uint64_t>(page.format.samples) * sample_bytes;
  const bool plain = page.format.compression == COMPRESSION_NONE;
  if (counts.empty() && plain && offsets.size() == 1) counts = {decoded};  // allowed to be left out
  if (offsets.empty() || offsets.size() != counts.size())
    throw tiff.file().error(fmt::format("page at offset {}: {} strip offsets for {} strip sizes", page.offset,
                                        offsets.size(), counts.size()));
  std::uint64_t stored = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] > tiff.file().size() || counts[i] > tiff.file().size() - offsets[i])
      tiff.file().require(offsets[i], counts[i], fmt::format("page at offset {}: strip {}", page.offset, i));
    stored += counts[i];
  }
  if (plain ? stored < decoded : stored < decoded / largest_expansion)
    throw tiff.file().error(
        fmt::format("page at offset {}: {} stored bytes cannot hold {} x {} pixels: damaged or truncated",
                    page.offset, stored, page.format.width, page.format.height));
}

}  // namespace sinterscope
