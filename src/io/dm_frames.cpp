// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/dm_frames.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sinterscope/io/dm_tags.h"
#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/image_choice.h"
#include "sinterscope/io/length_unit.h"

namespace sinterscope {
namespace {

struct DmDataType {
  std::optional<SampleType> sample;  ///< empty: not a real number
  const char* name;
};

// DM's numbers for pixel types.
DmDataType data_type(int number) {
  switch (number) {
    case 1:
      return {SampleType::i16, "int16"};
    case 2:
      return {SampleType::f32, "float32"};
    case 3:
      return {std::nullopt, "complex64"};
    case 5:
      return {std::nullopt, "packed complex64"};
    case 6:
      return {SampleType::u8, "uint8"};
    case 7:
      return {SampleType::i32, "int32"};
    case 8:
    case 23:
      return {std::nullopt, "RGBA"};
    case 9:
      return {SampleType::i8, "int8"};
    case 10:
      return {SampleType::u16, "uint16"};
    case 11:
      return {SampleType::u32, "uint32"};
    case 12:
      return {SampleType::f64, "float64"};
    case 13:
      return {std::nullopt, "complex128"};
    case 14:
      return {SampleType::boolean, "bool"};
    case 27:
      return {std::nullopt, "packed complex64"};
    case 28:
      return {std::nullopt, "packed complex128"};
    default:
      return {std::nullopt, "unknown"};
  }
}

struct DmAxis {
  std::uint64_t size = 0;
  double scale = 1.0;
  std::string unit;
};

struct DmImage {
  std::string name;
  DmDataType type{std::nullopt, "unknown"};
  std::vector<DmAxis> axes;  ///< fastest first
  const DmTag* data = nullptr;
  const DmTag* tags = nullptr;
  std::string unreadable;  ///< why it gives no frames

  std::string shape_text() const {
    std::vector<std::uint64_t> sizes;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) sizes.push_back(axis->size);
    return fmt::format("{}", fmt::join(sizes, " x "));
  }
};

std::string why_unreadable(const DmImage& image) {
  if (!image.type.sample) return fmt::format("pixels are {}", image.type.name);
  for (const DmAxis& axis : image.axes)
    if (is_energy_unit(axis.unit))
      return fmt::format("a spectrum or spectrum image (an axis in {})", axis.unit);
  if (image.axes.size() < 2) return "a line or spectrum, not an image";
  if (image.axes.size() > 3) return fmt::format("{} axes: not a stack of images", image.axes.size());
  for (std::size_t i = 0; i < 2; ++i)
    if (is_reciprocal_unit(image.axes[i].unit))
      return fmt::format("a diffraction pattern (pixel size in {})", image.axes[i].unit);
  if (image.data == nullptr || image.data->kind != DmTag::Kind::array) return "its pixel data are missing";
  std::uint64_t bytes = bytes_of(*image.type.sample);
  for (const DmAxis& axis : image.axes)
    if (__builtin_mul_overflow(bytes, axis.size, &bytes)) return "its dimensions overflow: damaged";
  static constexpr std::array<std::uint64_t, 13> array_bytes{0, 0, 2, 4, 2, 4, 4, 8, 1, 1, 1, 8, 8};
  const auto stored = image.data->length * array_bytes.at(static_cast<std::size_t>(image.data->type));
  if (stored < bytes) return fmt::format("{} stored bytes for {} bytes of pixels: damaged", stored, bytes);
  return "";
}

DmImage read_image(const DmFile& dm, const DmTag& entry, std::size_t index) {
  DmImage image;
  image.name = dm.text(entry, "Name");
  if (image.name.empty()) image.name = fmt::format("ImageList.{}", index);
  image.type = data_type(static_cast<int>(entry.number("ImageData.DataType").value_or(0.0)));
  image.data = entry.find("ImageData.Data");
  image.tags = entry.find("ImageTags");
  const DmTag* dimensions = entry.find("ImageData.Dimensions");
  for (std::size_t i = 0; dimensions != nullptr && i < std::min<std::size_t>(dimensions->children.size(), 8);
       ++i) {
    DmAxis axis;
    const double size = dimensions->children[i].value;
    axis.size = size >= 1.0 && size < 1e15 ? static_cast<std::uint64_t>(size) : 0;
    const std::string calibration =
        fmt::format("ImageData.Calibrations.Dimension.{}.", i);  // may have fewer entries
    axis.scale = entry.number(calibration + "Scale").value_or(1.0);
    axis.unit = dm.text(entry, calibration + "Units");
    image.axes.push_back(std::move(axis));
  }
  while (image.axes.size() > 2 && image.axes.back().size == 1) image.axes.pop_back();
  image.unreadable = why_unreadable(image);
  return image;
}

// Two images of one name are told apart by their place in the list.
void make_names_unique(std::vector<ImageCandidate>& candidates) {
  std::map<std::string, int> seen;
  for (const ImageCandidate& candidate : candidates) ++seen[candidate.note.name];
  std::map<std::string, int> number;
  for (ImageCandidate& candidate : candidates)
    if (const std::string name = candidate.note.name; seen[name] > 1)
      candidate.note.name = fmt::format("{} ({})", name, ++number[name]);
}

// A file that does not name its thumbnails: the largest image is the recorded one.
void mark_small_images(std::vector<ImageCandidate>& candidates, const std::vector<std::uint64_t>& areas) {
  if (areas.empty()) return;
  const std::uint64_t largest = *std::max_element(areas.begin(), areas.end());
  constexpr std::uint64_t thumbnail_area = 256 * 256;
  for (std::size_t i = 0; i < areas.size(); ++i)
    if (candidates[i].note.image && areas[i] < largest && areas[i] <= thumbnail_area) {
      candidates[i].note.image = false;
      candidates[i].note.note = "a smaller image, taken as a thumbnail";
    }
}

class DmFrames final : public FileFrames {
 public:
  DmFrames(const std::filesystem::path& path, const OpenOptions& options)
      : FileFrames(path, options), dm_(path) {
    description_.format = fmt::format("DM{}", dm_.version);
    const DmImage image = read_image_asked_for();
    type_ = *image.type.sample;
    offset_ = image.data->offset;
    description_.dtype = name_of(type_);
    const bool stack = image.axes.size() == 3;
    full_height_ = image.axes[1].size;
    set_shape(stack ? image.axes[2].size : 1, image.axes[0].size, image.axes[1].size, bytes_of(type_));
    set_calibration(image);
    if (stack) {
      const DmAxis& axis = image.axes[2];
      const auto seconds = seconds_per_unit(axis.unit);
      if (seconds && axis.scale > 0.0) description_.frame_interval_s = axis.scale * *seconds;
      if (is_reciprocal_unit(axis.unit) || nm_per_unit(axis.unit))
        description_.warnings.push_back(
            fmt::format("the stack runs over {} ({} a frame), not over time", axis.unit, axis.scale));
    }
    if (image.tags != nullptr) description_.detector = dm_.text(*image.tags, "DataBar.Signal Name");
  }

 private:
  DmImage read_image_asked_for() {
    std::set<double> thumbnails;
    if (const DmTag* list = dm_.root.find("Thumbnails"))
      for (const DmTag& entry : list->children)
        if (const auto index = entry.number("ImageIndex")) thumbnails.insert(*index);
    std::vector<DmImage> images;
    std::vector<ImageCandidate> candidates;
    std::vector<DatasetNote> thumbnail_notes;
    std::vector<std::uint64_t> areas;
    const DmTag* list = dm_.root.find("ImageList");
    for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i) {
      DmImage image = read_image(dm_, list->children[i], i);
      if (thumbnails.count(static_cast<double>(i)) > 0) {
        thumbnail_notes.push_back({image.name, image.shape_text(), image.type.name, false, "thumbnail"});
        continue;
      }
      const std::string signal = image.tags == nullptr ? "" : dm_.text(*image.tags, "DataBar.Signal Name");
      candidates.push_back(
          {{image.name, image.shape_text(), image.type.name, image.unreadable.empty(), image.unreadable},
           signal});
      areas.push_back(image.unreadable.empty() ? image.axes[0].size * image.axes[1].size : 0);
      images.push_back(std::move(image));
    }
    make_names_unique(candidates);
    if (dm_.root.find("Thumbnails") == nullptr) mark_small_images(candidates, areas);
    description_.datasets = notes_of(candidates);
    description_.datasets.insert(description_.datasets.end(), thumbnail_notes.begin(), thumbnail_notes.end());
    return in_context(path_.string() + ": " + description_.format,
                      [&] { return images[choose_image(candidates, options_, description_.warnings)]; });
  }

  void set_calibration(const DmImage& image) {
    const auto x = nm_per_unit(image.axes[0].unit);
    const auto y = nm_per_unit(image.axes[1].unit);
    if (x && y)
      description_.calibration = calibration_from(image.axes[0].scale * *x, image.axes[1].scale * *y, "nm",
                                                  "DM Calibrations in " + image.axes[0].unit);
    else if (!image.axes[0].unit.empty())
      description_.warnings.push_back(
          fmt::format("pixel size has the unit '{}', which is no length: not used", image.axes[0].unit));
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(description_.width) * full_height_ * bytes_of(type_);
    return read_matrix(dm_.file, offset_ + i * bytes, static_cast<int>(full_height_), description_.width,
                       type_, dm_.order);
  }

  DmFile dm_;
  SampleType type_ = SampleType::u8;
  std::uint64_t offset_ = 0;
  std::uint64_t full_height_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> open_dm(const std::filesystem::path& path, const OpenOptions& options) {
  return std::make_unique<DmFrames>(path, options);
}

}  // namespace sinterscope
