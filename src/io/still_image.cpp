// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/still_image.h"

#include <fmt/format.h>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/gray.h"
#include "sinterscope/io/sidecar.h"

namespace sinterscope {
namespace {

class StillImageFrames final : public FileFrames {
 public:
  StillImageFrames(const std::filesystem::path& path, StillImage image, const OpenOptions& options)
      : FileFrames(path, options), image_(std::move(image)) {
    description_.format = image_.format;
    description_.dtype = name_of(image_.type);
    description_.warnings = image_.warnings;
    const int width = static_cast<int>(std::min<std::uint64_t>(image_.width, 1U << 30U));
    const int height = static_cast<int>(std::min<std::uint64_t>(image_.height, 1U << 30U));
    Sidecar sidecar = read_sidecar(path, width, height);
    description_.calibration = std::move(sidecar.calibration);
    description_.detector = std::move(sidecar.detector);
    for (std::string& warning : sidecar.warnings) description_.warnings.push_back(std::move(warning));
    set_shape(1, image_.width, image_.height,
              bytes_of(image_.type) * static_cast<std::size_t>(image_.channels), sidecar.info_bar_rows);
    description_.datasets.push_back(
        {"image",
         fmt::format("{} x {}{}", image_.height, image_.width,
                     image_.channels > 1 ? fmt::format(" x {}", image_.channels) : ""),
         description_.dtype, true, ""});
    if (image_.channels >= 3 && gray().coloured)
      description_.warnings.emplace_back("colour image: its luminance is taken as intensity");
  }

 private:
  GrayImage gray() const { return to_gray(image_.decode(), image_.gray_tolerance); }
  cv::Mat read_frame(std::size_t) const override { return gray().pixels; }

  StillImage image_;
};

}  // namespace

std::unique_ptr<FrameSource> open_still_image(const std::filesystem::path& path, StillImage image,
                                              const OpenOptions& options) {
  return std::make_unique<StillImageFrames>(path, std::move(image), options);
}

}  // namespace sinterscope
