// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A synthetic experiment in words: the complete plain description from which the microscope paints every
// frame.
//
// What it is for: data whose truth is known. A scene names the support (cubes, uneven oxide, flat), the
// particles that the programme of holds puts on it, the optics and the detector. Equal scene and seed give
// equal frames.
//
// The inventory of a hold follows the entropy model of Zhu et al.: every facet f carries c_tot,f metal atoms
// per site (lognormal over facets, mean c_tot, log-s.d. facet_spread); of these min(c_tot,f, c*) are ad-atoms
// and the rest, c_np,f = max(0, c_tot,f - c*), stands in particles. c*(T) is handed in (c_star), because this
// room knows no thermodynamics; a hold may instead name c_np or a number density outright. What breaks it:
// nothing here nucleates or migrates. Sizes come from the stated law and sites are drawn at random.

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

/// Frame, probe and the contrast of the particles.
struct OpticsSettings {
  std::string detector = "SE";
  int width_px = 1024;
  int height_px = 1024;
  double pixel_size_nm = 0.15;
  double dose_counts = 60.0;
  double probe_sigma_nm = 0.25;
  double probe_ellipticity = 0.0;
  double se_contrast = 0.45;
  double rim_strength = 0.35;
  double rim_width_nm = 0.25;
  double haadf_contrast_per_nm = 0.30;
  double contact_angle_deg = 90.0;
  double contrast_spread = 0.05;
  double particle_ellipticity = 0.10;
  double facetted_share = 0.3;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.detector, {"detector",
                          "",
                          "SE: opaque surface with bright edges; HAADF: thickness contrast",
                          {},
                          {},
                          {"SE", "HAADF"}});
    visit(self.width_px, {"width_px", "px", "frame width", 16, 8192});
    visit(self.height_px, {"height_px", "px", "frame height", 16, 8192});
    visit(self.pixel_size_nm, {"pixel_size_nm", "nm", "edge of a pixel", 0.005, 10});
    visit(self.dose_counts, {"dose_counts", "1", "quanta per pixel from the plain support", 0.1, 1e5});
    visit(self.probe_sigma_nm,
          {"probe_sigma_nm", "nm", "standard deviation of the Gaussian probe", 0.01, 10});
    visit(self.probe_ellipticity,
          {"probe_ellipticity", "1", "astigmatism: sigma_x / sigma_y - 1, at equal area", 0, 2});
    visit(self.se_contrast,
          {"se_contrast", "1", "SE: flat part of a particle over its support, minus 1 (negative = dark)",
           -0.95, 5});
    visit(self.rim_strength, {"rim_strength", "1",
                              "SE: extra brightness at the particle's edge, in units of se_contrast", 0, 5});
    visit(self.rim_width_nm,
          {"rim_width_nm", "nm", "SE: decay length of the rim towards the middle", 0.01, 5});
    visit(self.haadf_contrast_per_nm,
          {"haadf_contrast_per_nm", "1/nm",
           "HAADF: signal of 1 nm of particle, in units of the plain support", -5, 5});
    visit(self.contact_angle_deg,
          {"contact_angle_deg", "deg", "HAADF: spherical cap; 90 = hemisphere, 180 = sphere", 20, 180});
    visit(self.contrast_spread,
          {"contrast_spread", "1", "relative s.d. of the contrast from particle to particle", 0, 1});
    visit(self.particle_ellipticity, {"particle_ellipticity", "1", "largest axis ratio minus 1", 0, 1});
    visit(self.facetted_share, {"facetted_share", "1", "share of particles with a polygonal outline", 0, 1});
  }
};

/// What carries the particles.
struct SupportSettings {
  std::string kind = "cubes";
  double edge_min_nm = 22.0;
  double edge_max_nm = 60.0;
  double tilt_max_deg = 10.0;
  double vacuum_share = 0.15;
  double vacuum_level = 0.25;
  double edge_strength = 0.8;
  double edge_width_nm = 1.3;
  double facet_spread = 0.10;
  double shading = 0.10;
  double shadow = 0.35;
  double steps_per_face = 1.0;
  double step_strength = 0.12;
  double texture_amplitude = 0.015;
  double texture_length_nm = 1.6;
  double mottle_amplitude = 0.03;
  double mottle_length_nm = 9.0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.kind,
          {"kind",
           "",
           "cubes: overlapping oxide cubes; oxide: agglomerate of uneven grains; flat: one endless facet",
           {},
           {},
           {"cubes", "oxide", "flat"}});
    visit(self.edge_min_nm, {"edge_min_nm", "nm", "smallest cube edge or grain diameter", 2, 1000});
    visit(self.edge_max_nm, {"edge_max_nm", "nm", "largest cube edge or grain diameter", 2, 1000});
    visit(self.tilt_max_deg, {"tilt_max_deg", "deg", "largest tilt of a cube face against the beam", 0, 35});
    visit(self.vacuum_share, {"vacuum_share", "1", "share of the field left uncovered", 0, 0.9});
    visit(self.vacuum_level,
          {"vacuum_level", "1", "signal of the uncovered film, in units of the plain support", 0, 1});
    visit(self.edge_strength, {"edge_strength", "1", "SE: extra brightness at an edge of the support", 0, 5});
    visit(self.edge_width_nm, {"edge_width_nm", "nm", "SE: decay length of the bright edge", 0.05, 20});
    visit(self.facet_spread,
          {"facet_spread", "1", "relative s.d. of the brightness from facet to facet", 0, 1});
    visit(self.shading, {"shading", "1", "relative change of brightness across a facet", 0, 1});
    visit(self.shadow, {"shadow", "1", "SE: darkening of a lower grain beside a higher one", 0, 1});
    visit(self.steps_per_face,
          {"steps_per_face", "1", "mean number of straight surface steps on a cube's face", 0, 20});
    visit(self.step_strength, {"step_strength", "1", "SE: extra brightness along a step", 0, 5});
    visit(self.texture_amplitude, {"texture_amplitude", "1", "relative s.d. of the fine texture", 0, 0.5});
    visit(self.texture_length_nm, {"texture_length_nm", "nm", "its correlation length (Gaussian)", 0.1, 100});
    visit(self.mottle_amplitude, {"mottle_amplitude", "1", "relative s.d. of the coarse texture", 0, 0.5});
    visit(self.mottle_length_nm, {"mottle_length_nm", "nm", "its correlation length (Gaussian)", 0.1, 1000});
  }
};

/// From quanta to the numbers in the file.
struct DetectorSettings {
  double gain = 20.0;
  double offset = 300.0;
  double read_noise = 8.0;
  double row_noise = 2.0;
  double row_jitter_px = 0.05;
  double hum_px = 0.0;
  double hum_period_rows = 37.0;
  double flicker = 0.0;
  int bits = 16;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.gain, {"gain", "counts", "numbers per quantum", 1e-3, 1e4});
    visit(self.offset, {"offset", "counts", "reading without signal", 0, 6e4});
    visit(self.read_noise,
          {"read_noise", "counts", "s.d. of noise that does not depend on the signal", 0, 1e4});
    visit(self.row_noise, {"row_noise", "counts", "s.d. of the common shift of a scanned row", 0, 1e4});
    visit(self.row_jitter_px,
          {"row_jitter_px", "px", "s.d. of the sideways misplacement of a scanned row", 0, 5});
    visit(self.hum_px, {"hum_px", "px", "amplitude of the mains hum: rows swing sideways as a sine", 0, 20});
    visit(self.hum_period_rows, {"hum_period_rows", "1", "rows to one period of the hum", 2, 1e5});
    visit(self.flicker, {"flicker", "1", "relative s.d. of the beam current from frame to frame", 0, 0.5});
    visit(self.bits, {"bits", "1", "depth of the digitiser: clips at 2^bits - 1", 1, 16});
  }
};

/// How the specimen moves under the beam.
struct DriftSettings {
  double walk_px = 0.5;
  double velocity_x_px = 0.0;
  double velocity_y_px = 0.0;
  double jump_px = 0.0;
  double settling_px = 0.0;
  double settling_frames = 3.0;
  bool within_frame = false;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.walk_px,
          {"walk_px", "px", "random walk: s.d. of the step per frame along x and along y", 0, 50});
    visit(self.velocity_x_px, {"velocity_x_px", "px", "steady drift along x per frame", -50, 50});
    visit(self.velocity_y_px, {"velocity_y_px", "px", "steady drift along y per frame", -50, 50});
    visit(self.jump_px,
          {"jump_px", "px", "length of the jump at each change of hold, in a random direction", 0, 200});
    visit(self.settling_px,
          {"settling_px", "px", "extra drift per frame right after a change of hold, in a random direction",
           0, 50});
    visit(self.settling_frames,
          {"settling_frames", "1", "frames in which the extra drift falls to 1/e", 0.1, 1e4});
    visit(self.within_frame,
          {"within_frame", "", "the specimen moves while the rows of a frame are scanned (shear)"});
  }
};

/// The law by which metal is spread over particles and sites.
struct PopulationSettings {
  double c_tot = 0.02;
  double loading_spread = 0.3;
  bool finite_facets = true;
  std::string closed = "region";
  double gap_nm = 0.8;
  double edge_gap_nm = 1.5;
  double smallest_nm = 0.5;
  double same_site_share = 0.0;
  int large_count = 0;
  double large_diameter_nm = 8.0;
  double large_sd_ln_d = 0.15;
  double depletion_nm = 0.0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.c_tot, {"c_tot", "1",
                       "metal atoms per support site, mean over facets (large particles not counted)", 0, 1});
    visit(self.loading_spread, {"loading_spread", "1", "s.d. of ln c_tot over facets", 0, 2});
    visit(self.finite_facets,
          {"finite_facets", "", "the ad-atoms a facet of M sites can take scatter binomially about c* M"});
    visit(self.closed,
          {"closed",
           "",
           "what keeps its atoms: region (particles follow the size law) or facet (sizes give way)",
           {},
           {},
           {"region", "facet"}});
    visit(self.gap_nm, {"gap_nm", "nm", "smallest distance between the outlines of two particles", 0, 100});
    visit(self.edge_gap_nm,
          {"edge_gap_nm", "nm",
           "smallest distance of a centre from the border of its facet; the strip holds no sites", 0, 50});
    visit(self.smallest_nm, {"smallest_nm", "nm", "a particle that would be smaller disperses", 0, 10});
    visit(self.same_site_share,
          {"same_site_share", "1", "share of reappearing particles that take a site where one stood before",
           0, 1});
    visit(self.large_count,
          {"large_count", "1", "large particles per region that stay through all holds", 0, 1000});
    visit(self.large_diameter_nm, {"large_diameter_nm", "nm", "their mean diameter", 0.5, 200});
    visit(self.large_sd_ln_d, {"large_sd_ln_d", "1", "s.d. of their ln d", 0, 1});
    visit(self.depletion_nm, {"depletion_nm", "nm",
                              "small particles avoid large ones: metal for them, and their density, times 1 "
                              "- exp(-(e/depletion)^2) at "
                              "distance e from the edge of a large one",
                              0, 500});
  }
};

/// A particle placed by hand, in specimen coordinates of its region.
struct ScriptedParticle {
  std::string region = "1";
  int id = 0;
  double x_nm = 0.0;
  double y_nm = 0.0;
  double diameter_nm = 2.0;
  double axis_ratio = 1.0;
  double angle_deg = 0.0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.region, {"region", "", "field of view it belongs to"});
    visit(self.id,
          {"id", "1", "the same number for the same particle in every hold (below 1000000)", 0, 999999});
    visit(self.x_nm,
          {"x_nm", "nm", "centre, from the centre of the top-left pixel of the region's first frame"});
    visit(self.y_nm, {"y_nm", "nm", "centre, downwards"});
    visit(self.diameter_nm, {"diameter_nm", "nm", "diameter of the circle of equal area", 0.1, 1000});
    visit(self.axis_ratio, {"axis_ratio", "1", "long over short axis", 1, 10});
    visit(self.angle_deg, {"angle_deg", "deg", "direction of the long axis, from x towards y"});
  }
};

/// A piece of lattice with atoms on it, as a kinetic Monte Carlo run leaves it; see synth/lattice_scene.h.
struct LatticePatch {
  std::string region = "1";
  cv::Mat1i heights;       ///< atoms in the column over each support site
  double site_nm = 0.383;  ///< edge of a site; 1/sqrt(site density)
  double x_nm = 0.0;       ///< specimen position of the centre of the first site
  double y_nm = 0.0;
};

/// One step of the programme. Consecutive steps at one temperature form one hold of the experiment.
struct SceneStep {
  std::optional<double> temperature_K;
  double start_s = 0.0;
  int frames = 1;
  double frame_interval_s = 2.0;
  std::string change = "equilibrium";
  double amount = 0.5;
  std::optional<double> c_star;
  std::optional<double> c_np;
  std::optional<double> number_density_nm2;
  std::optional<double> mean_diameter_nm;
  double sd_ln_d = 0.18;
  double large_scale = 1.0;
  std::vector<ScriptedParticle> particles;  ///< besides those of the population
  std::vector<LatticePatch> lattices;       ///< atoms of a lattice run, painted column by column

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.temperature_K, {"temperature_k", "K", "sample temperature; empty = not known", 0.1, 5000});
    visit(self.start_s, {"start_s", "s", "time of the first frame", 0, 1e9});
    visit(self.frames, {"frames", "1", "frames per region", 1, 1000000});
    visit(self.frame_interval_s, {"frame_interval_s", "s", "time from frame to frame", 1e-6, 1e6});
    visit(self.change, {"change",
                        "",
                        "how the particles follow from the step before",
                        {},
                        {},
                        {"equilibrium", "keep", "ripening", "coalescence", "scale"}});
    visit(self.amount, {"amount", "1",
                        "ripening: share of particles that vanish; coalescence: share that merges; scale: "
                        "factor of all diameters",
                        0, 10});
    visit(self.c_star, {"c_star", "1", "equilibrium: ad-atoms per site beside particles, c*(T)", 0, 1});
    visit(self.c_np, {"c_np", "1", "equilibrium: atoms in particles per site, instead of c_tot - c*", 0, 10});
    visit(self.number_density_nm2,
          {"number_density_nm2", "1/nm^2", "equilibrium: particles per support area, instead of an inventory",
           0, 10});
    visit(self.mean_diameter_nm,
          {"mean_diameter_nm", "nm",
           "mean diameter of the particles; empty = those that stand grow or shrink together", 0.1, 200});
    visit(self.sd_ln_d, {"sd_ln_d", "1", "s.d. of ln d (lognormal, cut at 3 s.d.)", 0, 1});
    visit(self.large_scale,
          {"large_scale", "1", "diameter of the large particles, relative to the beginning", 0.1, 10});
  }
};

struct Scene {
  std::string name = "scene";
  int seed = 1;
  std::vector<std::string> regions = {"1"};
  OpticsSettings optics;
  SupportSettings support;
  DetectorSettings detector;
  DriftSettings drift;
  PopulationSettings population;
  std::vector<SceneStep> programme;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.name, {"name", "", "name of the experiment"});
    visit(self.seed, {"seed", "1", "every random number follows from it", 0, 2147483647});
  }
};

/// Throws usage_error naming section, step and field for a scene that cannot be painted: a value outside its
/// range, no region, no step, a region named twice, a scripted particle in an unknown region, or a step that
/// leaves open how much stands in particles.
void validate_scene(const Scene& scene);

}  // namespace sinterscope
