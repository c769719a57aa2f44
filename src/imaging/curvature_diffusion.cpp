// SPDX-License-Identifier: GPL-3.0-or-later
#include "curvature_diffusion.h"

#include <itkCurvatureAnisotropicDiffusionImageFilter.h>

#include "itk_image.h"

namespace sinterscope {

cv::Mat1f diffuse_by_curvature(const cv::Mat1f& image, int iterations) {
  using Filter = itk::CurvatureAnisotropicDiffusionImageFilter<ItkImage, ItkImage>;
  auto filter = Filter::New();
  filter->SetInput(itk_image_of(image));
  filter->SetNumberOfIterations(static_cast<unsigned>(iterations));
  filter->SetTimeStep(0.125);            // the largest stable step in two dimensions
  filter->SetConductanceParameter(3.0);  // relative to the mean gradient, which is that of the noise
  filter->SetNumberOfWorkUnits(1);       // one thread inside, frames in parallel outside
  filter->Update();
  return pixels_of(filter->GetOutput());
}

}  // namespace sinterscope
