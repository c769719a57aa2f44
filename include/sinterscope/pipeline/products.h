// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the stages make, in the order in which they make it. A stage reads what stands there and adds its own.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/core/random.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/imaging/denoise.h"
#include "sinterscope/imaging/scan_lines.h"
#include "sinterscope/imaging/search_frames.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/local_verdict.h"
#include "sinterscope/inference/locality.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/particles/detect.h"
#include "sinterscope/particles/ground_memo.h"
#include "sinterscope/particles/hold_sizes.h"
#include "sinterscope/particles/size.h"
#include "sinterscope/particles/size_distribution.h"
#include "sinterscope/pipeline/config.h"

namespace sinterscope {

/// One field of view through the whole programme.
struct RegionProducts {
  std::string name;
  std::unique_ptr<FrameSource> raw;  ///< all frames of the region, in time order
  std::unique_ptr<FrameSource>
      steady;                          ///< raw with its rows set right; what registration and support look at
  std::unique_ptr<FrameSource> clean;  ///< steady, denoised
  std::unique_ptr<SearchFrames> search;  ///< clean, made ready for the search
  std::size_t holds_compared = 0;        ///< searched against the average of particle-free holds
  std::vector<Seed> standing;            ///< seen in particle-free holds, in specimen coordinates
  NoiseModel noise;
  double clipped_share = 0.0;  ///< of the pixels of the frames looked at
  ScanLineReport scan_lines;
  Drift drift;
  SupportArea support;
  DenoiseOptions denoise;  ///< how `clean` was made
  DetectOptions detect;    ///< with the polarity decided
  Probe probe;
  SizeOptions size;                                                      ///< with the detector known
  std::unique_ptr<GroundMemo> grounds = std::make_unique<GroundMemo>();  ///< of `search`

  std::optional<double> pixel_size_nm() const { return raw->description().calibration.pixel_size_nm(); }
};

/// The particles of one hold, each with one diameter, and the laws that they follow.
struct HoldSizes {
  std::vector<int> tracks;             ///< numbers
  std::vector<HoldSize> sizes;         ///< one a track
  std::vector<bool> counted;           ///< in the laws: seen often enough, whole, and measured
  std::vector<SizeDistribution> laws;  ///< normal and lognormal, the more probable first; empty = too few
  SizeBins histogram;
  double shared_relative_error = 0.0;  ///< of every diameter
};

struct Products {
  PipelineConfig config;
  ThermalHistory history;
  std::vector<RegionProducts> regions;          ///< as ThermalHistory::regions
  std::vector<Particle> particles;              ///< in order of frame, then y, then x
  std::vector<CompletenessCurve> completeness;  ///< one per hold, as ThermalHistory::holds
  std::vector<Track> tracks;
  std::vector<Event> events;
  std::vector<HoldInventory> inventory;  ///< one per hold, as ThermalHistory::holds; empty where uncalibrated
  std::vector<HoldSizes> sizes;          ///< one per hold, as ThermalHistory::holds
  std::optional<Locality> locality;      ///< empty where there is no inventory of atoms
  std::optional<EntropyFit> fit;
  std::vector<LocalVerdict> local_verdicts;  ///< empty where the sizes form one group
  std::optional<ModelComparison> models;
  std::vector<std::string> warnings;
};

/// What a stage may ask of its surroundings.
struct RunContext {
  int threads = 0;  ///< 0 = all cores
  Rng rng{1};
  Progress& progress;

  /// Keeps the warning with the products and tells it.
  void warn(Products& products, const std::string& message) const {
    products.warnings.push_back(message);
    progress.warn(message);
  }
};

}  // namespace sinterscope
