// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/image_sequence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

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
    for (const auto& entry : fs::recursive_directory_iterator(folder_or_pattern))
      if (entry.is_regular_file() && entry.path().filename().string().front() != '.')
        files.push_back(entry.path());
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

class ImageSequence final : public FrameSource {
 public:
  ImageSequence(std::vector<fs::path> files, const OpenOptions& options)
      : files_(std::move(files)), options_(options) {
    const std::unique_ptr<FrameSource> first = open(0);
    description_ = first->description();
    description_.format += " sequence";
    description_.frames = files_.size();
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
    frame.time_s = static_cast<double>(i) * description_.frame_interval_s.value_or(0.0);
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
    return source;
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
