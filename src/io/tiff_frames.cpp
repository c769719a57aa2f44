// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_frames.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/gray.h"
#include "sinterscope/io/sample_type.h"
#include "sinterscope/io/tiff_calibration.h"

namespace sinterscope {
namespace {

// libtiff speaks through one callback a process; the message is kept per thread and told with our own error.
thread_local std::string last_libtiff_message;

void keep_message(const char* module, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  last_libtiff_message = fmt::format("{}: {}", module == nullptr ? "libtiff" : module, text.data());
}

void silence_libtiff() {
  static std::once_flag once;
  std::call_once(once, [] {
    TIFFSetErrorHandler(&keep_message);
    TIFFSetWarningHandler(nullptr);  // it warns of every private tag
  });
}

// What makes two pages pages of one stack.
struct PageFormat {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int bits = 1;
  int samples = 1;
  int sample_format = 1;
  int photometric = 1;
  int compression = 1;
  int planar = 1;

  bool operator<(const PageFormat& other) const { return key() < other.key(); }

 private:
  std::tuple<std::uint64_t, std::uint64_t, int, int, int, int> key() const {
    return {width, height, bits, samples, sample_format, photometric};
  }
};

struct Page {
  std::uint64_t offset = 0;
  PageFormat format;
  bool thumbnail = false;
};

Page read_page(const TiffStructure& tiff, std::uint64_t offset) {
  const TiffDirectory directory = tiff.directory(offset);
  const auto value = [&](std::uint16_t tag, double otherwise) {
    return tiff.number(directory, tag).value_or(otherwise);
  };
  const auto whole = [&](std::uint16_t tag, double otherwise) {
    return static_cast<int>(std::clamp(value(tag, otherwise), 0.0, 1e9));
  };
  Page page;
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

std::string shape_text(const PageFormat& format) {
  return format.samples == 1 ? fmt::format("{} x {}", format.height, format.width)
                             : fmt::format("{} x {} x {}", format.height, format.width, format.samples);
}

SampleType sample_type(const InputFile& file, const PageFormat& format) {
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

// The largest group of equal pages, one sample a pixel before several; thumbnails only where there is nothing
// else.
std::vector<std::size_t> pages_of_stack(const std::vector<Page>& pages) {
  std::map<std::pair<bool, PageFormat>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < pages.size(); ++i) groups[{pages[i].thumbnail, pages[i].format}].push_back(i);
  const auto rank = [](const auto& group) {
    return std::tuple(!group.first.first, group.first.second.samples == 1, group.second.size());
  };
  const auto best = std::max_element(groups.begin(), groups.end(),
                                     [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return best == groups.end() ? std::vector<std::size_t>{} : best->second;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

// libtiff handles carry a position: each load borrows one of its own.
class TiffHandles {
 public:
  explicit TiffHandles(std::filesystem::path path) : path_(std::move(path)) {}

  TiffHandle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        TiffHandle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    TiffHandle handle(TIFFOpen(path_.c_str(), "r"));
    if (!handle) throw Error(last_libtiff_message);
    return handle;
  }
  void give(TiffHandle handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

 private:
  std::filesystem::path path_;
  std::mutex mutex_;
  std::vector<TiffHandle> idle_;
};

void read_strips(TIFF* tiff, const PageFormat& format, std::size_t sample_bytes, unsigned char* target,
                 int planes) {
  const std::size_t row_bytes =
      format.width * sample_bytes * static_cast<std::size_t>(planes == 1 ? format.samples : 1);
  std::uint32_t rows_per_strip = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
  rows_per_strip = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows_per_strip, 1, format.height));
  const auto strips = static_cast<std::uint32_t>((format.height + rows_per_strip - 1) / rows_per_strip);
  for (int plane = 0; plane < planes; ++plane)
    for (std::uint32_t strip = 0; strip < strips; ++strip) {
      const std::uint64_t first_row = static_cast<std::uint64_t>(strip) * rows_per_strip;
      const std::uint64_t rows = std::min<std::uint64_t>(rows_per_strip, format.height - first_row);
      const auto bytes = static_cast<tmsize_t>(rows * row_bytes);
      const std::uint32_t number = static_cast<std::uint32_t>(plane) * strips + strip;
      unsigned char* to =
          target + (static_cast<std::uint64_t>(plane) * format.height + first_row) * row_bytes;
      if (TIFFReadEncodedStrip(tiff, number, to, bytes) != bytes)
        throw Error(
            fmt::format("strip {} of {} cannot be decoded ({})", number, strips, last_libtiff_message));
    }
}

void read_tiles(TIFF* tiff, const PageFormat& format, std::size_t sample_bytes, unsigned char* target,
                int planes) {
  const std::size_t pixel_bytes = sample_bytes * static_cast<std::size_t>(planes == 1 ? format.samples : 1);
  std::uint32_t tile_width = 0;
  std::uint32_t tile_height = 0;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tile_height);
  if (tile_width == 0 || tile_height == 0 || tile_width > 2 * format.width + 4096 ||
      tile_height > 2 * format.height + 4096)
    throw Error(fmt::format("tiles of {} x {} pixels: damaged", tile_width, tile_height));
  const std::size_t tile_row = tile_width * pixel_bytes;
  std::vector<unsigned char> tile(tile_row * tile_height);
  for (int plane = 0; plane < planes; ++plane)
    for (std::uint64_t y = 0; y < format.height; y += tile_height)
      for (std::uint64_t x = 0; x < format.width; x += tile_width) {
        const std::uint32_t number =
            TIFFComputeTile(tiff, static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0,
                            static_cast<std::uint16_t>(plane));
        const auto bytes = static_cast<tmsize_t>(tile.size());
        if (TIFFReadEncodedTile(tiff, number, tile.data(), bytes) != bytes)
          throw Error(fmt::format("tile {} cannot be decoded ({})", number, last_libtiff_message));
        const std::size_t columns = std::min<std::uint64_t>(tile_width, format.width - x) * pixel_bytes;
        for (std::uint64_t row = y; row < std::min<std::uint64_t>(y + tile_height, format.height); ++row)
          std::copy_n(
              tile.data() + (row - y) * tile_row, columns,
              target + ((static_cast<std::uint64_t>(plane) * format.height + row) * format.width + x) *
                           pixel_bytes);
      }
}

// The samples of one page, channels interleaved.
cv::Mat decode_page(TIFF* tiff, const Page& page, SampleType type) {
  const PageFormat& format = page.format;
  last_libtiff_message.clear();
  if (TIFFSetSubDirectory(tiff, page.offset) == 0)
    throw Error(
        fmt::format("page directory at offset {} cannot be read ({})", page.offset, last_libtiff_message));
  if (format.compression == COMPRESSION_JPEG) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const int planes = format.planar == PLANARCONFIG_SEPARATE ? format.samples : 1;
  const int rows = static_cast<int>(format.height);
  const int columns = static_cast<int>(format.width);
  // Planes of a planar image stand below each other, samples of an interleaved one beside each other.
  const int all_rows = rows * planes;
  const int all_columns = columns * (planes == 1 ? format.samples : 1);
  const auto read = TIFFIsTiled(tiff) != 0 ? &read_tiles : &read_strips;
  cv::Mat samples;
  if (matrix_holds(type)) {
    samples.create(all_rows, all_columns, depth_of(type));
    read(tiff, format, bytes_of(type), samples.data, planes);
  } else {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(all_rows) *
                                     static_cast<std::size_t>(all_columns) * bytes_of(type));
    read(tiff, format, bytes_of(type), bytes.data(), planes);
    samples = matrix_from_bytes(bytes.data(), all_rows, all_columns, type, machine_order);
  }
  if (planes == 1) return samples.reshape(format.samples, rows);
  std::vector<cv::Mat> channels;
  for (int plane = 0; plane < planes; ++plane)
    channels.push_back(samples.rowRange(plane * rows, (plane + 1) * rows));
  cv::Mat merged;
  cv::merge(channels, merged);
  return merged;
}

// Throws unless the strips or tiles of a page lie in the file and can hold its pixels, before anything is
// allocated.
void check_storage(const TiffStructure& tiff, const Page& page, std::size_t sample_bytes) {
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
    tiff.file().require(offsets[i], counts[i], fmt::format("page at offset {}: strip {}", page.offset, i));
    stored += counts[i];
  }
  if (plain ? stored < decoded : stored < decoded / largest_expansion)
    throw tiff.file().error(
        fmt::format("page at offset {}: {} stored bytes cannot hold {} x {} pixels: damaged or truncated",
                    page.offset, stored, page.format.width, page.format.height));
}

// White is zero: turned, so that bright is high.
cv::Mat inverted(const cv::Mat& pixels, SampleType type) {
  const double top = type == SampleType::u8 ? 255.0 : type == SampleType::u16 ? 65535.0 : 4294967295.0;
  cv::Mat result;
  pixels.convertTo(result, pixels.depth(), -1.0, top);
  return result;
}

class TiffFrames final : public FileFrames {
 public:
  TiffFrames(const std::filesystem::path& path, const OpenOptions& options)
      : FileFrames(path, options), structure_(path), handles_(path) {
    silence_libtiff();
    description_.format = "TIFF";
    find_pages();
    const PageFormat& format = pages_.front().format;
    type_ = sample_type(structure_.file(), format);
    description_.dtype = name_of(type_);
    const TiffDirectory directory = structure_.directory(pages_.front().offset);
    const TiffImageSize size{static_cast<int>(std::min<std::uint64_t>(format.width, 1U << 30U)),
                             static_cast<int>(std::min<std::uint64_t>(format.height, 1U << 30U))};
    TiffMetadata metadata = read_tiff_metadata(structure_, directory, size);
    if (!metadata.not_an_image.empty())
      throw error(fmt::format("is {}, not a real-space image: there are no particles to measure in it",
                              metadata.not_an_image));
    find_contiguous_stack(metadata, directory);
    check_photometric(format, directory);
    set_shape(contiguous_ ? static_cast<std::uint64_t>(metadata.images) : pages_.size(), format.width,
              format.height, bytes_of(type_) * static_cast<std::size_t>(format.samples),
              metadata.info_bar_rows);
    check_storage(structure_, pages_.front(), bytes_of(type_));
    choose_channel(metadata);
    description_.calibration = std::move(metadata.calibration);
    description_.frame_interval_s = metadata.frame_interval_s;
    description_.detector = std::move(metadata.detector);
    for (std::string& warning : metadata.warnings) description_.warnings.push_back(std::move(warning));
    if (format.samples >= 3 && to_gray(decode(pages_.front())).coloured)
      description_.warnings.emplace_back("colour image: its luminance is taken as intensity");
  }

 private:
  void find_pages() {
    std::vector<Page> all;
    for (const std::uint64_t offset : structure_.pages()) all.push_back(read_page(structure_, offset));
    const std::vector<std::size_t> chosen = pages_of_stack(all);
    if (chosen.empty()) throw error("holds no page");
    for (const std::size_t i : chosen) pages_.push_back(all[i]);
    const PageFormat& format = pages_.front().format;
    const std::string name = name_of(sample_type(structure_.file(), format));
    description_.datasets.push_back(
        {"pages", fmt::format("{} x {}", pages_.size(), shape_text(format)), name, true, ""});
    std::size_t listed = 0;
    for (std::size_t i = 0; i < all.size() && listed < 20; ++i) {
      if (std::binary_search(chosen.begin(), chosen.end(), i)) continue;
      description_.datasets.push_back(
          {fmt::format("page {}", i), shape_text(all[i].format), fmt::format("{} bit", all[i].format.bits),
           false, all[i].thumbnail ? "thumbnail" : "other shape or type than the stack"});
      ++listed;
    }
    if (chosen.size() < all.size())
      description_.warnings.push_back(
          fmt::format("{} of {} pages have another shape or are thumbnails: left out",
                      all.size() - chosen.size(), all.size()));
  }

  // ImageJ writes large stacks with one directory: the other frames follow the first without a gap.
  void find_contiguous_stack(const TiffMetadata& metadata, const TiffDirectory& directory) {
    const PageFormat& format = pages_.front().format;
    if (metadata.images < 2 || pages_.size() != 1 || format.compression != COMPRESSION_NONE ||
        format.samples != 1)
      return;
    const std::vector<std::uint64_t> offsets = structure_.integers(directory, 273);
    if (offsets.empty()) return;
    const std::uint64_t frame_bytes = format.width * format.height * bytes_of(type_);
    const InputFile& file = structure_.file();
    if (frame_bytes == 0 || offsets.front() > file.size() ||
        static_cast<std::uint64_t>(metadata.images) > (file.size() - offsets.front()) / frame_bytes)
      throw error(fmt::format(
          "ImageJ announces images={}, but the file has room for {} frames of {} x {} from offset {}: "
          "truncated, copy it again",
          metadata.images,
          frame_bytes == 0 || offsets.front() > file.size() ? 0
                                                            : (file.size() - offsets.front()) / frame_bytes,
          format.width, format.height, offsets.front()));
    contiguous_ = true;
    first_byte_ = offsets.front();
    description_.datasets.front().shape = fmt::format("{} x {}", metadata.images, shape_text(format));
  }

  void check_photometric(const PageFormat& format, const TiffDirectory& directory) {
    const bool jpeg_colour =
        format.photometric == PHOTOMETRIC_YCBCR && format.compression == COMPRESSION_JPEG;
    const bool known =
        format.photometric <= PHOTOMETRIC_PALETTE || format.photometric == 34892 || jpeg_colour;
    if (!known || format.samples < 1 || format.samples > 4)
      throw error(fmt::format(
          "photometric interpretation {} with {} samples a pixel is not supported: convert to gray",
          format.photometric, format.samples));
    if (format.photometric == PHOTOMETRIC_PALETTE) check_palette(directory);
    invert_ = format.photometric == PHOTOMETRIC_MINISWHITE &&
              (type_ == SampleType::u8 || type_ == SampleType::u16 || type_ == SampleType::u32);
  }

  // The indices are the intensities; said aloud where the colour table does not agree.
  void check_palette(const TiffDirectory& directory) {
    const std::vector<std::uint64_t> table = structure_.integers(directory, 320);
    const std::size_t entries = table.size() / 3;
    std::size_t gray = 0;
    for (std::size_t i = 0; i < entries; ++i)
      if (table[i] == table[entries + i] && table[i] == table[2 * entries + i] && table[i] >> 8U == i) ++gray;
    if (entries == 0 || static_cast<double>(gray) < 0.8 * static_cast<double>(entries))
      description_.warnings.emplace_back("false-colour palette: its indices are taken as intensities");
  }

  // Channels alternate from page to page. All pages are frames unless one channel is asked for.
  void choose_channel(const TiffMetadata& metadata) {
    const auto channels = static_cast<std::size_t>(metadata.channels);
    if (channels < 2 || description_.frames % channels != 0 || description_.frames <= 1) return;
    std::vector<std::string> names;
    for (std::size_t c = 1; c <= channels; ++c) {
      names.push_back(fmt::format("channel {}", c));
      description_.datasets.push_back(
          {names.back(),
           fmt::format("{} x {}", description_.frames / channels, shape_text(pages_.front().format)),
           description_.dtype, true, fmt::format("every {} pages", channels)});
    }
    if (options_.dataset.empty()) {
      description_.warnings.push_back(
          fmt::format("{} channels alternate in this file and all are read as frames: choose one with "
                      "dataset \"{}\"",
                      channels, fmt::join(names, "\" or \"")));
      return;
    }
    const auto found = std::find(names.begin(), names.end(), options_.dataset);
    if (found == names.end())
      throw usage_error(fmt::format("{}: no dataset '{}'; there is {}", path_.string(), options_.dataset,
                                    fmt::join(names, ", ")));
    first_page_ = static_cast<std::size_t>(found - names.begin());
    page_step_ = channels;
    description_.frames /= channels;
  }

  cv::Mat decode(const Page& page) const {
    check_storage(structure_, page, bytes_of(type_));
    TiffHandle handle = handles_.take();
    cv::Mat samples = decode_page(handle.get(), page, type_);
    handles_.give(std::move(handle));
    return samples;
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::size_t number = first_page_ + i * page_step_;
    const PageFormat& format = pages_.front().format;
    cv::Mat pixels;
    if (contiguous_) {
      pixels = read_matrix(
          structure_.file(), first_byte_ + number * format.width * format.height * bytes_of(type_),
          static_cast<int>(format.height), static_cast<int>(format.width), type_, structure_.order());
    } else {
      pixels = in_context(fmt::format("{}: TIFF: frame {}", path_.string(), i),
                          [&] { return to_gray(decode(pages_[number])).pixels; });
    }
    return invert_ ? inverted(pixels, type_) : pixels;
  }

  TiffStructure structure_;
  mutable TiffHandles handles_;
  std::vector<Page> pages_;
  SampleType type_ = SampleType::u8;
  bool contiguous_ = false;
  bool invert_ = false;
  std::uint64_t first_byte_ = 0;
  std::size_t first_page_ = 0;
  std::size_t page_step_ = 1;
};

}  // namespace

std::unique_ptr<FrameSource> open_tiff(const std::filesystem::path& path, const OpenOptions& options) {
  return std::make_unique<TiffFrames>(path, options);
}

}  // namespace sinterscope
