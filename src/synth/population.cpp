// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/population.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "changes.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sites.h"

namespace sinterscope {
namespace {

constexpr int first_population_id = 1000000;  // scripted particles have smaller numbers

struct SizeLaw {
  double mean_nm = 0.0;
  double sd_ln_d = 0.0;

  double draw(Rng& rng) const {
    double z = rng.normal();
    while (std::abs(z) > 3.0) z = rng.normal();
    return mean_nm * std::exp(sd_ln_d * z - 0.5 * sd_ln_d * sd_ln_d);
  }
};

class Population {
 public:
  Population(const Scene& scene, const Sample& sample, const SupportSurface& surface, int region,
             const Rng& rng);
  PopulationStep advance(std::size_t step_index);

 private:
  using Facets = std::vector<int>;
  static bool counted(const StandingParticle& particle) { return !particle.large && !particle.scripted; }

  void set_large(const SceneStep& step, Rng& rng);
  void set_scripted(const SceneStep& step);
  void reach_equilibrium(const SceneStep& step, Rng rng);
  std::vector<double> atoms_due(const SceneStep& step, Rng rng) const;
  void fill(const Facets& closed, const SceneStep& step, const std::vector<double>& due, Rng& rng);
  std::vector<double> fitting_diameters(double atoms, Rng& rng) const;
  void scale_together(const Facets& closed, const std::vector<double>& due);
  void assign(const Facets& closed, std::vector<double> diameters, const std::vector<double>& due, Rng& rng);
  void nucleate(const Facets& closed, double diameter, const std::vector<double>& due, Rng& rng);
  bool on_old_site(const Facets& closed, double diameter, const std::vector<double>& due, Rng& rng);
  StandingParticle new_particle(cv::Point2d place, int facet, double diameter, Rng& rng);
  double atoms_on(const Facets& facets) const;
  void note_changes(const std::vector<StandingParticle>& before, PopulationStep& result) const;

  const Scene& scene_;
  const Sample& sample_;
  const SupportSurface& surface_;
  Sites sites_;
  std::string region_;
  Rng rng_;
  int next_id_;
  std::vector<double> loading_, sites_of_;  ///< per facet: atoms per site, number of sites
  std::vector<double> last_due_;            ///< atoms due per facet at the last equilibrium
  std::optional<SizeLaw> law_;
  std::vector<StandingParticle> standing_, vanished_, large_;
};

Population::Population(const Scene& scene, const Sample& sample, const SupportSurface& surface, int region,
                       const Rng& rng)
    : scene_(scene),
      sample_(sample),
      surface_(surface),
      sites_(scene, surface),
      region_(scene.regions[static_cast<std::size_t>(region)]),
      rng_(rng),
      next_id_(first_population_id * (region + 1)) {
  Rng loads = rng_.stream("loading");
  const double s = scene.population.loading_spread;
  for (int facet = 0; facet < sites_.facet_count(); ++facet) {
    loading_.push_back(scene.population.c_tot * std::exp(s * loads.normal() - 0.5 * s * s));
    sites_of_.push_back(sites_.area_nm2(facet) * sample.site_density_nm2);
  }
  last_due_.assign(loading_.size(), 0.0);
}

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

double Population::atoms_on(const Facets& facets) const {
  double atoms = 0.0;
  for (const StandingParticle& particle : standing_)
    if (counted(particle) && std::find(facets.begin(), facets.end(), particle.facet) != facets.end())
      atoms += sample_.atoms(particle.diameter_nm);
  return atoms;
}

/// Large particles are placed once, before anything else, and only change their diameter.
void Population::set_large(const SceneStep& step, Rng& rng) {
  if (large_.empty() && scene_.population.large_count > 0) {
    const SizeLaw law{scene_.population.large_diameter_nm, scene_.population.large_sd_ln_d};
    for (int i = 0; i < scene_.population.large_count; ++i)
      nucleate(
          [&] {
            Facets all(loading_.size());
            std::iota(all.begin(), all.end(), 0);
            return all;
          }(),
          law.draw(rng), sites_of_, rng);
    for (StandingParticle& particle : standing_) particle.large = true;
    large_ = standing_;
  }
  for (const StandingParticle& original : large_)
    for (StandingParticle& particle : standing_)
      if (particle.id == original.id) particle.diameter_nm = original.diameter_nm * step.large_scale;
}

void Population::set_scripted(const SceneStep& step) {
  standing_.erase(std::remove_if(standing_.begin(), standing_.end(),
                                 [](const auto& particle) { return particle.scripted; }),
                  standing_.end());
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
    particle.facet = surface_.facet_at(script.x_nm / scene_.optics.pixel_size_nm,
                                       script.y_nm / scene_.optics.pixel_size_nm);
    standing_.push_back(particle);
  }
}

std::vector<double> Population::atoms_due(const SceneStep& step, Rng rng) const {
  std::vector<double> due;
  for (std::size_t facet = 0; facet < loading_.size(); ++facet) {
    const double z =
        rng.normal();  // drawn for every facet, so that one more hold or option moves no other number
    double c_np = 0.0;
    if (step.c_np) {
      c_np = *step.c_np * (scene_.population.c_tot > 0.0 ? loading_[facet] / scene_.population.c_tot : 1.0);
    } else if (step.c_star && sites_of_[facet] > 0.0) {
      const double scatter = std::sqrt(*step.c_star * (1.0 - *step.c_star) / sites_of_[facet]);
      c_np = loading_[facet] -
             std::max(0.0, *step.c_star + (scene_.population.finite_facets ? scatter * z : 0.0));
    }
    due.push_back(std::max(0.0, c_np) * sites_of_[facet]);
  }
  return due;
}

/// As many diameters of the law as bring their atoms nearest to `atoms`, scaled to match them.
std::vector<double> Population::fitting_diameters(double atoms, Rng& rng) const {
  std::vector<double> diameters;
  double sum = 0.0;
  while (true) {
    const double diameter = law_->draw(rng), next = sample_.atoms(diameter);
    if (!diameters.empty() && sum + next - atoms > atoms - sum) break;
    diameters.push_back(diameter);
    sum += next;
    if (sum >= atoms) break;
  }
  const double factor = std::cbrt(atoms / sum);
  for (double& diameter : diameters) diameter *= factor;
  return diameters;
}

/// What stands grows or shrinks: first with its facet, then all alike until the atoms match.
void Population::scale_together(const Facets& closed, const std::vector<double>& due) {
  double wanted = 0.0;
  for (const int facet : closed) {
    const auto f = static_cast<std::size_t>(facet);
    wanted += due[f];
    if (last_due_[f] <= 0.0) continue;
    for (StandingParticle& particle : standing_)
      if (counted(particle) && particle.facet == facet)
        particle.diameter_nm *= std::cbrt(due[f] / last_due_[f]);
  }
  const double factor = std::cbrt(wanted / atoms_on(closed));
  for (StandingParticle& particle : standing_)
    if (counted(particle) && std::find(closed.begin(), closed.end(), particle.facet) != closed.end())
      particle.diameter_nm *= factor;
}

bool Population::on_old_site(const Facets& closed, double diameter, const std::vector<double>& due,
                             Rng& rng) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < vanished_.size(); ++i) {
    const StandingParticle& old = vanished_[i];
    if (std::find(closed.begin(), closed.end(), old.facet) != closed.end() &&
        due[static_cast<std::size_t>(old.facet)] > 0.0 &&
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

void Population::nucleate(const Facets& closed, double diameter, const std::vector<double>& due, Rng& rng) {
  constexpr int choices = 60;
  std::vector<double> missing = due;  // atoms per facet
  for (const StandingParticle& particle : standing_)
    if (counted(particle) && particle.facet >= 0)
      missing[static_cast<std::size_t>(particle.facet)] -= sample_.atoms(particle.diameter_nm);
  std::vector<double> weights;
  for (const int facet : closed) weights.push_back(std::max(0.0, missing[static_cast<std::size_t>(facet)]));
  if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0.0)
    for (std::size_t i = 0; i < closed.size(); ++i) weights[i] = due[static_cast<std::size_t>(closed[i])];
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (int choice = 0; choice < choices; ++choice) {
    double mark = rng.uniform() * total;
    std::size_t pick = 0;
    while (pick + 1 < weights.size() && (mark -= weights[pick]) >= 0.0) ++pick;
    const auto place = sites_.free_place(closed[pick], diameter, standing_, rng);
    if (!place) continue;
    standing_.push_back(new_particle(*place, closed[pick], diameter, rng));
    return;
  }
  throw Error(fmt::format(
      "region '{}': no room for another particle of {:.2f} nm among {}: lower the inventory, 'gap_nm', "
      "'edge_gap_nm' or 'depletion_nm'",
      region_, diameter, standing_.size()));
}

/// Hands the diameters out by rank: what stands keeps its place, the smallest go first, missing ones appear.
void Population::assign(const Facets& closed, std::vector<double> diameters, const std::vector<double>& due,
                        Rng& rng) {
  std::sort(diameters.rbegin(), diameters.rend());
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < standing_.size(); ++i)
    if (counted(standing_[i]) && std::find(closed.begin(), closed.end(), standing_[i].facet) != closed.end())
      members.push_back(i);
  std::stable_sort(members.begin(), members.end(), [this](std::size_t one, std::size_t other) {
    return standing_[one].diameter_nm > standing_[other].diameter_nm;
  });
  std::vector<bool> goes(standing_.size(), false);
  for (std::size_t rank = 0; rank < members.size(); ++rank) {
    if (rank < diameters.size())
      standing_[members[rank]].diameter_nm = diameters[rank];
    else
      goes[members[rank]] = true;
  }
  std::vector<StandingParticle> kept;
  for (std::size_t i = 0; i < standing_.size(); ++i)
    if (!goes[i]) kept.push_back(standing_[i]);
  standing_ = kept;
  for (std::size_t rank = members.size(); rank < diameters.size(); ++rank)
    if (rng.uniform() >= scene_.population.same_site_share || !on_old_site(closed, diameters[rank], due, rng))
      nucleate(closed, diameters[rank], due, rng);
}

void Population::fill(const Facets& closed, const SceneStep& step, const std::vector<double>& due, Rng& rng) {
  double atoms = 0.0;
  for (const int facet : closed) atoms += due[static_cast<std::size_t>(facet)];
  // Facets that are due nothing lose their particles first.
  standing_.erase(std::remove_if(standing_.begin(), standing_.end(),
                                 [&](const StandingParticle& particle) {
                                   return counted(particle) &&
                                          std::find(closed.begin(), closed.end(), particle.facet) !=
                                              closed.end() &&
                                          due[static_cast<std::size_t>(particle.facet)] <= 0.0;
                                 }),
                  standing_.end());
  if (atoms < sample_.atoms(scene_.population.smallest_nm)) return assign(closed, {}, due, rng);
  if (!step.mean_diameter_nm && atoms_on(closed) > 0.0) return scale_together(closed, due);
  if (!law_) throw usage_error("the first step with particles needs 'mean_diameter_nm'");
  assign(closed, fitting_diameters(atoms, rng), due, rng);
}

void Population::reach_equilibrium(const SceneStep& step, Rng rng) {
  if (step.mean_diameter_nm) law_ = SizeLaw{*step.mean_diameter_nm, step.sd_ln_d};
  Facets all(loading_.size());
  std::iota(all.begin(), all.end(), 0);
  if (step.number_density_nm2) {
    if (!law_) throw usage_error("a step with 'number_density_nm2' needs 'mean_diameter_nm'");
    const double sites = std::accumulate(sites_of_.begin(), sites_of_.end(), 0.0);
    std::vector<double> diameters;
    const long wanted = std::lround(*step.number_density_nm2 * sites / sample_.site_density_nm2);
    for (long i = 0; i < wanted; ++i) diameters.push_back(law_->draw(rng));
    return assign(all, diameters, sites_of_, rng);
  }
  const std::vector<double> due = atoms_due(step, rng.stream("capacity"));
  if (scene_.population.closed == "region")
    fill(all, step, due, rng);
  else
    for (const int facet : all) fill({facet}, step, due, rng);
  last_due_ = due;
}

void Population::note_changes(const std::vector<StandingParticle>& before, PopulationStep& result) const {
  const auto find = [](const std::vector<StandingParticle>& list, int id) {
    return std::find_if(list.begin(), list.end(),
                        [id](const StandingParticle& particle) { return particle.id == id; });
  };
  const auto noted = [&result](int id) {
    return std::any_of(result.events.begin(), result.events.end(),
                       [id](const PopulationEvent& event) { return event.id == id; });
  };
  for (const StandingParticle& now : result.particles) {
    const auto then = find(before, now.id);
    if (then == before.end())
      result.events.push_back({EventKind::appeared, now.id, {}});
    else if (!noted(now.id) && std::pow(now.diameter_nm / then->diameter_nm, 3) > 1.1)
      result.events.push_back({EventKind::grew, now.id, {}});
  }
  for (const StandingParticle& then : before)
    if (find(result.particles, then.id) == result.particles.end() && !noted(then.id))
      result.events.push_back({EventKind::redispersed, then.id, {}});
}

PopulationStep Population::advance(std::size_t index) {
  const SceneStep& step = scene_.programme[index];
  Rng rng = rng_.stream("step", index);
  PopulationStep result;
  const std::vector<StandingParticle> before = standing_;
  set_large(step, rng);
  set_scripted(step);
  const bool stated = step.c_star || step.c_np || step.number_density_nm2;
  if (step.change == "equilibrium" && stated) {
    reach_equilibrium(step, rng);
  } else if (step.change != "equilibrium" && step.change != "keep") {
    Change change = step.change == "ripening" ? ripen(standing_, sample_, step.amount)
                    : step.change == "coalescence"
                        ? coalesce(standing_, sample_, step.amount)
                        : scale_diameters(standing_, step.amount, scene_.population.smallest_nm);
    standing_ = change.particles;
    result.events = change.events;
  }
  for (const StandingParticle& particle : before)
    if (counted(particle) && std::none_of(standing_.begin(), standing_.end(),
                                          [&](const auto& other) { return other.id == particle.id; }))
      vanished_.push_back(particle);
  result.particles = standing_;
  note_changes(before, result);

  double metal = 0.0, atoms = 0.0;
  for (std::size_t f = 0; f < loading_.size(); ++f) {
    result.sites += sites_of_[f];
    metal += loading_[f] * sites_of_[f];
  }
  for (const StandingParticle& particle : standing_)
    if (counted(particle)) atoms += sample_.atoms(particle.diameter_nm);
  if (result.sites > 0.0) {
    result.c_tot = metal / result.sites;
    result.c_np = atoms / result.sites;
    result.c_np_due = std::accumulate(last_due_.begin(), last_due_.end(), 0.0) / result.sites;
  }
  result.c_star = step.c_star;
  if (atoms <= metal * (1.0 + 1e-12)) result.c_ad = std::max(0.0, result.c_tot - result.c_np);
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
