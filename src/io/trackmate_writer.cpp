// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/trackmate_writer.h"

#include <fmt/ostream.h>

#include <map>
#include <ostream>

#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

/// What a number of a spot is called, and its dimension in TrackMate's words.
void write_features(std::ostream& out) {
  struct Feature {
    const char *key, *name, *dimension;
    bool whole;
  };
  constexpr Feature features[] = {
      {"QUALITY", "Quality", "QUALITY", false},  {"POSITION_X", "X", "POSITION", false},
      {"POSITION_Y", "Y", "POSITION", false},    {"POSITION_Z", "Z", "POSITION", false},
      {"POSITION_T", "T", "TIME", false},        {"FRAME", "Frame", "NONE", true},
      {"RADIUS", "Radius", "LENGTH", false},     {"VISIBILITY", "Visibility", "NONE", true},
      {"DIAMETER", "Diameter", "LENGTH", false}, {"DIAMETER_SE", "Diameter error", "LENGTH", false}};
  out << "    <FeatureDeclarations>\n      <SpotFeatures>\n";
  for (const Feature& f : features)
    fmt::print(out,
               R"(        <Feature feature="{}" name="{}" shortname="{}" dimension="{}" isint="{}" />)"
               "\n",
               f.key, f.name, f.name, f.dimension, f.whole);
  out << "      </SpotFeatures>\n      <EdgeFeatures />\n      <TrackFeatures />\n    "
         "</FeatureDeclarations>\n";
}

/// The IDs of the spots of each track, in time order.
using TrackSpots = std::map<int, std::vector<std::size_t>>;

/// IDs count through all frames.
TrackSpots write_spots(std::ostream& out, const TrackMateModel& model) {
  std::size_t count = 0;
  for (std::size_t frame = 0; frame < model.frames; ++frame) count += model.spots(frame).size();
  fmt::print(out, "    <AllSpots nspots=\"{}\">\n", count);
  TrackSpots tracks;
  std::size_t id = 0;
  for (std::size_t frame = 0; frame < model.frames; ++frame) {
    const std::vector<TrackMateSpot> spots = model.spots(frame);
    if (spots.empty()) continue;
    fmt::print(out, "      <SpotsInFrame frame=\"{}\">\n", frame);
    for (const TrackMateSpot& s : spots) {
      fmt::print(
          out,
          R"(        <Spot ID="{}" name="ID{}" QUALITY="{:.6g}" POSITION_X="{:.8g}" POSITION_Y="{:.8g}" )"
          R"(POSITION_Z="0.0" POSITION_T="{:.8g}" FRAME="{}" RADIUS="{:.6g}" VISIBILITY="1" )"
          R"(DIAMETER="{:.6g}" DIAMETER_SE="{:.6g}" />)"
          "\n",
          id, id, s.snr, s.x, s.y, s.time_s, frame, 0.5 * s.diameter, s.diameter, s.diameter_se);
      if (s.track >= 0) tracks[s.track].push_back(id);
      ++id;
    }
    out << "      </SpotsInFrame>\n";
  }
  out << "    </AllSpots>\n";
  std::erase_if(tracks, [](const auto& track) { return track.second.size() < 2; });
  return tracks;
}

void write_tracks(std::ostream& out, const TrackSpots& tracks) {
  out << "    <AllTracks>\n";
  for (const auto& [number, members] : tracks) {
    fmt::print(out, "      <Track name=\"Track_{}\" TRACK_ID=\"{}\">\n", number, number);
    for (std::size_t k = 1; k < members.size(); ++k)
      fmt::print(out, "        <Edge SPOT_SOURCE_ID=\"{}\" SPOT_TARGET_ID=\"{}\" />\n", members[k - 1],
                 members[k]);
    out << "      </Track>\n";
  }
  out << "    </AllTracks>\n    <FilteredTracks>\n";
  for (const auto& [number, members] : tracks) fmt::print(out, "      <TrackID TRACK_ID=\"{}\" />\n", number);
  out << "    </FilteredTracks>\n";
}

void write_settings(std::ostream& out, const TrackMateModel& model) {
  out << "  <Settings>\n";
  fmt::print(out,
             R"(    <ImageData filename="{}" folder="" width="{}" height="{}" nslices="1" nframes="{}" )"
             R"(pixelwidth="{}" pixelheight="{}" voxeldepth="1.0" timeinterval="{}" />)"
             "\n",
             escaped(model.image), model.size.width, model.size.height, model.frames, model.pixel_size,
             model.pixel_size, model.frame_interval_s);
  fmt::print(out,
             R"(    <BasicSettings xstart="0" xend="{}" ystart="0" yend="{}" zstart="0" zend="0" tstart="0" )"
             R"(tend="{}" />)"
             "\n",
             model.size.width - 1, model.size.height - 1, model.frames - 1);
  out << "    <DetectorSettings DETECTOR_NAME=\"MANUAL_DETECTOR\" RADIUS=\"1.0\" />\n"
         "    <InitialSpotFilter feature=\"QUALITY\" value=\"0.0\" isabove=\"true\" />\n"
         "    <SpotFilterCollection />\n"
         "    <TrackerSettings TRACKER_NAME=\"MANUAL_TRACKER\" />\n"
         "    <TrackFilterCollection />\n"
         "    <AnalyzerCollection>\n      <SpotAnalyzers />\n      <EdgeAnalyzers />\n      <TrackAnalyzers "
         "/>\n"
         "    </AnalyzerCollection>\n"
         "  </Settings>\n";
}

}  // namespace

void write_trackmate(const std::filesystem::path& path, const TrackMateModel& model) {
  write_file(path, [&](std::ostream& out) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TrackMate version=\"7.11.1\">\n";
    fmt::print(out, "  <Model spatialunits=\"{}\" timeunits=\"s\">\n", escaped(model.unit));
    write_features(out);
    write_tracks(out, write_spots(out, model));
    out << "  </Model>\n";
    write_settings(out, model);
    out << "  <GUIState state=\"ConfigureViews\" />\n</TrackMate>\n";
  });
}

}  // namespace sinterscope
