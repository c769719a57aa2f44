// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The synthetic microscope: a scene in, frames and their truth out.
//
// Everything random is drawn from streams of the scene's seed, named by region, step and frame, so any frame
// can be recorded alone, in any order and by any thread, and always comes out the same. Frames are ordered as
// a pipeline file lists them: step by step, region by region within a step.

#include <memory>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/experiment/frame.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/synth/scene.h"
#include "sinterscope/synth/truth.h"

namespace sinterscope {

class Microscope {
 public:
  /// Builds the specimen of every region. Throws Error for a scene that cannot be painted and for a sample
  /// without volume per atom or site density.
  Microscope(const Scene& scene, const Sample& sample, int threads = 0);
  ~Microscope();
  Microscope(Microscope&&) noexcept;
  Microscope& operator=(Microscope&&) noexcept;

  const Scene& scene() const;
  const ThermalHistory& history() const;
  const Truth& truth() const;
  int frame_count() const { return static_cast<int>(history().frames.size()); }
  /// Step of the programme to which a frame belongs.
  int step_of(int frame) const;

  /// Frame by global number, whole numbers within the detector's range. Thread-safe.
  Frame record(int frame) const;
  /// The same before the detector: expected quanta per pixel.
  cv::Mat1f expected_quanta(int frame) const;
  /// The particles whose centre lies in a frame.
  std::vector<TruthParticle> particles_in(int frame) const;

  /// Frame-sized masks of a region in specimen coordinates (= its first frame): 255 = oxide, and 255 = a
  /// particle's centre may lie here.
  cv::Mat1b oxide_mask(int region) const;
  cv::Mat1b usable_mask(int region) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sinterscope
