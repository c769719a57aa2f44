// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pages of a TIFF file before any pixel is decoded: which belong together as a stack, of which number
// type they are, and whether the file can hold what they announce.

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "sinterscope/io/sample_type.h"
#include "sinterscope/io/tiff_directory.h"

namespace sinterscope {

// What makes two pages pages of one stack.
struct TiffPageFormat {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int bits = 1;
  int samples = 1;
  int sample_format = 1;
  int photometric = 1;
  int compression = 1;
  int planar = 1;

  bool operator<(const TiffPageFormat& other) const { return key() < other.key(); }

 private:
  std::tuple<std::uint64_t, std::uint64_t, int, int, int, int> key() const {
    return {width, height, bits, samples, sample_format, photometric};
  }
};

struct TiffPage {
  std::uint64_t offset = 0;
  TiffPageFormat format;
  bool thumbnail = false;
};

/// Throws Error for an impossible size.
TiffPage read_tiff_page(const TiffStructure& tiff, std::uint64_t offset);

/// "480 x 640", or "480 x 640 x 3" with samples.
std::string shape_text(const TiffPageFormat& format);

/// The number type of the samples; Error for types that are not supported.
SampleType sample_type_of(const InputFile& file, const TiffPageFormat& format);

/// Indices of the largest group of equal pages, one sample a pixel before several; thumbnails only where
/// there is nothing else.
std::vector<std::size_t> pages_of_stack(const std::vector<TiffPage>& pages);

/// Throws Error unless the strips or tiles of a page lie in the file and can hold its pixels: before anything
/// is allocated.
void check_storage(const TiffStructure& tiff, const TiffPage& page, std::size_t sample_bytes);

}  // namespace sinterscope
