// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/ser_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/io/emi_file.h"
#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/image_choice.h"
#include "sinterscope/io/sample_type.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

constexpr ByteOrder order = ByteOrder::little;
constexpr std::uint32_t images_2d = 0x4122;
constexpr std::uint32_t lines_1d = 0x4120;
constexpr double largest_pixel_m = 1e-3;  // above it the number is a reciprocal length

SampleType sample_type(const InputFile& file, int number, std::uint64_t offset) {
  switch (number) {
    case 1:
      return SampleType::u8;
    case 2:
      return SampleType::u16;
    case 3:
      return SampleType::u32;
    case 4:
      return SampleType::i8;
    case 5:
      return SampleType::i16;
    case 6:
      return SampleType::i32;
    case 7:
      return SampleType::f32;
    case 8:
      return SampleType::f64;
    case 9:
    case 10:
      throw file.error(fmt::format("data type {} at offset {} is complex: not an image", number, offset));
    default:
      throw file.error(fmt::format("data type {} at offset {} is unknown: damaged", number, offset));
  }
}

// "name_12.ser" -> the .emi "name.emi" and 12; empty path where the name has no number.
std::pair<fs::path, std::size_t> emi_of(const fs::path& ser) {
  const std::string stem = ser.stem().string();
  const std::size_t bar = stem.rfind('_');
  if (bar == stem.npos) return {};
  const auto number = whole_number(stem.substr(bar + 1));
  if (!number || *number < 1 || *number > 1e6) return {};
  return {ser.parent_path() / (stem.substr(0, bar) + ".emi"), static_cast<std::size_t>(*number)};
}

std::optional<EmiObject> metadata_of(const fs::path& ser) {
  const auto [emi, number] = emi_of(ser);
  std::error_code failure;
  if (emi.empty() || !fs::is_regular_file(emi, failure)) return std::nullopt;
  const std::vector<EmiObject> objects = read_emi(emi);
  return number <= objects.size() ? std::optional(objects[number - 1]) : std::nullopt;
}

class SerFrames final : public FileFrames {
 public:
  SerFrames(const fs::path& path, const OpenOptions& options)
      : FileFrames(path, options), file_(path, "SER") {
    description_.format = "SER";
    read_header();
    read_first_element();
    check_space();
    set_shape(valid_, width_, height_, bytes_of(type_));
    file_.require(first_pixels_, width_ * height_ * bytes_of(type_), "pixels of frame 0");
    description_.dtype = name_of(type_);
    description_.datasets.push_back({path.filename().string(),
                                     fmt::format("{} x {} x {}", valid_, height_, width_), description_.dtype,
                                     true, ""});
    if (metadata_) {
      description_.detector = metadata_->detector;
      if (metadata_->frame_time_s && *metadata_->frame_time_s > 0.0)
        description_.frame_interval_s = metadata_->frame_time_s;
    }
    if (!description_.frame_interval_s) read_clock();
  }

 private:
  template <typename Number>
  Number number(std::uint64_t at, std::string_view field) const {
    return file_.number<Number>(at, order, field);
  }
  // An offset: 4 bytes up to series version 0x210, 8 from 0x220.
  std::uint64_t offset_at(std::uint64_t at, std::string_view field) const {
    return wide_ ? number<std::uint64_t>(at, field) : number<std::uint32_t>(at, field);
  }
  std::uint64_t offset_bytes() const { return wide_ ? 8 : 4; }

  void read_header() {
    if (!is_ser(file_.text(0, 4, "signature")))
      throw file_.error("signature at offset 0 is not that of a SER file");
    const auto version = number<std::uint16_t>(4, "series version");
    if (version != 0x210 && version != 0x220)
      throw file_.error(fmt::format("series version {:#x} at offset 4 is not 0x210 or 0x220", version));
    wide_ = version == 0x220;
    const auto kind = number<std::uint32_t>(6, "data type id");
    if (kind == lines_1d)
      throw file_.error("holds spectra or line profiles (data type id 0x4120), not images");
    if (kind != images_2d)
      throw file_.error(fmt::format("data type id {:#x} at offset 6 is not 0x4122 (images)", kind));
    tag_kind_ = number<std::uint32_t>(10, "tag type id");
    total_ = number<std::uint32_t>(14, "total number of elements");
    valid_ = number<std::uint32_t>(18, "valid number of elements");
    array_ = offset_at(22, "offset array");
    if (valid_ > total_)
      throw file_.error(fmt::format("{} valid elements at offset 18 of {} in all: damaged", valid_, total_));
    if (valid_ == 0) throw file_.error("holds no valid frame (the series was stopped at once)");
    file_.require(array_, total_ * 2 * offset_bytes(), fmt::format("offsets of {} elements", total_));
    if (valid_ < total_)
      description_.warnings.push_back(
          fmt::format("aborted series: {} frames announced, {} recorded", total_, valid_));
  }

  // Data of element i: calibration (offset f64, delta f64, element i32) of x, then of y, type u16, columns,
  // rows, pixels.
  std::uint64_t element(std::uint64_t i) const {
    return offset_at(array_ + i * offset_bytes(), "element offset");
  }

  void read_first_element() {
    const std::uint64_t at = element(0);
    delta_x_ = number<double>(at + 8, "calibration x");
    delta_y_ = number<double>(at + 28, "calibration y");
    type_ = sample_type(file_, number<std::uint16_t>(at + 40, "data type"), at + 40);
    width_ = number<std::uint32_t>(at + 42, "columns");
    height_ = number<std::uint32_t>(at + 46, "rows");
    first_pixels_ = at + 50;
  }

  void check_space() {
    metadata_ = metadata_of(path_);
    if (metadata_ && metadata_->diffraction())
      throw file_.error(fmt::format(
          "is a diffraction pattern (mode '{}' in the .emi), not a real-space image", metadata_->mode));
    if (delta_x_ > largest_pixel_m || delta_y_ > largest_pixel_m)
      throw file_.error(fmt::format(
          "pixel size {:g} is no length in metres: a diffraction pattern, not a real-space image", delta_x_));
    if (std::isfinite(delta_x_) && std::isfinite(delta_y_) && delta_x_ > 0.0 && delta_y_ > 0.0)
      description_.calibration = {delta_x_ * 1e9, delta_y_ * 1e9, "SER CalibrationDelta"};
    else
      description_.warnings.emplace_back("SER calibration is not positive: no pixel size");
  }

  // Without a frame time in the .emi: the time tags, whole seconds each, from first to last.
  void read_clock() {
    if (valid_ < 2 || (tag_kind_ != 0x4152 && tag_kind_ != 0x4142)) return;
    const auto clock = [this](std::uint64_t i) -> double {
      return number<std::uint32_t>(offset_at(array_ + (total_ + i) * offset_bytes(), "tag offset") + 4,
                                   "time tag");
    };
    const double span = clock(valid_ - 1) - clock(0);
    if (span <= 0.0) return;
    description_.frame_interval_s = span / static_cast<double>(valid_ - 1);
    description_.warnings.emplace_back("frame interval from time tags of whole seconds");
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::uint64_t at = element(i);
    if (number<std::uint16_t>(at + 40, "data type") !=
            number<std::uint16_t>(first_pixels_ - 10, "data type") ||
        number<std::uint32_t>(at + 42, "columns") != width_ ||
        number<std::uint32_t>(at + 46, "rows") != height_)
      throw file_.error(
          fmt::format("frame {} at offset {} has another size or type than frame 0 ({} x {} {})", i, at,
                      height_, width_, description_.dtype));
    const cv::Mat stored =
        read_matrix(file_, at + 50, static_cast<int>(height_), static_cast<int>(width_), type_, order);
    cv::Mat turned;
    cv::flip(stored, turned, 0);  // rows are stored bottom-up
    return turned;
  }

  InputFile file_;
  bool wide_ = false;
  std::uint32_t tag_kind_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t valid_ = 0;
  std::uint64_t array_ = 0;
  double delta_x_ = 0.0;
  double delta_y_ = 0.0;
  SampleType type_ = SampleType::u8;
  std::uint64_t width_ = 0;
  std::uint64_t height_ = 0;
  std::uint64_t first_pixels_ = 0;
  std::optional<EmiObject> metadata_;
};

// The .ser files of an .emi, by number.
std::vector<fs::path> data_files(const fs::path& emi) {
  std::vector<fs::path> files;
  const fs::path folder = emi.has_parent_path() ? emi.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".ser" && emi_of(entry.path()).first.filename() == emi.filename())
      files.push_back(entry.path());
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
  return files;
}

// One of the series of an .emi, told as part of the whole.
class EmiFrames final : public FrameSource {
 public:
  EmiFrames(std::unique_ptr<FrameSource> series, std::vector<DatasetNote> all,
            std::vector<std::string> warnings)
      : series_(std::move(series)), description_(series_->description()) {
    description_.format = "EMI/SER";
    description_.datasets = std::move(all);
    for (std::string& warning : warnings) description_.warnings.push_back(std::move(warning));
  }
  const SourceDescription& description() const override { return description_; }
  Frame load(std::size_t i) const override { return series_->load(i); }
  cv::Mat load_native(std::size_t i) const override { return series_->load_native(i); }

 private:
  std::unique_ptr<FrameSource> series_;
  SourceDescription description_;
};

}  // namespace

bool is_ser(std::string_view head) { return head.substr(0, 4) == "II\x97\x01"; }

std::unique_ptr<FrameSource> open_ser(const fs::path& path, const OpenOptions& options) {
  return std::make_unique<SerFrames>(path, options);
}

std::unique_ptr<FrameSource> open_emi(const fs::path& path, const OpenOptions& options) {
  const std::vector<fs::path> files = data_files(path);
  if (files.empty())
    throw Error(fmt::format("{}: EMI: there is no data file {}_1.ser beside it: copy the .ser files too",
                            path.string(), path.stem().string()));
  std::vector<ImageCandidate> candidates;
  std::vector<std::unique_ptr<FrameSource>> series;
  for (const fs::path& file : files) {
    const std::string name = fmt::format("{}", emi_of(file).second);
    try {
      series.push_back(open_ser(file, options));
      const SourceDescription& found = series.back()->description();
      candidates.push_back({{name, found.datasets.front().shape, found.dtype, true, ""}, found.detector});
    } catch (const Error& error) {
      series.push_back(nullptr);
      candidates.push_back({{name, "", "", false, error.what()}, ""});
    }
  }
  // The detectors of one scan, numbered by the program: the first is taken where nothing is asked for.
  std::vector<std::string> warnings;
  OpenOptions asked = options;
  const auto first = std::find_if(candidates.begin(), candidates.end(),
                                  [](const ImageCandidate& c) { return c.note.image; });
  if (options.dataset.empty() && options.detector.empty() && first != candidates.end()) {
    asked.dataset = first->note.name;
    if (candidates.size() > 1)
      warnings.push_back(
          fmt::format("holds {} series, series {} is read: choose one with \"detector\" or \"dataset\"",
                      candidates.size(), asked.dataset));
  }
  const std::size_t chosen =
      in_context(path.string() + ": EMI", [&] { return choose_image(candidates, asked, warnings); });
  return std::make_unique<EmiFrames>(std::move(series[chosen]), notes_of(candidates), std::move(warnings));
}

}  // namespace sinterscope
