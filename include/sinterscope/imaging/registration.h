// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the specimen lay in each frame: rigid drift of one region through its whole cycle.
//
// Each frame, binned and variance-stabilised, is matched to a growing reference, the mean of the frames
// registered so far in specimen coordinates. A half-whitened Fourier cross-correlation finds the whole-pixel
// shift (jumps included); the overlap is then cut out of both, and Newton's method on their band-passed
// cross-correlation gives the fraction of a pixel. Frames whose match is no better than chance do not enter
// the reference: their shift is interpolated, their sigma enlarged, and they are marked unreliable. sigma is
// the Cramer-Rao bound (signal gradient against noise, from the measured spectra; the shift is relative to
// frame 0, whose own noise counts) with a small floor for what interpolation leaves.
// Breaks down where there is nothing to see (then it says so), and where the support itself changes its
// shape.

#include "sinterscope/core/progress.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

struct RegistrationOptions {
  std::string method = "correlation";
  double max_jump_px = 100.0;  ///< largest move from one frame to the next
  double fine_px = 1.6;        ///< detail finer than this standard deviation is ignored
  double coarse_px = 40.0;     ///< shading wider than this standard deviation is ignored
  double significance = 7.5;   ///< peak height over chance matches below which a match is not believed
  int working_size_px = 512;   ///< frames are binned to about this size

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.method, {"method",
                        "",
                        "correlation: register the frames; none: they are registered already",
                        -1e300,
                        1e300,
                        {"correlation", "none"}});
    visit(self.max_jump_px,
          {"max_jump_px", "px", "largest move looked for from one frame to the next", 1, 1e5});
    visit(self.fine_px, {"fine_px", "px", "detail finer than this standard deviation is ignored", 0, 100});
    visit(self.coarse_px,
          {"coarse_px", "px", "shading wider than this standard deviation is ignored", 1, 1e4});
    visit(self.significance,
          {"significance", "1",
           "peak of the correlation in standard deviations of a chance match, below which a frame "
           "is called unreliable",
           0, 1000});
    visit(self.working_size_px,
          {"working_size_px", "px", "frames are binned to about this many pixels a side", 64, 8192});
  }
};

/// One shift per frame of `frames` (all holds of one region in sequence). A single frame has shift zero. Each
/// frame is matched to a reference of those before it, so `threads` only load and bin the next ones
/// meanwhile. Never throws for a poor image: see FrameShift::reliable. Errors of loading a frame pass
/// through.
Drift estimate_drift(const FrameSource& frames, const NoiseModel& noise, const RegistrationOptions& options,
                     Progress& progress, int threads = 1);

}  // namespace sinterscope
