// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// cv::Mat1f to itk::Image and back. To be included by the ITK files of this room only.

#include <itkImage.h>

#include <algorithm>
#include <opencv2/core.hpp>

namespace sinterscope {

using ItkImage = itk::Image<float, 2>;

inline ItkImage::Pointer itk_image_of(const cv::Mat1f& pixels) {
  auto image = ItkImage::New();
  image->SetRegions(ItkImage::SizeType{
      {static_cast<itk::SizeValueType>(pixels.cols), static_cast<itk::SizeValueType>(pixels.rows)}});
  image->Allocate();
  for (int y = 0; y < pixels.rows; ++y)
    std::copy_n(pixels[y], pixels.cols,
                image->GetBufferPointer() + static_cast<std::ptrdiff_t>(y) * pixels.cols);
  return image;
}

inline cv::Mat1f pixels_of(ItkImage* image) {
  const auto size = image->GetBufferedRegion().GetSize();
  return cv::Mat1f(static_cast<int>(size[1]), static_cast<int>(size[0]), image->GetBufferPointer()).clone();
}

}  // namespace sinterscope
