// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the particles are: a search over all sizes with one number to set, the false detections allowed per
// frame.
//
// The image is filtered by blobs of all sizes (scale_space). A peak of the response is a candidate; how far
// it stands out is its height over what its surroundings foretell (surroundings.h), in units of the
// response's own local scatter (texture and noise together, with everything that rises above the noise
// painted out) and of the structure around it that is not foretold: edges, ridges and corners foretell
// themselves or leave much. A peak of height t is expected by chance
//   E(t) = k (A / s^2) t exp(-t^2 / 2)
// times in an area A at scale s (peaks of a smooth Gaussian field: Adler & Taylor, Random Fields and
// Geometry, 2007); k is measured once on white noise, and the same search for peaks of the other sign tells
// by how much the texture's tail reaches further (Ground). A peak is accepted if E over all scales stays
// below the allowed number. Where no facets are seen a round peak that stands alone
// counts by its response alone, because uneven oxides have structure everywhere. Breaks down where the
// texture of the support has blobs of its own as strong as the particles.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/particles/local_scatter.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {

struct DetectOptions {
  double false_per_frame = 0.1;
  std::string polarity = "auto";
  double smallest_diameter_px = 3.0;
  double largest_diameter_px = 0.0;
  double least_roundness = 0.4;
  std::string surroundings = "auto";
  std::string particle_free_background = "auto";
  int averaged_frames = 8;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.false_per_frame,
          {"false_per_frame", "1/frame", "false detections allowed per frame", 1e-6, 1e4});
    visit(self.polarity, {"polarity",
                          "",
                          "whether particles are brighter or darker than their support",
                          -1,
                          1,
                          {"auto", "bright", "dark"}});
    visit(self.smallest_diameter_px,
          {"smallest_diameter_px", "px", "diameter of the smallest blob searched", 2.0, 1e4});
    visit(self.largest_diameter_px,
          {"largest_diameter_px", "px", "diameter of the largest blob searched; 0 = a sixth of the frame",
           0.0, 1e5});
    visit(self.least_roundness,
          {"least_roundness", "1",
           "smaller over larger curvature of a peak that counts by its response alone", 0.0, 1.0});
    visit(self.surroundings,
          {"surroundings",
           "",
           "whether edges and corners of the support are told from particles by what lies around them, "
           "weak detections must fit well, and a round peak that stands alone is not enough; auto: where the "
           "pixels scatter like counts, or the acquisition names a detector, and facets are seen, and where "
           "the noise of counts outweighs the texture of the support",
           -1,
           1,
           {"auto", "judged", "ignored"}});
    visit(self.particle_free_background,
          {"particle_free_background",
           "",
           "auto: the registered average of a hold in which next to nothing is found, but what stands in the "
           "fullest hold alike, is taken off the other holds of its region before they are searched; off: "
           "never",
           -1,
           1,
           {"auto", "off"}});
    visit(self.averaged_frames,
          {"averaged_frames", "1",
           "so many frames of a hold are also searched in their registered average, and what is found there "
           "is looked for in each of them; 1 = each frame by itself",
           1, 1000});
  }
};

struct Detection {
  double x_px = 0, y_px = 0;
  double diameter_px = 0;     ///< from the scale of the peak; the model fit measures it properly
  double significance = 0;    ///< height over the local scatter at its scale
  double expected_false = 0;  ///< peaks at least as significant expected by chance in this frame
  double contrast = 0;        ///< (centre - ring) / ring in the units of the searched image
  bool bright = true;
  bool on_plane = false;  ///< nothing but noise on a plane is seen around it
};

/// Whether one has its centre within half the larger diameter of the other.
bool overlap(const Detection& a, const Detection& b);

/// Whether a detection is (part of) what is known already; what stands on something much larger is its own.
bool repeats(const Detection& one, const Detection& known);

/// What chance makes of the empty ground between the particles.
struct Ground {
  std::vector<LocalScatter> scatter;  ///< one per level of the scale space
  /// How much further the tail of the texture reaches than a normal one; 1 for noise.
  double tail = 1.0;
  bool judged = false;  ///< whether peaks are judged by their surroundings (DetectOptions::surroundings)
};

/// Measures the ground of one clean frame. It may serve all frames of a hold: they are alike but for their
/// particles. searched: 255 where particles can sit (empty = everywhere), size of the frame.
Ground measure_ground(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options);

/// Searches one clean frame on a ground of the same frame size. options.polarity "auto" is read as "bright"
/// here: choose_polarity decides it over several frames; options.surroundings
/// "auto" leaves it to the ground: judged unless texture outweighs the noise. Returns
/// detections from the most to the least significant, none within another's radius. asked: the only places
/// (image px) at which the answer is wanted; others are answered in part. Empty = everywhere.
std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched, const DetectOptions& options,
                              const Ground& ground, const std::vector<Disk>& asked = {});

/// Whether a disk lies so near a place that is asked about that it may be what is found there, or hide it.
bool may_matter(const Disk& one, const std::vector<Disk>& asked);

/// The same on the frame's own ground.
std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched,
                              const DetectOptions& options);

/// "bright" or "dark", and what the search for such particles finds in each frame.
struct PolarityChoice {
  std::string polarity;
  std::vector<std::vector<Detection>> found;
};

/// Which of both searches, each on the frame's own ground, finds more significance in these frames (bright
/// where they tie). voting: one mask a frame without the vacuum, or none at all = everywhere. Gaps between
/// grains are dark and round: with masks what lies in the vacuum has no vote, and a few dark spots a frame
/// are taken for narrow gaps.
PolarityChoice choose_polarity(const std::vector<cv::Mat1f>& clean, const std::vector<cv::Mat1b>& voting,
                               const DetectOptions& options, int threads = 1);

}  // namespace sinterscope
