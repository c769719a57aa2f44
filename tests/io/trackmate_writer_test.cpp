// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/trackmate_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_files.h"

namespace sinterscope {
namespace {

using test::TestFolder;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::string written(const TrackMateModel& model) {
  const TestFolder folder;
  write_trackmate(folder / "model.xml", model);
  return test::read_bytes(folder / "model.xml");
}

TrackMateModel two_particles() {
  TrackMateModel model;
  model.image = "labels.tif";
  model.size = {64, 48};
  model.frames = 4;
  // Particle 7 in frames 0, 1 and 3, particle 9 in frame 1 only, one that was not linked.
  const std::vector<std::vector<TrackMateSpot>> spots = {
      {{0.0, 10.0, 20.0, 6.0, 0.1, 9.0, 7}},
      {{1.0, 10.5, 20.0, 6.0, 0.1, 9.0, 7}, {1.0, 40.0, 30.0, 5.0, 0.1, 7.0, 9}},
      {},
      {{3.0, 11.0, 20.0, 6.0, 0.1, 9.0, 7}, {3.0, 50.0, 31.0, 4.0, 0.1, 6.0, -1}}};
  model.spots = [spots](std::size_t frame) { return spots.at(frame); };
  return model;
}

TEST(TrackMateWriter, JoinsEachSpotOfATrackToTheNextOne) {
  const std::string xml = written(two_particles());
  EXPECT_THAT(xml, HasSubstr("<AllSpots nspots=\"5\">"));
  EXPECT_EQ(count(xml, "<Spot ID="), 5U);
  EXPECT_EQ(count(xml, "<SpotsInFrame"), 3U);  // a frame without spots is not listed
  EXPECT_EQ(count(xml, "<Edge "), 2U);
  EXPECT_THAT(xml, HasSubstr("<Edge SPOT_SOURCE_ID=\"0\" SPOT_TARGET_ID=\"1\" />"));
  EXPECT_THAT(xml, HasSubstr("<Edge SPOT_SOURCE_ID=\"1\" SPOT_TARGET_ID=\"3\" />"));
}

TEST(TrackMateWriter, NamesNoTrackWithoutEdges) {
  const std::string xml = written(two_particles());
  EXPECT_EQ(count(xml, "<TrackID TRACK_ID=\"7\" />"), 1U);
  EXPECT_EQ(count(xml, "<TrackID "), 1U);
  EXPECT_EQ(count(xml, "<Track name="), 1U);
}

TEST(TrackMateWriter, KeepsHostileNamesText) {
  TrackMateModel model = two_particles();
  model.image = "a\"><x & y.tif";
  const std::string xml = written(model);
  EXPECT_THAT(xml, HasSubstr("filename=\"a&quot;>&lt;x &amp; y.tif\""));
  EXPECT_THAT(xml, Not(HasSubstr("<x ")));
}

TEST(TrackMateWriter, WritesAnExperimentWithoutParticles) {
  TrackMateModel model = two_particles();
  model.spots = [](std::size_t) { return std::vector<TrackMateSpot>(); };
  EXPECT_THAT(written(model), HasSubstr("<AllSpots nspots=\"0\">\n    </AllSpots>"));
}

}  // namespace
}  // namespace sinterscope
