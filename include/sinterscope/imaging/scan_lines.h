// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a scanning microscope does to whole rows, recognised and undone.
//
// Row noise: the signal of a row shifts as a whole (beam current, amplifier). It is what a row has, in the
// middle half of its pixels, beyond the rows around it; only what changes from row to row can be told from
// the specimen. Row jitter: a row is displaced along x (stray fields, flyback; Jones and Nellist, Microsc.
// Microanal. 19, 1050, 2013, doi:10.1017/S1431927613001402). Its displacement is the least-squares answer of
// the row's difference from the rows around it to their gradient, weighted by the noise, and shrunk towards
// zero by its own error. Both break down where the specimen itself changes from row to row: a facet edge
// along x, detail of one pixel. For the search only: measurement always reads the raw frame.

#include <cstdint>
#include <mutex>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

/// How each row of a frame lies against its neighbours.
struct RowJitter {
  std::vector<double> shift_px;  ///< the content of row y is displaced by this much along +x
  double sd_px = 0.0;  ///< standard deviation of the true shifts, the measuring error taken off; 0 = not seen
  double error_px = 0.0;  ///< standard error of one shift (median over the rows)
};

/// Jitter of one frame; sd_px is 0 unless it stands out from the measuring error by four standard deviations.
RowJitter measure_row_jitter(const cv::Mat1f& pixels, const NoiseModel& noise);

/// The frame with every row moved back; the same frame where no jitter was seen.
Frame correct_row_jitter(const Frame& frame, const RowJitter& jitter);

/// How many counts each row lies above what the rows around it foretell; empty where noise.row_noise_sd is 0.
std::vector<double> measure_row_noise(const cv::Mat1f& pixels, const NoiseModel& noise);

/// The frame with so many counts taken off each row; the same frame for an empty list.
Frame remove_row_noise(const Frame& frame, const std::vector<double>& counts);

struct ScanLineOptions {
  bool row_noise = true;
  bool row_jitter = true;
  double least_row_noise = 0.1;
  double least_jitter_px = 0.1;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.row_noise,
          {"row_noise", "", "remove shifts of the signal of whole rows, where the frames show any"});
    visit(self.row_jitter, {"row_jitter", "", "move displaced rows back, where the frames show any"});
    visit(self.least_row_noise,
          {"least_row_noise", "1",
           "row noise below this share of the noise of a pixel is left alone: it hides nothing", 0, 100});
    visit(self.least_jitter_px, {"least_jitter_px", "px",
                                 "jitter of a smaller standard deviation is left alone: moving rows is a "
                                 "resampling and has its price",
                                 0, 10});
  }
};

/// What a source's rows suffer from, and what is done about it.
struct ScanLineReport {
  double row_noise_sd = 0.0;  ///< counts, as in the noise model
  double jitter_sd_px = 0.0;  ///< median over the frames looked at; 0 = none seen
  bool row_noise_removed = false;
  bool jitter_corrected = false;
};

/// Frames with their rows set right as they are loaded. Whether there is jitter is asked of up to five frames
/// spread over the source; a frame that shows none is left as it is. The source must outlive it. Frames are
/// loaded again and again, and finding what is wrong with their rows takes longer than reading them: that is
/// kept, in 16 bits a row and kind, exact to 1/256 of the standard deviation of the row noise and 1/4096 px.
class ScanLineFrames : public FrameSource {
 public:
  ScanLineFrames(const FrameSource& source, const NoiseModel& noise, ScanLineOptions options = {});
  const SourceDescription& description() const override { return source_->description(); }
  Frame load(std::size_t i) const override;
  const ScanLineReport& report() const { return report_; }

 private:
  /// What is taken off a frame's rows and how far they are moved back; empty: nothing.
  struct Correction {
    bool known = false;
    std::vector<std::int16_t> level, shift;
  };
  Correction correction_of(std::size_t i, const cv::Mat1f& pixels) const;

  const FrameSource* source_;
  NoiseModel noise_;
  ScanLineReport report_;
  mutable std::mutex mutex_;
  mutable std::vector<Correction> corrections_;
};

}  // namespace sinterscope
