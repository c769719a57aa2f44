// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_distortion.h"

#include <itkBSplineTransform.h>
#include <itkCorrelationImageToImageMetricv4.h>
#include <itkImageRegistrationMethodv4.h>
#include <itkLBFGS2Optimizerv4.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "correlation.h"
#include "itk_image.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/imaging/frame_average.h"

namespace sinterscope {
namespace {

constexpr int working_size_px = 256;  ///< images are binned to about this size
constexpr double smoothing_px = 1.5;  ///< of the binned images, against their noise
constexpr int node_px = 4;            ///< binned pixels between the nodes of the displacement that is kept
constexpr int most_iterations = 40;
constexpr int looked_back = 5;              ///< iterations, over which the correlation must still improve
constexpr double least_improvement = 1e-4;  ///< relative

using Spline = itk::BSplineTransform<double, 2, 3>;

/// No displacement, over an image of this size.
Spline::Pointer flat_spline(cv::Size size, double grid_px) {
  auto spline = Spline::New();
  Spline::OriginType origin;
  origin.Fill(-1.0);  // the border pixels lie inside
  Spline::PhysicalDimensionsType extent;
  extent[0] = size.width + 1.0, extent[1] = size.height + 1.0;
  Spline::MeshSizeType mesh;
  mesh[0] = 1;
  mesh[1] = static_cast<itk::SizeValueType>(std::max(1L, std::lround(size.height / grid_px)));
  Spline::DirectionType direction;
  direction.SetIdentity();
  spline->SetTransformDomainOrigin(origin);
  spline->SetTransformDomainPhysicalDimensions(extent);
  spline->SetTransformDomainMeshSize(mesh);
  spline->SetTransformDomainDirection(direction);
  spline->SetIdentity();
  return spline;
}

cv::Mat1f working_image(const cv::Mat1f& pixels, int factor) {
  cv::Mat1f image;
  cv::GaussianBlur(binned(pixels, factor), image, {}, smoothing_px);
  return image;
}

/// Bends `spline` until moving(spline(p)) goes with fixed(p).
void match(const cv::Mat1f& fixed, const cv::Mat1f& moving, Spline* spline) {
  using Registration = itk::ImageRegistrationMethodv4<ItkImage, ItkImage>;
  auto metric = itk::CorrelationImageToImageMetricv4<ItkImage, ItkImage>::New();
  metric->SetMaximumNumberOfWorkUnits(1);  // one thread inside, frames in parallel outside
  itk::Object::GlobalWarningDisplayOff();  // that this optimizer knows no scales: all are 1
  auto optimizer = itk::LBFGS2Optimizerv4::New();
  optimizer->SetMaximumIterations(most_iterations);
  optimizer->SetDeltaConvergenceDistance(looked_back);
  optimizer->SetDeltaConvergenceTolerance(least_improvement);
  auto registration = Registration::New();
  registration->SetNumberOfWorkUnits(1);
  registration->SetFixedImage(itk_image_of(fixed));
  registration->SetMovingImage(itk_image_of(moving));
  registration->SetMetric(metric);
  registration->SetOptimizer(optimizer);
  registration->SetNumberOfLevels(1);
  Registration::ShrinkFactorsArrayType shrink(1);
  shrink.Fill(1);
  registration->SetShrinkFactorsPerLevel(shrink);
  Registration::SmoothingSigmasArrayType smoothing(1);
  smoothing.Fill(0.0);
  registration->SetSmoothingSigmasPerLevel(smoothing);
  registration->SetInitialTransform(spline);
  registration->InPlaceOn();
  registration->Update();
}

/// Frames [first, first + count) of one hold.
struct Block {
  std::size_t first, count;
};

std::vector<Block> blocks_of(std::vector<std::size_t> first_of_hold, std::size_t frames, std::size_t most) {
  first_of_hold.push_back(frames);
  std::vector<Block> blocks;
  for (std::size_t h = 0; h + 1 < first_of_hold.size(); ++h) {
    const std::size_t count = first_of_hold[h + 1] - first_of_hold[h], parts = (count + most - 1) / most;
    for (std::size_t k = 0; k < parts; ++k) {
      const std::size_t begin = k * count / parts;
      blocks.push_back({first_of_hold[h] + begin, (k + 1) * count / parts - begin});
    }
  }
  return blocks;
}

/// Mean of the block's reliable frames but i, in the coordinates of frame i, whose own noise would hold it
/// back.
struct Others {
  cv::Mat1f mean;
  std::size_t count = 0;
};

Others others_of(const FrameSource& source, const Drift& drift, const Block& block, std::size_t i) {
  std::vector<std::size_t> others;
  Drift shifts;
  for (std::size_t k = block.first; k < block.first + block.count; ++k)
    if (k != i && drift[k].reliable) others.push_back(k), shifts.push_back(drift[k]);
  if (others.empty()) return {};
  const FrameSelection chosen(source, others);
  return {average_frames(chosen, shifts, 0, others.size(), drift[i].shift_px).frame.pixels, others.size()};
}

/// The part of frame i that all frames of its block show.
cv::Rect common_part(const Drift& drift, const Block& block, std::size_t i, cv::Size size) {
  cv::Rect common({0, 0}, size);
  for (std::size_t k = block.first; k < block.first + block.count; ++k) {
    if (!drift[k].reliable) continue;
    const cv::Point2d by = drift[i].shift_px - drift[k].shift_px;
    common &= cv::Rect(cvFloor(by.x) + 1, cvFloor(by.y) + 1, size.width - 1, size.height - 1);
  }
  return common;
}

}  // namespace

cv::Mat2f measure_distortion(const cv::Mat1f& reference, const cv::Mat1f& frame, const cv::Rect& inside,
                             const ScanDistortionOptions& options) {
  validate(options);
  if (reference.size() != frame.size()) throw Error("frame and reference differ in size");
  const int factor = std::max(1, std::min(inside.width, inside.height) / working_size_px);
  const cv::Mat1f fixed = working_image(reference(inside), factor),
                  moving = working_image(frame(inside), factor);
  const Spline::Pointer spline = flat_spline(fixed.size(), options.grid_px / factor);
  match(fixed, moving, spline);
  // Beyond the part that was compared as at its border.
  const int step = node_px * factor;
  cv::Mat2f displacement((frame.rows + step - 1) / step, (frame.cols + step - 1) / step);
  double most = 0.0;
  for (int j = 0; j < displacement.rows; ++j)
    for (int i = 0; i < displacement.cols; ++i) {
      const double x = ((i + 0.5) * step - inside.x) / factor - 0.5,
                   y = ((j + 0.5) * step - inside.y) / factor - 0.5;
      Spline::InputPointType p;
      p[0] = std::clamp(x, 0.0, fixed.cols - 1.0), p[1] = std::clamp(y, 0.0, fixed.rows - 1.0);
      const Spline::OutputPointType there = spline->TransformPoint(p);
      const cv::Vec2d by(factor * (there[0] - p[0]), factor * (there[1] - p[1]));
      displacement(j, i) = by;
      most = std::max(most, cv::norm(by));
    }
  return most <= options.most_px ? displacement : cv::Mat2f();
}

cv::Mat1f straightened(const cv::Mat1f& frame, const cv::Mat2f& displacement) {
  if (displacement.empty()) return frame;
  cv::Mat2f read_at;
  cv::resize(displacement, read_at, frame.size(), 0, 0, cv::INTER_CUBIC);
  for (int y = 0; y < frame.rows; ++y)
    for (int x = 0; x < frame.cols; ++x)
      read_at(y, x) += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
  cv::Mat1f result;
  cv::remap(frame, result, read_at, {}, cv::INTER_CUBIC, cv::BORDER_REPLICATE);
  return result;
}

StraightenedFrames::StraightenedFrames(std::unique_ptr<FrameSource> source, const Drift& drift,
                                       std::vector<std::size_t> first_of_hold,
                                       const ScanDistortionOptions& options, Progress& progress, int threads)
    : source_(std::move(source)), displacement_(source_->size()) {
  validate(options);
  const std::vector<Block> blocks =
      blocks_of(std::move(first_of_hold), source_->size(), static_cast<std::size_t>(options.averaged_frames));
  for (const Block& block : blocks)
    parallel_for(block.count, threads, [&](std::size_t k) {
      const std::size_t i = block.first + k;
      const cv::Rect inside = common_part(drift, block, i, source_->frame_size());
      const Others others = drift[i].reliable ? others_of(*source_, drift, block, i) : Others{};
      if (others.count > 0 && 4 * inside.area() > source_->frame_size().area()) {
        // The mean of all, this frame included, is nearer by a share of one frame.
        const double share = static_cast<double>(others.count) / (static_cast<double>(others.count) + 1.0);
        displacement_[i] = measure_distortion(others.mean, source_->load(i).pixels, inside, options);
        if (!displacement_[i].empty()) displacement_[i] *= share;
      }
      progress.advance();
    });
}

Frame StraightenedFrames::load(std::size_t i) const {
  Frame frame = source_->load(i);
  frame.pixels = straightened(frame.pixels, displacement_[i]);
  return frame;
}

double StraightenedFrames::rms_px() const {
  double squares = 0.0, nodes = 0.0;
  for (const cv::Mat2f& one : displacement_)
    squares += std::pow(cv::norm(one), 2.0), nodes += static_cast<double>(one.total());
  return nodes > 0.0 ? std::sqrt(squares / nodes) : 0.0;
}

}  // namespace sinterscope
