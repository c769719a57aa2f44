// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_frames.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tiffio.h>

#include <algorithm>
#include <vector>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/gray.h"
#include "sinterscope/io/text_values.h"
#include "sinterscope/io/tiff_calibration.h"
#include "sinterscope/io/tiff_decoder.h"
#include "sinterscope/io/tiff_page.h"

namespace sinterscope {
namespace {

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
      : FileFrames(path, options), structure_(path), decoder_(path) {
    description_.format = "TIFF";
    find_pages();
    const TiffPageFormat& format = pages_.front().format;
    type_ = sample_type_of(structure_.file(), format);
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
    description_.calibration = std::move(metadata.calibration);
    description_.frame_interval_s = metadata.frame_interval_s;
    description_.detector = std::move(metadata.detector);
    choose_planes(metadata);
    for (std::string& warning : metadata.warnings) description_.warnings.push_back(std::move(warning));
    if (format.samples >= 3 && to_gray(decode(pages_.front())).coloured)
      description_.warnings.emplace_back("colour image: its luminance is taken as intensity");
    if (format.samples == 2)
      description_.warnings.emplace_back("two samples a pixel: the first is read, the second is left out");
  }

 private:
  void find_pages() {
    std::vector<TiffPage> all;
    for (const std::uint64_t offset : structure_.pages()) all.push_back(read_tiff_page(structure_, offset));
    const std::vector<std::size_t> chosen = pages_of_stack(all);
    if (chosen.empty()) throw error("holds no page");
    for (const std::size_t i : chosen) pages_.push_back(all[i]);
    const TiffPageFormat& format = pages_.front().format;
    const std::string name = name_of(sample_type_of(structure_.file(), format));
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

  // ImageJ and tifffile write large stacks with one directory: the other frames follow the first without a
  // gap.
  void find_contiguous_stack(const TiffMetadata& metadata, const TiffDirectory& directory) {
    const TiffPageFormat& format = pages_.front().format;
    if (metadata.images < 2 || pages_.size() != 1 || format.compression != COMPRESSION_NONE) return;
    if (format.samples != 1)
      throw error(fmt::format("{} colour frames in one directory are not supported: save them as gray",
                              metadata.images));
    const std::vector<std::uint64_t> offsets = structure_.integers(directory, 273);
    if (offsets.empty()) return;
    const std::uint64_t frame_bytes = format.width * format.height * bytes_of(type_);
    const InputFile& file = structure_.file();
    if (frame_bytes == 0 || offsets.front() > file.size() ||
        static_cast<std::uint64_t>(metadata.images) > (file.size() - offsets.front()) / frame_bytes)
      throw error(fmt::format(
          "its description announces {} frames, but the file has room for {} frames of {} x {} from offset "
          "{}: "
          "truncated, copy it again",
          metadata.images,
          frame_bytes == 0 || offsets.front() > file.size() ? 0
                                                            : (file.size() - offsets.front()) / frame_bytes,
          format.width, format.height, offsets.front()));
    contiguous_ = true;
    first_byte_ = offsets.front();
    description_.datasets.front().shape = fmt::format("{} x {}", metadata.images, shape_text(format));
  }

  void check_photometric(const TiffPageFormat& format, const TiffDirectory& directory) {
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

  // Planes of several channels follow each other. All are frames unless one channel is asked for.
  void choose_planes(const TiffMetadata& metadata) {
    axes_ = metadata.axes;
    const bool described = axes_.planes() == description_.frames;
    if (!described || axes_.channels < 2) {
      if (!options_.dataset.empty() && options_.dataset != description_.datasets.front().name)
        throw usage_error(fmt::format("{}: no dataset '{}'; there is one stack, '{}'", path_.string(),
                                      options_.dataset, description_.datasets.front().name));
    } else {
      channel_ = channel_asked_for();
      if (channel_) description_.frames /= static_cast<std::size_t>(axes_.channels);
    }
    if (metadata.times_s.size() == axes_.planes() && described) set_times(metadata.times_s);
  }

  std::optional<int> channel_asked_for() {
    std::optional<int> found;
    std::vector<std::string> names;
    for (int c = 0; c < axes_.channels; ++c) {
      names.push_back(fmt::format("channel {}", c + 1));
      const auto index = static_cast<std::size_t>(c);
      const std::string own = index < axes_.channel_names.size() ? axes_.channel_names[index] : "";
      const bool by_name =
          !options_.dataset.empty() && (options_.dataset == names.back() || options_.dataset == own);
      const bool by_detector = options_.dataset.empty() && !own.empty() && !options_.detector.empty() &&
                               lower(own) == lower(options_.detector);
      if (!found && (by_name || by_detector)) {
        found = c;
        description_.detector = own;
      }
      description_.datasets.push_back(
          {names.back(),
           fmt::format("{} x {}", axes_.slices * axes_.frames, shape_text(pages_.front().format)),
           description_.dtype, true, own});
    }
    if (!found && !options_.dataset.empty())
      throw usage_error(fmt::format("{}: no dataset '{}'; there is {}", path_.string(), options_.dataset,
                                    fmt::join(names, ", ")));
    if (!found)
      description_.warnings.push_back(
          fmt::format("{} channels alternate in this file and all are read as frames: choose one with "
                      "dataset \"{}\"",
                      axes_.channels, fmt::join(names, "\" or \"")));
    return found;
  }

  // Recorded times of planes, where they run on from frame to frame.
  void set_times(const std::vector<double>& of_planes) {
    std::vector<double> times;
    for (std::size_t i = 0; i < description_.frames; ++i)
      times.push_back(of_planes[page_of(i)] - of_planes[page_of(0)]);
    if (times.size() < 2 || !std::is_sorted(times.begin(), times.end()) || times.back() <= 0.0) return;
    if (!description_.frame_interval_s)
      description_.frame_interval_s = times.back() / static_cast<double>(times.size() - 1);
    description_.times_s = std::move(times);
  }

  // The page of frame i.
  std::size_t page_of(std::size_t i) const {
    if (!channel_) return i;
    const auto slices = static_cast<std::size_t>(axes_.slices);
    return axes_.page(*channel_, static_cast<int>(i % slices), static_cast<int>(i / slices));
  }

  cv::Mat decode(const TiffPage& page) const {
    check_storage(structure_, page, bytes_of(type_));
    return decoder_.decode(page, type_);
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::size_t number = page_of(i);
    const TiffPageFormat& format = pages_.front().format;
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
  TiffDecoder decoder_;
  std::vector<TiffPage> pages_;
  SampleType type_ = SampleType::u8;
  bool contiguous_ = false;
  bool invert_ = false;
  std::uint64_t first_byte_ = 0;
  PlaneAxes axes_;
  std::optional<int> channel_;  ///< of several, the one that is read
};

}  // namespace

std::unique_ptr<FrameSource> open_tiff(const std::filesystem::path& path, const OpenOptions& options) {
  return std::make_unique<TiffFrames>(path, options);
}

}  // namespace sinterscope
