// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared_products.h"
#include "sinterscope/tracking/link.h"
#include "stages.h"

namespace sinterscope {

namespace {

class LinkStage : public StageWith<LinkOptions> {
 public:
  std::string name() const override { return "link"; }
  std::string summary() const override {
    return "particles of successive frames into tracks, in specimen coordinates";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), 1);
    products.tracks = link(products.particles, products.history, drifts_of(products),
                           products.regions.front().raw->frame_size(), options_);
    products.particles = with_track_numbers(std::move(products.particles), products.tracks);
    context.progress.advance();
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.tracks);
    if (archive.reading())
      products.particles = with_track_numbers(std::move(products.particles), products.tracks);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_link_stage() { return std::make_unique<LinkStage>(); }

}  // namespace sinterscope
