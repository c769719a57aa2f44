// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/population.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "changes.h"
#include "facet_inventory.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sites.h"

namespace sinterscope {
namespace {

constexpr int first_population_id = 1000000;  // scripted particles have smaller numbers

/// Large and scripted particles are no part of the inventory.
bool counted(const StandingParticle& particle) { return !particle.large && !particle.scripted; }

/// The facets that share their atoms: all of a region, or one.
struct Closed {
  int facet = -1;  ///< -1 = all
  bool holds(const StandingParticle& particle) const {
    return counted(particle) && (facet < 0 || particle.facet == facet);
  }
  bool holds(int other) const { return facet < 0 || other == facet; }
};

const StandingParticle* find(const std::vector<StandingParticle>& particles, int id) {
  const auto found = std::find_if(particles.begin(), particles.end(),
                                  [id](const StandingParticle& particle) { return particle.id == id; });
  return found == particles.end() ? nullptr : &*found;
}

template <typename Condition>
void remove(std::vector<StandingParticle>& particles, Condition condition) {
  particles.erase(std::remove_if(particles.begin(), particles.end(), condition), particles.end());
}

class Population {
 public:
  Population(const Scene& scene, const Sample& sample, const SupportSurface& surface, int region,
             const Rng& rng);
  PopulationStep advance(std::size_t step_index);

 private:
  void set_large(const SceneStep& step, Rng& rng);
  void set_scripted(const SceneStep& step);
  void reach_equilibrium(const SceneStep& step, Rng& rng);
  void reach_number(double number_density_nm2, Rng& rng);
  void fill(Closed closed, const SceneStep& step, const std::vector<double>& due, Rng& rng);
  void scale_together(Closed closed, const std::vector<double>& due);
  void assign(Closed closed, std::vector<double> diameters, const std::vector<double>& due, Rng& rng);
  void nucleate(Closed closed, double diameter, const std::vector<double>& due, Rng& rng);
  bool nucleate_on_old_site(Closed closed, double diameter, const std::vector<double>& due, Rng& rng);
  std::vector<double> atoms_missing(const std::vector<double>& due) const;
  StandingParticle new_particle(cv::Point2d place, int facet, double diameter, Rng& rng);
  double atoms_in(Closed closed) const;
  PopulationStep summary(const SceneStep& step) const;

  const Scene& scene_;
  const Sample& sample_;
  const SupportSurface& surface_;
  std::string region_;
  Rng rng_;
  Sites sites_;
  FacetInventory inventory_;
  int next_id_;
  std::vector<double> last_due_;  ///< atoms due per facet at the last equilibrium
  std::optional<SizeLaw> law_;    ///< the last one stated
  std::vector<StandingParticle> standing_;
  std::vector<StandingParticle> vanished_;  ///< the sites that stood before and may be taken again
  std::vector<StandingParticle> large_;     ///< as they were placed
};

Population::Population(const Scene& scene, const Sample& sample, const SupportSurface& surface, int region,
                       const Rng& rng)
    : scene_(scene),
      sample_(sample),
      surface_(surface),
      region_(scene.regions[static_cast<std::size_t>(region)]),
      rng_(rng),
      sites_(scene, surface),
      inventory_(scene.population, sites_, sample.site_density_nm2, rng.stream("loading")),
      next_id_(first_population_id * (region + 1)),
      last_due_(inventory_.sites().size(), 0.0) {}

StandingParticle Population::new_particle(cv::Point2d place, int facet, double diameter, Rng& rng) {
  StandingParticle particle;
  particle.id = next_id_++;
  particle.facet = facet;
  particle.x_nm = place.x;
  particle.y_nm = place.y;
  particle.diameter_nm = diameter;
  particle.axis_ratio = 1.0 + scene_.optics.particle_ellipticity * rng.uniform();
  particle.angle_rad = rng.uniform(0.0, pi);
  if (rng.uniform() < scene_.optics.facetted_share) particle.corners = 5 + static_cast<int>(rng.below(4));
  particle.contrast_factor = std::max(0.2, 1.0 + scene_.optics.contrast_spread * rng.normal());
  return particle;
}

double Population::atoms_in(Closed closed) const {
  double atoms = 0.0;
  for (const StandingParticle& particle : standing_)
    if (closed.holds(particle)) atoms += sample_.atoms(particle.diameter_nm);
  return atoms;
}

/// Large particles are placed once, before anything else, and only change their diameter. What they took from
/// around them is no longer there for small ones.
void Population::set_large(const SceneStep& step, Rng& rng) {
  const bool placed = !large_.empty();
  const SizeLaw law{scene_.population.large_diameter_nm, scene_.population.large_sd_ln_d};
  while (static_cast<int>(large_.size()) < scene_.population.large_count) {
    nucleate({}, law.draw(rng), inventory_.sites(), rng);
    standing_.back().large = true;
    large_.push_back(standing_.back());
  }
  if (!placed && !large_.empty())
    for (int facet = 0; facet < inventory_.size(); ++facet)
      inventory_.deplete(facet, sites_.left_by_large(facet, large_));
  for (StandingParticle& particle : standing_)
    if (particle.large) particle.diameter_nm = find(large_, particle.id)->diameter_nm * step.large_scale;
}

void Population::set_scripted(const SceneStep& step) {
  remove(standing_, [](const StandingParticle& particle) { return particle.scripted; });
  const double pixel = scene_.optics.pixel_size_nm;
  for (const ScriptedParticle& script : step.particles) {
    if (script.region != region_) continue;
    StandingParticle particle;
    particle.id = script.id;
    particle.scripted = true;
    particle.x_nm = script.x_nm;
    particle.y_nm = script.y_nm;
    particle.diameter_nm = script.diameter_nm;
    particle.axis_ratio = script.axis_ratio;
    particle.angle_rad = script.angle_deg * pi / 180.0;
    particle.facet = surface_.facet_at(script.x_nm / pixel, script.y_nm / pixel);
    standing_.push_back(particle);
  }
}

/// What stands grows or shrinks: first with its facet, then all alike until the atoms match.
void Population::scale_together(Closed closed, const std::vector<double>& due) {
  for (StandingParticle& particle : standing_) {
    if (!closed.holds(particle)) continue;
    const auto facet = static_cast<std::size_t>(particle.facet);
    if (last_due_[facet] > 0.0) particle.diameter_nm *= std::cbrt(due[facet] / last_due_[facet]);
  }
  double wanted = 0.0;
  for (int facet = 0; facet < inventory_.size(); ++facet)
    if (closed.holds(facet)) wanted += due[static_cast<std::size_t>(facet)];
  const double factor = std::cbrt(wanted / atoms_in(closed));
  for (StandingParticle& particle : standing_)
    if (closed.holds(particle)) particle.diameter_nm *= factor;
}

/// Per facet, what its particles still lack of what is due.
std::vector<double> Population::atoms_missing(const std::vector<double>& due) const {
  std::vector<double> missing = due;
  for (const StandingParticle& particle : standing_)
    if (counted(particle))
      missing[static_cast<std::size_t>(particle.facet)] -= sample_.atoms(particle.diameter_nm);
  for (double& atoms : missing) atoms = std::max(0.0, atoms);
  return missing;
}

/// Puts a particle on a random free place; facets are chosen by what they lack, or by what they are due if
/// none lacks.
void Population::nucleate(Closed closed, double diameter, const std::vector<double>& due, Rng& rng) {
  constexpr int choices = 60;
  const auto chances = [&](const std::vector<double>& atoms) {
    std::vector<double> weights(atoms.size(), 0.0);
    for (std::size_t facet = 0; facet < weights.size(); ++facet)
      if (closed.holds(static_cast<int>(facet))) weights[facet] = atoms[facet];
    return weights;
  };
  std::vector<double> weights = chances(atoms_missing(due));
  double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (total <= 0.0) {
    weights = chances(due);
    total = std::accumulate(weights.begin(), weights.end(), 0.0);
  }
  for (int choice = 0; choice < choices && total > 0.0; ++choice) {
    double mark = rng.uniform() * total;
    std::size_t facet = 0;
    while (facet + 1 < weights.size() && (mark -= weights[facet]) >= 0.0) ++facet;
    const auto place = sites_.free_place(static_cast<int>(facet), diameter, standing_, rng);
    if (!place) continue;
    standing_.push_back(new_particle(*place, static_cast<int>(facet), diameter, rng));
    return;
  }
  throw Error(
      fmt::format("region '{}': no room for another particle of {:.2f} nm among {}: lower the inventory, "
                  "'gap_nm', 'edge_gap_nm' or 'depletion_nm'",
                  region_, diameter, standing_.size()));
}

bool Population::nucleate_on_old_site(Closed closed, double diameter, const std::vector<double>& due,
                                      Rng& rng) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < vanished_.size(); ++i) {
    const StandingParticle& old = vanished_[i];
    if (closed.holds(old) && due[static_cast<std::size_t>(old.facet)] > 0.0 &&
        sites_.clear({old.x_nm, old.y_nm}, diameter, standing_))
      open.push_back(i);
  }
  if (open.empty()) return false;
  const std::size_t chosen = open[rng.below(open.size())];
  const StandingParticle old = vanished_[chosen];
  vanished_.erase(vanished_.begin() + static_cast<std::ptrdiff_t>(chosen));
  standing_.push_back(new_particle({old.x_nm, old.y_nm}, old.facet, diameter, rng));
  standing_.back().previous_at_site = old.id;
  return true;
}

/// Hands the diameters out by rank: what stands keeps its place, the smallest go first, missing ones appear.
void Population::assign(Closed closed, std::vector<double> diameters, const std::vector<double>& due,
                        Rng& rng) {
  std::sort(diameters.rbegin(), diameters.rend());
  std::vector<StandingParticle> members;
  for (const StandingParticle& particle : standing_)
    if (closed.holds(particle)) members.push_back(particle);
  remove(standing_, [closed](const StandingParticle& particle) { return closed.holds(particle); });
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& one, const auto& other) { return one.diameter_nm > other.diameter_nm; });
  members.resize(std::min(members.size(), diameters.size()));
  for (std::size_t rank = 0; rank < members.size(); ++rank) {
    members[rank].diameter_nm = diameters[rank];
    standing_.push_back(members[rank]);
  }
  for (std::size_t rank = members.size(); rank < diameters.size(); ++rank)
    if (rng.uniform() >= scene_.population.same_site_share ||
        !nucleate_on_old_site(closed, diameters[rank], due, rng))
      nucleate(closed, diameters[rank], due, rng);
}

void Population::fill(Closed closed, const SceneStep& step, const std::vector<double>& due, Rng& rng) {
  // Facets that are due nothing lose their particles first.
  remove(standing_, [&](const StandingParticle& particle) {
    return closed.holds(particle) && due[static_cast<std::size_t>(particle.facet)] <= 0.0;
  });
  double atoms = 0.0;
  for (int facet = 0; facet < inventory_.size(); ++facet)
    if (closed.holds(facet)) atoms += due[static_cast<std::size_t>(facet)];
  if (atoms < sample_.atoms(scene_.population.smallest_nm))
    assign(closed, {}, due, rng);
  else if (!step.mean_diameter_nm && atoms_in(closed) > 0.0)
    scale_together(closed, due);
  else if (law_)
    assign(closed, fitting_diameters(*law_, atoms, sample_, rng), due, rng);
  else
    throw usage_error("the first step with particles needs 'mean_diameter_nm'");
}

void Population::reach_number(double number_density_nm2, Rng& rng) {
  if (!law_) throw usage_error("the first step with particles needs 'mean_diameter_nm'");
  std::vector<double> diameters;
  const long number = std::lround(number_density_nm2 * inventory_.total_sites() / sample_.site_density_nm2);
  for (long i = 0; i < number; ++i) diameters.push_back(law_->draw(rng));
  assign({}, diameters, inventory_.sites(), rng);
}

void Population::reach_equilibrium(const SceneStep& step, Rng& rng) {
  if (step.mean_diameter_nm) law_ = SizeLaw{*step.mean_diameter_nm, step.sd_ln_d};
  if (step.number_density_nm2) return reach_number(*step.number_density_nm2, rng);
  const std::vector<double> due = inventory_.atoms_due(step, rng.stream("capacity"));
  if (scene_.population.closed == "region") {
    fill({}, step, due, rng);
  } else {
    for (int facet = 0; facet < inventory_.size(); ++facet) fill({facet}, step, due, rng);
  }
  last_due_ = due;
}

PopulationStep Population::summary(const SceneStep& step) const {
  PopulationStep result;
  result.particles = standing_;
  result.c_star = step.c_star;
  result.sites = inventory_.total_sites();
  if (result.sites <= 0.0) return result;
  result.c_tot = inventory_.total_atoms() / result.sites;
  result.c_np = atoms_in({}) / result.sites;
  result.c_np_due = std::accumulate(last_due_.begin(), last_due_.end(), 0.0) / result.sites;
  if (result.c_np <= result.c_tot * (1.0 + 1e-12)) result.c_ad = std::max(0.0, result.c_tot - result.c_np);
  return result;
}

/// Adds what the change has not told itself: who appeared, grew by a tenth or more in atoms, or went.
void tell_changes(const std::vector<StandingParticle>& before, PopulationStep& step) {
  const std::vector<PopulationEvent> told = step.events;
  const auto known = [&told](int id) {
    return std::any_of(told.begin(), told.end(),
                       [id](const PopulationEvent& event) { return event.id == id; });
  };
  for (const StandingParticle& now : step.particles) {
    const StandingParticle* then = find(before, now.id);
    if (!then)
      step.events.push_back({EventKind::appeared, now.id, {}});
    else if (!known(now.id) && std::pow(now.diameter_nm / then->diameter_nm, 3) > 1.1)
      step.events.push_back({EventKind::grew, now.id, {}});
  }
  for (const StandingParticle& then : before)
    if (!find(step.particles, then.id) && !known(then.id))
      step.events.push_back({EventKind::redispersed, then.id, {}});
}

PopulationStep Population::advance(std::size_t index) {
  const SceneStep& step = scene_.programme[index];
  Rng rng = rng_.stream("step", index);
  const std::vector<StandingParticle> before = standing_;
  std::vector<PopulationEvent> events;
  set_large(step, rng);
  set_scripted(step);
  if (step.change == "equilibrium") {
    if (step.c_star || step.c_np || step.number_density_nm2) reach_equilibrium(step, rng);
  } else if (step.change != "keep") {
    Change change = step.change == "ripening" ? ripen(standing_, sample_, step.amount)
                    : step.change == "coalescence"
                        ? coalesce(standing_, sample_, step.amount)
                        : scale_diameters(standing_, step.amount, scene_.population.smallest_nm);
    standing_ = std::move(change.particles);
    events = std::move(change.events);
  }
  for (const StandingParticle& particle : before)
    if (counted(particle) && !find(standing_, particle.id)) vanished_.push_back(particle);
  PopulationStep result = summary(step);
  result.events = events;
  if (index > 0) tell_changes(before, result);  // what stands at the beginning is no event
  return result;
}

}  // namespace

std::vector<PopulationStep> grow_population(const Scene& scene, const Sample& sample,
                                            const SupportSurface& surface, int region, const Rng& rng) {
  Population population(scene, sample, surface, region, rng);
  std::vector<PopulationStep> steps;
  for (std::size_t i = 0; i < scene.programme.size(); ++i)
    steps.push_back(in_context(fmt::format("programme step {}", i), [&] { return population.advance(i); }));
  return steps;
}

}  // namespace sinterscope
