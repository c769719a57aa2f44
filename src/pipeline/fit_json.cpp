// SPDX-License-Identifier: GPL-3.0-or-later
// fit.json: the inference with everything it rests on.

#include <cmath>

#include "sinterscope/inference/entropy_posterior.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

nlohmann::json json_of(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json json_of(const Interval& interval) { return {json_of(interval.low), json_of(interval.high)}; }

nlohmann::json json_of(const Estimate& estimate) {
  return {{"estimate", json_of(estimate.estimate)},
          {"interval68", json_of(estimate.interval68)},
          {"interval95", json_of(estimate.interval95)},
          {"profile95", json_of(estimate.profile95)},
          {"bounded", estimate.bounded}};
}

/// c* of a verdict. At an open end of dh the median that c* belongs to is the prior's, not the data's.
template <typename Judged>
nlohmann::json c_star_of(const Judged& verdict) {
  const bool supported = verdict.c_star_interval95.low && verdict.c_star_interval95.high;
  return supported ? nlohmann::json(verdict.c_star) : nlohmann::json();
}

nlohmann::json json_of(const HoldVerdict& hold) {
  return {{"hold", hold.hold},
          {"region", hold.region},
          {"temperature_k", hold.temperature_K},
          {"c_np", json_of(hold.c_np)},
          {"c_ad_observed", json_of(hold.c_ad_observed)},
          {"c_star", c_star_of(hold)},
          {"c_star_interval95", json_of(hold.c_star_interval95)},
          {"observed", hold.observed},
          {"predicted", hold.predicted},
          {"agrees", hold.agrees},
          {"probability_dispersed", hold.probability_dispersed},
          {"detected", hold.detected},
          {"detections_expected", json_of(hold.detections_expected)},
          {"detections_expected_sd", json_of(hold.detections_expected_sd)}};
}

nlohmann::json json_of(const LocalVerdict& local) {
  return {{"hold", local.hold},
          {"region", local.region},
          {"temperature_k", local.temperature_K},
          {"reference_hold", local.reference_hold},
          {"size_class", local.size_class},
          {"neighbourhoods", local.neighbourhoods},
          {"with_particle", local.with_particle},
          {"with_particle_expected", local.with_particle_expected},
          {"with_particle_expected_sd", local.with_particle_expected_sd},
          {"c_ad", json_of(local.c_ad)},
          {"c_star", c_star_of(local)},
          {"c_star_interval95", json_of(local.c_star_interval95)},
          {"observed", local.observed},
          {"predicted", local.predicted},
          {"agrees", local.agrees},
          {"probability_dispersed", local.probability_dispersed}};
}

nlohmann::json json_of(const RegionEstimate& region) {
  return {{"region", region.region},
          {"c_ad", json_of(region.c_ad)},
          {"redispersion_temperature_k", json_of(region.redispersion_temperature_K)}};
}

nlohmann::json json_of(const ModelScore& model) {
  nlohmann::json parameters = nlohmann::json::object();
  for (const auto& parameter : model.parameters) parameters[parameter.first] = parameter.second;
  return {{"name", model.name},
          {"log_likelihood", json_of(model.log_likelihood)},
          {"parameters", parameters},
          {"aicc", json_of(model.aicc)},
          {"bic", json_of(model.bic)},
          {"log_evidence", json_of(model.log_evidence)},
          {"weight", json_of(model.weight)}};
}

template <typename Item>
nlohmann::json list_of(const std::vector<Item>& items) {
  nlohmann::json list = nlohmann::json::array();
  for (const Item& item : items) list.push_back(json_of(item));
  return list;
}

void add_messages(nlohmann::json& json, const std::vector<FitMessage>& messages) {
  for (const FitMessage& message : messages)
    json["messages"].push_back({{"code", message.code}, {"text", message.text}});
}

void add_fit(nlohmann::json& json, const EntropyFit& fit) {
  json["model"] = fit.model;
  json["dh_ev"] = json_of(fit.dh_eV);
  json["c_ad"] = json_of(fit.c_ad);
  json["redispersion_temperature_k"] = json_of(fit.redispersion_temperature_K);
  json["regions"] = list_of(fit.regions);
  json["goodness"] = {
      {"g2", fit.goodness_g2},
      {"dof", fit.goodness_dof},
      {"p", fit.goodness_p},
      {"branches", {{"chi2", fit.branch_chi2}, {"dof", fit.branch_dof}, {"p", fit.branch_p}}}};
  json["holds"] = list_of(fit.holds);
  json["sensitivity"] = nlohmann::json::array();
  for (const Sensitivity& one : fit.sensitivity)
    json["sensitivity"].push_back({{"assumption", one.assumption}, {"shift_ev", one.shift_eV}});
  json["next_temperature_k"] = json_of(fit.next_temperature_K);
  json["next_dh_sd_ratio"] = json_of(fit.next_dh_sd_ratio);
  json["curves"] = {{"dh_ev", fit.grid_dh_eV},
                    {"profile_log_likelihood", fit.profile_log_likelihood},
                    {"posterior_density", fit.posterior_density}};
  json["priors"] = to_json(fit.options);
  json["priors"]["loading_per_site"] = json_of(fit.loading_per_site);
  json["priors"]["region_loading_log_sd"] = region_loading_log_sd;
  add_messages(json, fit.messages);
}

}  // namespace

nlohmann::json fit_json(const Products& products) {
  nlohmann::json json = {
      {"schema", "sinterscope/fit/1"}, {"version", version}, {"messages", nlohmann::json::array()}};
  if (products.fit) {
    add_fit(json, *products.fit);
    json["local"] = list_of(products.local_verdicts);
  } else {
    for (const char* key : {"model", "dh_ev", "c_ad", "redispersion_temperature_k"}) json[key] = nullptr;
    json["holds"] = nlohmann::json::array();
    add_messages(
        json,
        {{"not_fitted",
          "no fit: it needs a pixel size, a sample (particle and support) and holds with temperature"}});
  }
  json["models"] = nlohmann::json::array();
  json["preferred"] = "undecided";
  json["lead"] = nullptr;
  json["not_excluded"] = nlohmann::json::array();
  if (products.models) {
    json["models"] = list_of(products.models->models);
    json["preferred"] = products.models->preferred;
    json["lead"] = json_of(products.models->lead);
    json["not_excluded"] = products.models->not_excluded;
    json["returning_share"] = json_of(products.models->returning_share);
    add_messages(json, products.models->messages);
  }
  return json;
}

}  // namespace sinterscope
