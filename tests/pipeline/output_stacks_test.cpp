// SPDX-License-Identifier: GPL-3.0-or-later
// The stacks that a run writes for other programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folders.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/roi_writer.h"
#include "sinterscope/pipeline/outputs.h"

namespace sinterscope {
namespace {

using ::testing::HasSubstr;

// Two frames of 32 x 24 pixels, a particle in the second one.
Products small_experiment() {
  Products products;
  ThermalEntry entry;
  entry.frames = 2;
  entry.frame_interval_s = 2.0;
  products.history = make_thermal_history({entry});
  RegionProducts region;
  region.name = "1";
  region.raw = std::make_unique<FramesInMemory>(
      std::vector<cv::Mat1f>{cv::Mat1f(24, 32, 1.0F), cv::Mat1f(24, 32, 2.5F)},
      Calibration{0.2, 0.2, "test"});
  products.regions.push_back(std::move(region));
  Particle particle;
  particle.frame = 1;
  particle.track = 4;
  particle.x_px = 10.0;
  particle.y_px = 12.0;
  particle.diameter_px = 6.0;
  products.particles = {particle};
  return products;
}

TEST(OutputStacks, WriteLabelsAndOutlinesAndNothingElseUnlessAsked) {
  const TemporaryFolder folder;
  NoProgress progress;
  write_image_stacks(small_experiment(), folder.path(), {1, Rng(1), progress});
  const auto labels = open_frames(folder / "labels.tif");
  EXPECT_EQ(labels->load_native(1).at<ushort>(12, 10), 5);
  EXPECT_EQ(labels->load_native(0).at<ushort>(12, 10), 0);
  EXPECT_NEAR(labels->description().calibration.pixel_size_x_nm.value(), 0.2, 1e-9);
  const std::string rois = read_bytes(folder / "rois.zip");
  EXPECT_THAT(rois, HasSubstr(roi_bytes({"frame00001_0000_track4", 10.0, 12.0, 6.0, 6.0, 2})));
  // Its place in nm: 10 and 12 px of 0.2 nm; the second frame begins after 2 s.
  EXPECT_THAT(read_bytes(folder / "trackmate.xml"),
              HasSubstr("POSITION_X=\"2\" POSITION_Y=\"2.4\" POSITION_Z=\"0.0\" POSITION_T=\"2\" FRAME=\"1\" "
                        "RADIUS=\"0.6\""));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3);
}

// The number of pixel centres in a disk of radius r differs from its area by less than 2 pi r^(2/3), far
// above the errors of the circle problem at these radii and far below the 2 pi r of a drawn outline.
TEST(OutputStacks, LabelAsManyPixelsAsTheParticleCovers) {
  for (const double diameter : {0.4, 5.3, 11.01, 20.7}) {
    const TemporaryFolder folder;
    NoProgress progress;
    Products products = small_experiment();
    products.particles.front().diameter_px = diameter;
    products.particles.front().x_px = 10.37;
    write_image_stacks(products, folder.path(), {1, Rng(1), progress});
    const int labelled = cv::countNonZero(open_frames(folder / "labels.tif")->load_native(1));
    EXPECT_NEAR(labelled, std::max(1.0, 0.25 * pi * diameter * diameter),
                2.0 * pi * std::pow(0.5 * diameter, 2.0 / 3.0))
        << diameter;
    EXPECT_GE(labelled, 1);
  }
}

TEST(OutputStacks, WriteEveryFormatThatIsAskedFor) {
  const TemporaryFolder folder;
  NoProgress progress;
  for (const char* format : {"tif", "ome", "hspy"}) {
    Products products = small_experiment();
    products.config.outputs = {false, true, true, "raw", format, false};
    write_image_stacks(products, folder.path(), {1, Rng(1), progress});
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "rois.zip"));
  EXPECT_FALSE(std::filesystem::exists(folder / "trackmate.xml"));
  for (const char* name : {"labels.ome.tif", "labels.hspy"})
    EXPECT_EQ(open_frames(folder / name)->load_native(1).at<ushort>(12, 10), 5) << name;
  for (const char* name : {"frames.tif", "frames.ome.tif", "frames.hspy"}) {
    const auto frames = open_frames(folder / name);
    ASSERT_EQ(frames->size(), 2U) << name;
    EXPECT_EQ(frames->load(1).pixels(3, 3), 2.5F) << name;
    EXPECT_NEAR(frames->description().calibration.pixel_size_x_nm.value(), 0.2, 1e-9) << name;
    EXPECT_DOUBLE_EQ(frames->description().frame_interval_s.value(), 2.0) << name;
  }
}

}  // namespace
}  // namespace sinterscope
