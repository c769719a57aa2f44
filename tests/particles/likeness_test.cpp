// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "likeness.h"
#include "sinterscope/core/random.h"
#include "sinterscope/particles/find.h"

namespace sinterscope {
namespace {

constexpr int size = 280;
constexpr double ground = 60.0, height = 40.0, probe_px = 1.5;  // counts
constexpr double spacing = 56.0;
const cv::Point2d stranger(140, 140);  // in the middle of a grid of 4 x 4 places

std::vector<cv::Point2d> grid() {
  std::vector<cv::Point2d> places;
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) places.emplace_back(56.0 + spacing * i, 56.0 + spacing * j);
  return places;
}

/// An equilateral triangle of this side, its centre of mass at `at`.
void add_triangle(cv::Mat1f& image, cv::Point2d at, double side, double counts) {
  std::vector<cv::Point> corners;
  for (int k = 0; k < 3; ++k) {
    const double angle = (0.5 + 2.0 * k / 3.0) * CV_PI;
    corners.emplace_back(cvRound(at.x + side / std::sqrt(3.0) * std::cos(angle)),
                         cvRound(at.y + side / std::sqrt(3.0) * std::sin(angle)));
  }
  cv::Mat1f shape = cv::Mat1f::zeros(image.size());
  cv::fillConvexPoly(shape, corners, counts);
  image += shape;
}

void add_disk(cv::Mat1f& image, cv::Point2d at, double diameter, double counts) {
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      if (std::hypot(x - at.x, y - at.y) < 0.5 * diameter) image(y, x) += static_cast<float>(counts);
}

/// What the probe makes of it, with the noise of counting.
cv::Mat1f seen(const cv::Mat1f& specimen, std::uint64_t seed) {
  cv::Mat1f image;
  cv::GaussianBlur(specimen, image, {}, probe_px);
  Rng rng(seed);
  for (float& pixel : image)
    pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  return image;
}

FindRequest request_for(const FrameSource& frames, const std::string& detector,
                        const std::string& surroundings) {
  FindRequest request;
  request.clean = request.raw = &frames;
  request.drift = Drift(frames.size());
  request.probe = {probe_px, 0.0};
  request.detect.polarity = "bright";
  request.detect.surroundings = surroundings;
  request.size.detector = detector;
  request.size.profile = "disk";
  request.threads = 1;
  return request;
}

std::vector<Particle> find_in(const std::vector<cv::Mat1f>& images, const std::string& detector,
                              const std::string& surroundings) {
  const FramesInMemory frames(images);
  NoProgress progress;
  return find_particles(request_for(frames, detector, surroundings), progress);
}

std::size_t near(const std::vector<Particle>& particles, cv::Point2d place) {
  return static_cast<std::size_t>(std::count_if(particles.begin(), particles.end(), [&](const Particle& one) {
    return std::hypot(one.x_px - place.x, one.y_px - place.y) < 6.0;
  }));
}

std::size_t on_grid(const std::vector<Particle>& particles) {
  std::size_t count = 0;
  for (const cv::Point2d& place : grid()) count += near(particles, place) > 0 ? 1 : 0;
  return count;
}

TEST(LikenessOfParticles, WhatHasAnotherShapeThanAllOthersIsNone) {
  cv::Mat1f specimen(size, size, static_cast<float>(ground));
  for (const cv::Point2d& place : grid()) add_disk(specimen, place, 14.0, height);
  add_triangle(specimen, stranger, 22.0, height);
  const std::vector<Particle> found = find_in({seen(specimen, 3)}, "SE", "judged");
  EXPECT_EQ(on_grid(found), 16U);
  EXPECT_EQ(near(found, stranger), 0U);
}

TEST(LikenessOfParticles, ABrightEdgeBesideAParticleIsNotItsShape) {
  cv::Mat1f specimen(size, size, static_cast<float>(ground));
  specimen(cv::Rect(cvRound(stranger.x) + 12, 0, 4, size)) += 1.2 * height;  // within the window of its fit
  for (const cv::Point2d& place : grid()) add_disk(specimen, place, 14.0, height);
  add_disk(specimen, stranger, 14.0, height);
  const std::vector<Particle> found = find_in({seen(specimen, 4)}, "SE", "judged");
  EXPECT_EQ(on_grid(found), 16U);
  EXPECT_EQ(near(found, stranger), 1U);
}

TEST(LikenessOfParticles, AShapeThatAllHaveIsThatOfParticles) {
  cv::Mat1f specimen(size, size, static_cast<float>(ground));
  for (const cv::Point2d& place : grid()) add_triangle(specimen, place, 22.0, height);
  add_triangle(specimen, stranger, 22.0, height);
  const std::vector<Particle> found = find_in({seen(specimen, 5)}, "SE", "judged");
  EXPECT_GE(on_grid(found), 15U);
  EXPECT_EQ(near(found, stranger), 1U);
}

TEST(LikenessOfParticles, AHillMuchFainterThanAllOthersIsNone) {
  cv::Mat1f specimen(size, size, static_cast<float>(ground));
  for (const cv::Point2d& place : grid()) add_disk(specimen, place, 10.0, height);
  const cv::Mat1f without = specimen.clone();
  add_disk(specimen, stranger, 26.0, 0.2 * height);
  for (const char* const detector : {"SE", "HAADF"}) {
    const std::string surroundings = detector == std::string("SE") ? "judged" : "ignored";
    const std::vector<Particle> found = find_in({seen(specimen, 7)}, detector, surroundings);
    EXPECT_EQ(on_grid(found), 16U) << detector;
    EXPECT_EQ(near(found, stranger), 0U) << detector;
  }
  // Nothing to compare with: the same hill by itself is reported.
  cv::Mat1f alone(size, size, static_cast<float>(ground));
  add_disk(alone, stranger, 26.0, 0.2 * height);
  EXPECT_EQ(near(find_in({seen(alone, 7)}, "SE", "judged"), stranger), 1U);
}

/// Whether a wide thing stays among sixteen of 14 px that look like the model: so many times as bright (of
/// its thickness per diameter, or of its surface), with this chi-square per degree of freedom.
bool stays(bool surface, double brightness, double chi2_per_dof) {
  const auto one = [&](double x, double diameter, double counts, double chi2) {
    Measured m;
    m.particle.x_specimen_px = x;
    m.particle.diameter_px = diameter;
    (surface ? m.relief : m.thickness) = static_cast<float>(counts);
    m.height = static_cast<float>(counts);
    m.variance = 80.0F;
    m.degrees_of_freedom = static_cast<float>(0.8 * diameter * diameter);
    m.chi2 = static_cast<float>(chi2) * m.degrees_of_freedom;
    m.fitted_diameter_px = static_cast<float>(diameter);
    m.is_cap = !surface;
    m.shaped = true;
    return m;
  };
  std::vector<Measured> frame;
  const double usual = 75.0, of_small = surface ? usual : usual * 14.0 / 26.0;
  for (int k = 0; k < 16; ++k) frame.push_back(one(100.0 * k, 14.0, of_small + 0.1 * k, 1.0));
  frame.push_back(one(5000.0, 26.0, brightness * usual, chi2_per_dof));
  return alike({frame}, {{0, 1}}).front().size() == frame.size();
}

TEST(LikenessOfParticles, ALittleThinAndALittleOutOfShapeIsNoParticleWhereThicknessShows) {
  for (const bool surface : {false, true}) {
    EXPECT_TRUE(stays(surface, 0.66, 1.0)) << surface;
    EXPECT_TRUE(stays(surface, 1.0, 1.4)) << surface;
    EXPECT_FALSE(stays(surface, 0.3, 1.0)) << surface;
    EXPECT_FALSE(stays(surface, 1.0, 6.0)) << surface;
  }
  EXPECT_FALSE(stays(false, 0.66, 1.4));
  EXPECT_TRUE(stays(true, 0.66, 1.4));  // of a surface both may come from a bright facet beneath it
}

TEST(LikenessOfParticles, AFaintHillIsNoneBesideAParticleEither) {
  struct Hill {
    double diameter, counts;
  };
  // The second is bright enough for one that had lost light to another, which none does that is so wide.
  for (const Hill& hill : {Hill{26.0, 0.9 * height}, Hill{40.0, 4.0 * height}}) {
    cv::Mat1f specimen(size, size, static_cast<float>(10.0 * ground));
    for (const cv::Point2d& place : grid()) add_disk(specimen, place, 10.0, 10.0 * height);
    const cv::Point2d beside(stranger.x + 0.5 * hill.diameter + 5.0, stranger.y);
    add_disk(specimen, stranger, hill.diameter, hill.counts);
    add_disk(specimen, beside, 10.0, 10.0 * height);
    const std::vector<Particle> found = find_in({seen(specimen, 9)}, "HAADF", "ignored");
    EXPECT_EQ(on_grid(found), 16U) << hill.diameter;
    EXPECT_EQ(near(found, beside), 1U) << hill.diameter;
    EXPECT_EQ(near(found, stranger), 0U) << hill.diameter;
  }
}

/// Frames of a third of the dose: what one of them cannot tell all tell together, and a thing is in all
/// frames or in none.
std::vector<cv::Mat1f> faint_frames_with_a_triangle() {
  cv::Mat1f specimen(size, size, static_cast<float>(ground / 3.0));
  for (const cv::Point2d& place : grid()) add_disk(specimen, place, 14.0, height / 3.0);
  add_triangle(specimen, stranger, 22.0, height / 3.0);
  std::vector<cv::Mat1f> images;
  for (std::uint64_t k = 0; k < 6; ++k) images.push_back(seen(specimen, 20 + k));
  return images;
}

TEST(LikenessOfParticles, AsksAllFramesOfABlockForTheShapeOfWhatStandsThere) {
  const std::vector<cv::Mat1f> images = faint_frames_with_a_triangle();
  const std::vector<Particle> together = find_in(images, "SE", "judged");
  std::size_t alone = 0;
  for (const cv::Mat1f& image : images) alone += near(find_in({image}, "SE", "judged"), stranger);
  EXPECT_GE(alone, 3U);
  EXPECT_EQ(near(together, stranger), 0U);
}

TEST(LikenessOfParticles, AsksAllHoldsForTheShapeOfWhatStandsInEachOfThem) {
  const std::vector<cv::Mat1f> images = faint_frames_with_a_triangle();
  const FramesInMemory frames(images);
  FindRequest request = request_for(frames, "SE", "judged");
  for (std::size_t i = 0; i < images.size(); ++i) request.first_of_hold.push_back(i);
  NoProgress progress;
  EXPECT_GE(near(find_particles(request, progress), stranger), 3U);
  request.standing = {{stranger.x, stranger.y, 14.0}};
  constexpr std::size_t particle_free = 2;  // alone of its kind, so nothing is taken off it
  request.supported = [](std::size_t frame, const cv::Mat1f& pixels) {
    if (frame == particle_free) return ShiftedFrame{pixels, {}};
    return ShiftedFrame{pixels, {}, cv::Mat1f(pixels.size(), static_cast<float>(ground / 3.0)), 0.25};
  };
  const std::vector<Particle> found = find_particles(request, progress);
  EXPECT_EQ(near(found, stranger), 0U);
  EXPECT_EQ(on_grid(found), 16U);
}

}  // namespace
}  // namespace sinterscope
