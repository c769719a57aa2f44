// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/find.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measured.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

constexpr int size = 200;
constexpr double level = 8.0;  // counts

/// Poisson-like frames of an even support; disks of 12 px and a given contrast at the given places.
cv::Mat1f frame(const std::vector<cv::Point2d>& places, std::uint64_t seed, double contrast) {
  cv::Mat1f mean(size, size, static_cast<float>(level));
  for (const cv::Point2d& p : places)
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x)
        mean(y, x) += static_cast<float>(contrast * level /
                                         (1.0 + std::exp((std::hypot(x - p.x, y - p.y) - 6.0) / 0.7)));
  Rng rng(seed);
  for (float& pixel : mean) pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  return mean;
}

FindRequest request_for(const FrameSource& frames) {
  FindRequest request;
  request.clean = request.raw = &frames;
  request.drift = Drift(frames.size());
  request.probe = {1.5, 0.0};
  request.detect.polarity = "bright";
  request.detect.surroundings = "judged";
  request.size.detector = "SE";
  request.threads = 1;
  return request;
}

FrameAverager mean_of(const FrameSource& frames) {
  return [&frames](std::size_t first, std::size_t count) {
    cv::Mat1f sum = cv::Mat1f::zeros(frames.frame_size());
    for (std::size_t i = first; i < first + count; ++i) sum += frames.load(i).pixels;
    return cv::Mat1f(sum / static_cast<double>(count));
  };
}

std::size_t near(const std::vector<Particle>& particles, cv::Point2d place, int of_frame) {
  std::size_t count = 0;
  for (const Particle& one : particles)
    count += one.frame == of_frame && std::hypot(one.x_px - place.x, one.y_px - place.y) < 6.0 ? 1 : 0;
  return count;
}

TEST(FrameBlocks, CoverEachHoldWithBlocksOfLikeLengthAndNoneReachesOver) {
  const FramesInMemory frames(std::vector<cv::Mat1f>(21, cv::Mat1f(4, 4, 1.0F)));
  FindRequest request;
  request.raw = &frames;
  request.first_of_hold = {0, 3, 20};
  request.detect.averaged_frames = 8;
  std::vector<std::size_t> counts;
  for (std::size_t i = 0; i < frames.size(); i += counts.back()) {
    const FrameBlock block = block_of(i, request);
    EXPECT_EQ(block.first, i);
    for (std::size_t j = i; j < i + block.count; ++j) EXPECT_EQ(block_of(j, request).first, i);
    counts.push_back(block.count);
  }
  EXPECT_EQ(counts, (std::vector<std::size_t>{3, 6, 6, 5, 1}));
}

TEST(FindParticles, SeesInTheAverageOfAHoldWhatSingleFramesHideAndOnlyWhereItIs) {
  // Contrast 0.15 on 8 counts over 113 pixels: signal 0.15 * 8 * 113 against a noise of sqrt(8 * 113), 4.5
  // standard errors for a fit that knows the place; the search asks for 4.7 of its own. In the average of 5
  // of 8 frames it is 5 / 8 of the contrast in 1 / sqrt(8) of the noise.
  const std::vector<cv::Point2d> places = {{50, 50}, {150, 60}, {60, 150}, {140, 140}};
  std::vector<cv::Mat1f> images;
  for (std::uint64_t k = 0; k < 8; ++k)
    images.push_back(frame(k < 5 ? places : std::vector<cv::Point2d>(), 40 + k, 0.15));
  const FramesInMemory frames(images);
  FindRequest request = request_for(frames);
  NoProgress progress;
  const std::vector<Particle> alone = find_particles(request, progress);
  request.average = mean_of(frames);
  const std::vector<Particle> together = find_particles(request, progress);
  std::size_t seen_alone = 0, seen_together = 0, after = 0;
  for (const cv::Point2d& place : places)
    for (int k = 0; k < 8; ++k) {
      seen_alone += k < 5 ? near(alone, place, k) : 0;
      seen_together += k < 5 ? near(together, place, k) : 0;
      after += k >= 5 ? near(together, place, k) : 0;
    }
  EXPECT_GT(seen_together, seen_alone + 2);
  EXPECT_GE(seen_together, 9U);  // of 20: with the diameter free the fit's own error is half as large again
  EXPECT_LE(after, 1U);          // of 12: three standard errors, one in 700 each
}

TEST(FindParticles, LeavesWhatStandsInAllFramesToTheSearchOfTheirAverage) {
  // A bump too weak for most single frames stands in all of them; what comes in one frame alone is not in the
  // average to speak of. The averager shows both but is asked to find nothing: single frames then report the
  // newcomer only. Contrast 0.25 is 7.5 standard errors for a fit that knows the place, 0.4 is 12.
  const cv::Point2d stands(60, 60), comes(140, 120);
  std::vector<cv::Mat1f> images;
  for (std::uint64_t k = 0; k < 8; ++k) {
    images.push_back(frame({stands}, 70 + k, 0.25));
    if (k == 3) images.back() += frame({comes}, 90, 0.4) - frame({}, 90, 0.0);
  }
  const FramesInMemory frames(images);
  FindRequest request = request_for(frames);
  const Ground ground = measure_ground(images[0], {}, request.detect);
  const cv::Mat1f average = mean_of(frames)(0, 8);
  std::size_t standing_alone = 0, standing = 0, newcomers = 0;
  for (int k = 0; k < 8; ++k) {
    FrameView view;
    view.clean = images[static_cast<std::size_t>(k)];
    view.raw = {view.clean, {}};
    standing_alone += near(find_in_frame(request, ground, view), stands, 0);
    view.average = average;
    standing += near(find_in_frame(request, ground, view), stands, 0);
    newcomers += near(find_in_frame(request, ground, view), comes, 0);
  }
  EXPECT_GE(standing_alone, 3U);
  EXPECT_EQ(standing, 0U);
  EXPECT_EQ(newcomers, 1U);
}

TEST(FindParticles, GivesWhatIsAskedAboutAndNothingElse) {
  // Two disks, one of them asked about: it is found where it is without the question. Where an average is
  // given, what is asked about stands in all frames alike: only what the average showed is looked for.
  const cv::Point2d one(60, 60), other(140, 130);
  const FramesInMemory frames(std::vector<cv::Mat1f>{frame({one, other}, 41, 1.0)});
  const FindRequest request = request_for(frames);
  FrameView view;
  view.clean = frames.load(0).pixels;
  view.raw = {view.clean, {}};
  const Ground ground = measure_ground(view.clean, {}, request.detect);
  const std::vector<Particle> all = find_in_frame(request, ground, view);
  ASSERT_EQ(near(all, one, 0), 1U);
  ASSERT_EQ(near(all, other, 0), 1U);
  view.asked = {{one.x, one.y, 12.0}};
  const std::vector<Particle> some = find_in_frame(request, ground, view);
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(near(some, one, 0), 1U);
  view.average = cv::Mat1f(size, size, static_cast<float>(level));
  EXPECT_TRUE(find_in_frame(request, ground, view).empty());
  Detection known;
  known.x_px = one.x, known.y_px = one.y, known.diameter_px = 12.0, known.significance = 20.0;
  view.in_average = {known};
  EXPECT_EQ(near(find_in_frame(request, ground, view), one, 0), 1U);
}

TEST(FindParticles, AsksForTheShapeOfAParticleInTheBandOfAnEdge) {
  // Two lit side faces that meet in a corner, 24 px wide, and a particle of 24 px; the probe has 1.5 px.
  const cv::Point2d face(60, 60), disk(140, 130);
  cv::Mat1f image(size, size, 60.0F);
  image(cv::Rect(48, 48, 24, 24)) += 20.0F;
  image(cv::Rect(48, 48, 12, 24)) += 25.0F;
  cv::circle(image, {140, 130}, 12, 90.0, cv::FILLED);
  cv::GaussianBlur(image, image, {}, 1.5);
  Rng rng(23);
  for (float& pixel : image)
    pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  const FramesInMemory frames(std::vector<cv::Mat1f>{image});
  FindRequest request = request_for(frames);
  NoProgress progress;
  const std::vector<Particle> on_facets = find_particles(request, progress);
  EXPECT_EQ(near(on_facets, face, 0), 1U);
  EXPECT_EQ(near(on_facets, disk, 0), 1U);
  request.support.searched = cv::Mat1b(size, size, static_cast<unsigned char>(255));
  request.support.mask = cv::Mat1b(size, size, static_cast<unsigned char>(0));
  const std::vector<Particle> in_band = find_particles(request, progress);
  EXPECT_EQ(near(in_band, face, 0), 0U);
  EXPECT_EQ(near(in_band, disk, 0), 1U);
}

TEST(FindParticles, OnFacetsAsksForAWholeParticleInTheFrame) {
  const cv::Point2d cut(100, 2), whole(50, 10);
  const FramesInMemory frames(std::vector<cv::Mat1f>{frame({cut, whole}, 29, 1.5)});
  FindRequest request = request_for(frames);
  NoProgress progress;
  const std::vector<Particle> elsewhere = find_particles(request, progress);
  EXPECT_EQ(near(elsewhere, cut, 0), 1U);
  EXPECT_EQ(near(elsewhere, whole, 0), 1U);
  request.support.facetted = true;
  const std::vector<Particle> on_facets = find_particles(request, progress);
  EXPECT_EQ(near(on_facets, cut, 0), 0U);
  EXPECT_EQ(near(on_facets, whole, 0), 1U);
}

TEST(FindParticles, LooksAtKnownPlacesAndReportsThemOnlyWhereTheFrameShowsThem) {
  const FramesInMemory frames(std::vector<cv::Mat1f>{frame({{50, 50}}, 7, 0.3)});
  FindRequest request = request_for(frames);
  request.detect.false_per_frame = 1e-6;  // the search itself finds nothing
  request.standing = {{50.0, 50.0, 12.0}, {150.0, 150.0, 12.0}};
  NoProgress progress;
  const std::vector<Particle> found = find_particles(request, progress);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(near(found, {50, 50}, 0), 1U);
  EXPECT_GT(found.front().snr, 3.0);
}

TEST(FindParticles, KeepsWhatStandsInTheParticleFreeHoldsAsWell) {
  // The searched image has lost the standing particle with the support on which the other one is measured.
  const cv::Point2d stands(50, 50), came(150, 140);
  const cv::Mat1f raw = frame({stands, came}, 17, 0.6);
  cv::Mat1f support = frame({stands}, 18, 0.6);
  for (const std::uint64_t seed : {23, 24, 25}) support += frame({stands}, seed, 0.6);
  support /= 4.0;
  const cv::Mat1f rest = (raw - support) / std::sqrt(1.25) + level;
  const FramesInMemory searched(std::vector<cv::Mat1f>{rest}), frames(std::vector<cv::Mat1f>{raw});
  FindRequest request = request_for(frames);
  request.clean = &searched;
  request.supported = [&support](std::size_t, const cv::Mat1f& pixels) {
    return ShiftedFrame{pixels, {}, support, 0.25};
  };
  request.standing = {{stands.x, stands.y, 12.0}};
  NoProgress progress;
  const std::vector<Particle> found = find_particles(request, progress);
  ASSERT_EQ(found.size(), 2U);
  for (const Particle& one : found) {
    EXPECT_LT(one.diameter_se_px, 1.5);
    EXPECT_NEAR(one.diameter_px, 12.0, 4.0 * one.diameter_se_px);
  }
  EXPECT_EQ(near(found, stands, 0), 1U);
  EXPECT_EQ(near(found, came, 0), 1U);
}

TEST(SearchedArea, IsAllOxideWhereTheSupportHasBeenTakenOff) {
  const FramesInMemory frames(std::vector<cv::Mat1f>(2, cv::Mat1f(20, 20, 1.0F)));
  FindRequest request = request_for(frames);
  request.support.oxide = cv::Mat1b(20, 20, static_cast<unsigned char>(255));
  request.support.mask = cv::Mat1b(20, 20, static_cast<unsigned char>(0));
  request.support.mask(cv::Rect(5, 5, 4, 4)) = 255;
  request.support.searched = cv::Mat1b(20, 20, static_cast<unsigned char>(0));
  request.support.searched(cv::Rect(4, 4, 6, 6)) = 255;
  request.support_known = [](std::size_t of_frame) {
    return of_frame == 1 ? cv::Mat1b(20, 20, static_cast<unsigned char>(255)) : cv::Mat1b();
  };
  EXPECT_EQ(cv::countNonZero(searched_in(request, 0)), 36);
  EXPECT_EQ(cv::countNonZero(searched_in(request, 1)), 400);
  // Where the specimen drifted in no edges have been taken off, and some of them lie in its guard band.
  request.support.guard_px = 2.0;
  request.support_known = [](std::size_t) {
    cv::Mat1b known(20, 20, static_cast<unsigned char>(255));
    known.rowRange(0, 5).setTo(0);
    return known;
  };
  const cv::Mat1b searched = searched_in(request, 0);
  EXPECT_EQ(cv::countNonZero(searched.rowRange(0, 7)), 3 * 6);
  EXPECT_EQ(cv::countNonZero(searched.rowRange(7, 20)), 13 * 20);
  EXPECT_EQ(cv::countNonZero(counted_area(request.support, {})), 16);
}

TEST(FindParticles, TakesNoPartOfAnIslandThatNoFitExplainsForASecondParticle) {
  // An island with a neck and a bright shoulder, as gold makes them: whether the shoulder is found by itself
  // is chance, and it is no particle.
  cv::Mat1f island = cv::Mat1f::zeros(size, size);
  cv::circle(island, {100, 90}, 11, 600.0, cv::FILLED);
  cv::rectangle(island, cv::Rect(92, 90, 16, 30), 500.0, cv::FILLED);
  cv::circle(island, {107, 84}, 2, 1100.0, cv::FILLED);
  cv::GaussianBlur(island, island, {}, 1.5);
  std::vector<cv::Mat1f> images;
  for (std::uint64_t k = 0; k < 6; ++k) {
    images.push_back(island + 100.0);
    Rng rng(70 + k);
    for (float& pixel : images.back())
      pixel += static_cast<float>(std::sqrt(static_cast<double>(pixel)) * rng.normal());
  }
  const FramesInMemory frames(images);
  FindRequest request = request_for(frames);
  request.detect.surroundings = "ignored";
  request.size.detector = "HAADF";
  request.size.profile = "cap";
  NoProgress progress;
  const std::vector<Particle> found = find_particles(request, progress);
  for (int k = 0; k < 6; ++k) {
    std::size_t upper = 0;
    for (const Particle& one : found)
      upper += one.frame == k && std::hypot(one.x_px - 100.0, one.y_px - 90.0) < 11.0 ? 1 : 0;
    EXPECT_EQ(upper, 1U) << "frame " << k;
  }
}

TEST(WithoutRepeats, TakesASliverAlongAnOutlineForAPartOfTheLargerOne) {
  Measured large, small;
  large.particle.x_px = large.particle.y_px = 50.0;
  large.particle.diameter_px = 24.0;
  small.particle.x_px = 60.0, small.particle.y_px = 45.0;  // 11.2 px off
  small.particle.diameter_px = 6.0;
  for (Measured* one : {&large, &small}) one->particle.flags.set(ParticleFlag::touching);
  EXPECT_EQ(without_repeats({large, small}, 1.0).size(), 2U);
  small.particle.axis_ratio = 2.6;
  const std::vector<Measured> kept = without_repeats({small, large}, 1.0);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().particle.diameter_px, 24.0);
}

TEST(FindParticles, TellsTouchingParticlesApart) {
  // Two disks of 12 px whose edges touch, along an oblique line: the search may take them for one blob.
  const cv::Point2d a(60, 60), b(60 + 12.5 * 0.8, 60 + 12.5 * 0.6), alone(140, 120);
  const FramesInMemory frames(std::vector<cv::Mat1f>{frame({a, b, alone}, 31, 1.0)});
  FindRequest request = request_for(frames);
  request.size.profile = "disk";
  request.size.split_touching = true;
  NoProgress progress;
  const std::vector<Particle> particles = find_particles(request, progress);
  ASSERT_EQ(particles.size(), 3U);
  for (const cv::Point2d& place : {a, b, alone})
    EXPECT_EQ(std::count_if(particles.begin(), particles.end(),
                            [&](const Particle& one) {
                              // Within a tenth of a diameter: three standard errors of a place.
                              return std::hypot(one.x_px - place.x, one.y_px - place.y) < 1.2;
                            }),
              1);
}

}  // namespace
}  // namespace sinterscope
