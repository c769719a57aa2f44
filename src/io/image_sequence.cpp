// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/image_sequence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/io/file_format.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> candidates(const fs::path& folder_or_pattern) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder_or_pattern)) {
    std::error_code failure;
    fs::recursive_directory_iterator entry(folder_or_pattern, fs::directory_options::skip_permission_denied,
                                           failure);
    for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure))
      if (entry->is_regular_file(failure) && entry->path().filename().string().front() != '.')
        files.push_back(entry->path());
    if (failure)
      throw Error(
          fmt::format("{}: the folder cannot be read: {}", folder_or_pattern.string(), failure.message()));
  } else {
    const fs::path folder =
        folder_or_pattern.has_parent_path() ? folder_or_pattern.parent_path() : fs::path(".");
    const std::string pattern = folder_or_pattern.filename().string();
    if (!fs::is_directory(folder))
      throw Error(fmt::format("{}: there is no folder {}", folder_or_pattern.string(), folder.string()));
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_regular_file() &&
          fnmatch(pattern.c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0)
        files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
  return files;
}

// The whole number behind a word in a path ("Frame_0007", "Minute_03"); empty where there is none.
std::optional<double> number_after(const std::string& path, const std::string& word) {
  const std::size_t at = path.rfind(word);
  if (at == path.npos) return std::nullopt;
  const std::size_t digits = at + word.size();
  const std::size_t end = std::min(path.find_first_not_of("0123456789", digits), path.size());
  return whole_number(path.substr(digits, end - digits));
}

// In-situ cameras (Gatan) name frames by hour, minute, second and their number within the second: a second
// holds as many frames as the fullest one. Empty for any other naming.
std::vector<double> times_by_name(const std::vector<fs::path>& files) {
  std::vector<double> seconds;
  std::vector<double> frames;
  for (const fs::path& file : files) {
    const std::string path = file.string();
    const auto hour = number_after(path, "Hour_");
    const auto minute = number_after(path, "Minute_");
    const auto second = number_after(path, "Second_");
    const auto frame = number_after(path, "Frame_");
    if (!hour || !minute || !second || !frame) return {};
    seconds.push_back(*hour * 3600.0 + *minute * 60.0 + *second);
    frames.push_back(*frame);
  }
  const double per_second = *std::max_element(frames.begin(), frames.end()) + 1.0;
  std::vector<double> times;
  for (std::size_t i = 0; i < files.size(); ++i)
    times.push_back(seconds[i] - seconds[0] + (frames[i] - frames[0]) / per_second);
  return std::is_sorted(times.begin(), times.end()) ? times : std::vector<double>{};
}

class ImageSequence final : public FrameSource {
 public:
  ImageSequence(std::vector<fs::path> files, const OpenOptions& options)
      : files_(std::move(files)), options_(options) {
    const std::unique_ptr<FrameSource> first = open(0);
    description_ = first->description();
    description_.format += " sequence";
    description_.frames = files_.size();
    if (files_.size() > 1) description_.times_s = times_by_name(files_);
    if (!description_.times_s.empty())
      description_.frame_interval_s = description_.times_s.back() / static_cast<double>(files_.size() - 1);
    if (!description_.frame_interval_s)
      description_.warnings.emplace_back(
          "the images carry no time: frames are told apart by their order only");
    for (DatasetNote& dataset : description_.datasets)
      dataset.shape = fmt::format("{} files of {}", files_.size(), dataset.shape);
  }

  const SourceDescription& description() const override { return description_; }

  Frame load(std::size_t i) const override {
    Frame frame = open(i)->load(0);
    frame.index = i;
    frame.time_s = description_.times_s.empty()
                       ? static_cast<double>(i) * description_.frame_interval_s.value_or(0.0)
                       : description_.times_s[i];
    return frame;
  }
  cv::Mat load_native(std::size_t i) const override { return open(i)->load_native(0); }

 private:
  std::unique_ptr<FrameSource> open(std::size_t i) const {
    std::unique_ptr<FrameSource> source = open_frames(files_.at(i), options_);
    if (source->size() != 1)
      throw Error(fmt::format("{}: holds {} frames; a sequence takes one frame a file: open it by itself",
                              files_[i].string(), source->size()));
    if (i > 0 && (source->frame_size() != frame_size() || source->description().dtype != description_.dtype))
      throw Error(
          fmt::format("{}: is {} x {} {}, the first image of the sequence ({}) is {} x {} {}: take it out",
                      files_[i].string(), source->frame_size().width, source->frame_size().height,
                      source->description().dtype, files_.front().filename().string(), description_.width,
                      description_.height, description_.dtype));
    if (i > 0) check_scale(files_[i], source->description().calibration);
    return source;
  }

  // A magnification changed in the middle of a series would spoil every diameter after it.
  void check_scale(const fs::path& file, const Calibration& found) const {
    constexpr double tolerance = 0.02;
    const auto size = found.pixel_size_nm();
    const auto first = description_.calibration.pixel_size_nm();
    if (size && first && std::abs(*size / *first - 1.0) > tolerance)
      throw Error(
          fmt::format("{}: has {:.6g} nm per pixel, the first image of the sequence ({}) {:.6g} nm: take "
                      "it out, or give it a region of its own",
                      file.string(), *size, files_.front().filename().string(), *first));
  }

  std::vector<fs::path> files_;
  OpenOptions options_;
  SourceDescription description_;
};

}  // namespace

bool is_glob_pattern(const fs::path& path) {
  return path.filename().string().find_first_of("*?[") != std::string::npos && !fs::exists(path);
}

std::vector<fs::path> image_files(const fs::path& folder_or_pattern) {
  const bool folder = fs::is_directory(folder_or_pattern);
  std::vector<fs::path> files;
  FileFormat format = FileFormat::unknown;
  for (const fs::path& file : candidates(folder_or_pattern)) {
    const FileFormat found = fs::file_size(file) == 0 && folder ? FileFormat::unknown : file_format(file);
    if (found == FileFormat::unknown) {
      if (folder) continue;  // sidecar texts, logs
      throw Error(fmt::format("{}: matches {} but is no image in a known format", file.string(),
                              folder_or_pattern.string()));
    }
    if (!files.empty() && found != format)
      throw Error(
          fmt::format("{}: holds images of several formats ({} and {}): name one kind, for instance \"{}\"",
                      folder_or_pattern.string(), files.front().filename().string(), file.filename().string(),
                      (file.parent_path() / ("*" + file.extension().string())).string()));
    format = found;
    files.push_back(file);
  }
  if (files.empty())
    throw Error(fmt::format("{}: holds no image: nothing to analyse", folder_or_pattern.string()));
  return files;
}

std::unique_ptr<FrameSource> open_image_sequence(const fs::path& folder_or_pattern,
                                                 const OpenOptions& options) {
  return std::make_unique<ImageSequence>(image_files(folder_or_pattern), options);
}

}  // namespace sinterscope
