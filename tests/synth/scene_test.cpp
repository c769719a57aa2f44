// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/scene.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sinterscope/core/error.h"
#include "synth/scenes.h"

namespace sinterscope {
namespace {

/// The message with which a scene is refused; empty if it is accepted.
std::string refusal(const std::function<void(Scene&)>& spoil) {
  Scene scene = test::cycle_scene();
  spoil(scene);
  try {
    validate_scene(scene);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Error::Kind::usage);
    return error.what();
  }
  return "";
}

TEST(Scene, AcceptsACompleteCycle) {
  EXPECT_EQ(refusal([](Scene&) {}), "");
}

TEST(Scene, NamesTheSectionAndFieldOfAValueOutOfRange) {
  EXPECT_THAT(refusal([](Scene& scene) { scene.optics.pixel_size_nm = -1.0; }),
              testing::AllOf(testing::HasSubstr("optics"), testing::HasSubstr("pixel_size_nm"),
                             testing::HasSubstr("-1")));
  EXPECT_THAT(refusal([](Scene& scene) { scene.support.kind = "cube"; }),
              testing::AllOf(testing::HasSubstr("kind"), testing::HasSubstr("nearest: 'cubes'")));
  EXPECT_THAT(refusal([](Scene& scene) { scene.programme[2].frames = 0; }),
              testing::AllOf(testing::HasSubstr("step 2"), testing::HasSubstr("frames")));
}

TEST(Scene, RefusesAStepThatLeavesTheInventoryOpenOrStatesItTwice) {
  EXPECT_THAT(refusal([](Scene& scene) { scene.programme[1].c_star.reset(); }), testing::HasSubstr("step 1"));
  EXPECT_THAT(refusal([](Scene& scene) { scene.programme[1].c_np = 0.01; }),
              testing::HasSubstr("exactly one"));
}

TEST(Scene, RefusesMoreMetalInParticlesThanThereIs) {
  EXPECT_THAT(refusal([](Scene& scene) {
                scene.programme[0].c_star.reset();
                scene.programme[0].c_np = 0.5;
              }),
              testing::HasSubstr("c_tot"));
}

TEST(Scene, RefusesAProgrammeWithoutBeginning) {
  EXPECT_THAT(refusal([](Scene& scene) { scene.programme.clear(); }), testing::HasSubstr("programme"));
  EXPECT_THAT(refusal([](Scene& scene) { scene.regions.clear(); }), testing::HasSubstr("regions"));
  EXPECT_THAT(refusal([](Scene& scene) { scene.programme[0].change = "ripening"; }),
              testing::HasSubstr("first step"));
}

TEST(Scene, NamesTheNearestRegionOfAScriptedParticle) {
  EXPECT_THAT(refusal([](Scene& scene) {
                scene.regions = {"cube-1", "cube-2"};
                ScriptedParticle particle;
                particle.region = "cube1";
                scene.programme[0].particles.push_back(particle);
              }),
              testing::HasSubstr("did you mean 'cube-1'"));
}

}  // namespace
}  // namespace sinterscope
