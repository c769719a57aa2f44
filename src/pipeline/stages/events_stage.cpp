// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared_products.h"
#include "sinterscope/tracking/events.h"
#include "stages.h"

namespace sinterscope {
namespace {

/// Secondary electrons see a surface, transmitted ones a thickness.
double power_of(const std::string& detector) {
  if (detector.empty()) return 0.0;
  return detector == "SE" ? 2.0 : 3.0;
}

class EventsStage : public StageWith<EventOptions> {
 public:
  std::string name() const override { return "events"; }
  std::string summary() const override { return "what happened to each particle, with its probability"; }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), 1);
    EventOptions options = options_;
    if (options.brightness_power == 0.0) options.brightness_power = power_of(known_detector(products));
    products.events =
        find_events(products.particles, products.tracks, products.history, products.completeness,
                    drifts_of(products), products.regions.front().raw->frame_size(), options);
    context.progress.advance();
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.events);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_events_stage() { return std::make_unique<EventsStage>(); }

}  // namespace sinterscope
