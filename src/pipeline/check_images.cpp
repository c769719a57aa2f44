// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/check_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "file_part.h"
#include "region_average.h"
#include "sinterscope/core/table.h"
#include "sinterscope/imaging/background.h"
#include "sinterscope/imaging/noise.h"
#include "sinterscope/io/image_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/report/overlay.h"

namespace sinterscope {
namespace {

using std::filesystem::path;

void write_picture(const path& file, const cv::Mat3b& picture) {
  cv::Mat rgb;
  cv::cvtColor(picture, rgb, cv::COLOR_BGR2RGB);
  write_png(file, rgb);
}

void write_grey(const path& file, const cv::Mat1f& pixels) {
  write_picture(file, paint_overlay(pixels, {}, {}));
}

void write_noise(const RegionProducts& region, const path& stem) {
  const cv::Mat1f pixels = region.raw->load(0).pixels;
  cv::Mat1f smooth;
  cv::GaussianBlur(pixels, smooth, {}, 2.0);
  const cv::Mat1f deviation = pixels - smooth;
  cv::Mat1f ratio = deviation.mul(deviation) / variance_map(pixels, region.noise);
  cv::GaussianBlur(ratio, ratio, {}, 6.0);
  cv::Mat1b grey;
  ratio.convertTo(grey, CV_8U, 127.5);
  write_png(stem.string() + "noise.png", grey);
}

/// The way of the specimen through the frames, in a square picture.
cv::Mat3b drift_picture(const Drift& drift) {
  constexpr int side = 640, rim = 40;
  cv::Mat3b picture(side, side, cv::Vec3b(255, 255, 255));
  double reach = 1.0;
  for (const FrameShift& shift : drift)
    reach = std::max({reach, std::abs(shift.shift_px.x), std::abs(shift.shift_px.y)});
  const double scale = (0.5 * side - rim) / reach;
  const auto place = [&](const FrameShift& shift) {
    return cv::Point(cvRound(0.5 * side + scale * shift.shift_px.x),
                     cvRound(0.5 * side + scale * shift.shift_px.y));
  };
  const cv::Scalar grey(190, 190, 190), black(0, 0, 0), red(0, 0, 220);
  cv::line(picture, {rim, side / 2}, {side - rim, side / 2}, grey);
  cv::line(picture, {side / 2, rim}, {side / 2, side - rim}, grey);
  for (std::size_t i = 0; i < drift.size(); ++i) {
    const cv::Scalar& colour = drift[i].reliable ? black : red;
    if (i > 0) cv::line(picture, place(drift[i - 1]), place(drift[i]), grey, 1, cv::LINE_AA);
    cv::circle(picture, place(drift[i]), std::max(2, cvRound(std::min(scale * drift[i].sigma_px, 300.0))),
               colour, 1, cv::LINE_AA);
  }
  cv::putText(picture, fmt::format("+-{:.1f} px", reach), {rim, side - 12}, cv::FONT_HERSHEY_SIMPLEX, 0.5,
              black, 1, cv::LINE_AA);
  return picture;
}

void write_drift(const RegionProducts& region, const path& stem) {
  Table table({"region_frame", "x_px", "y_px", "sigma_px", "reliable"});
  for (std::size_t i = 0; i < region.drift.size(); ++i) {
    const FrameShift& shift = region.drift[i];
    table.add_row({static_cast<std::int64_t>(i), shift.shift_px.x, shift.shift_px.y, shift.sigma_px,
                   static_cast<std::int64_t>(shift.reliable ? 1 : 0)});
  }
  write_csv(stem.string() + "drift.csv", table);
  write_picture(stem.string() + "drift.png", drift_picture(region.drift));
}

void write_support(const RegionProducts& region, const path& stem, int threads) {
  const cv::Mat1f average = region_average(region, threads).pixels;
  cv::Mat3b picture = paint_overlay(average, {}, {});
  // Small frames come back enlarged.
  cv::Mat1b mask, oxide, inner;
  cv::resize(region.support.mask, mask, picture.size(), 0, 0, cv::INTER_NEAREST);
  cv::resize(region.support.oxide, oxide, picture.size(), 0, 0, cv::INTER_NEAREST);
  cv::erode(mask, inner, {});
  picture.setTo(cv::Scalar(110, 40, 0), oxide == 0);
  picture.setTo(cv::Scalar(0, 200, 0), mask & ~inner);
  write_picture(stem.string() + "support.png", picture);
}

}  // namespace

void write_check_images(const Products& products, const path& folder, const RunContext& context) {
  const path check = folder / "check";
  std::filesystem::remove_all(check);
  std::filesystem::create_directories(check);
  context.progress.start("check images", products.history.holds.size());
  for (const RegionProducts& region : products.regions) {
    const path stem = check / (file_part(region.name) + "_");
    write_noise(region, stem);
    write_drift(region, stem);
    write_support(region, stem, context.threads);
  }
  for (const Hold& hold : products.history.holds) {
    const RegionProducts& region = products.regions[static_cast<std::size_t>(hold.region)];
    const auto first = static_cast<std::size_t>(
        products.history.frames[static_cast<std::size_t>(hold.frames.front())].region_frame);
    const std::string stem = (check / fmt::format("{}_hold_{}_", file_part(region.name), hold.hold)).string();
    const cv::Mat1f raw = region.raw->load(first).pixels;
    write_grey(stem + "raw.png", raw);
    write_grey(stem + "clean.png", region.clean->load(first).pixels);
    write_grey(stem + "searched.png", region.search->load(first).pixels);
    write_grey(stem + "background.png", estimate_background(raw, {}).level);
    context.progress.advance();
  }
}

}  // namespace sinterscope
