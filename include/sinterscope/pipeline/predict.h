// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the entropy model predicts, as text, tables and figures.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct PredictRequest {
  std::vector<double> dh_eV;               ///< one or more
  std::vector<double> temperatures_c;      ///< empty = 25 to 600 C
  std::optional<double> c_ad;              ///< metal atoms per support site
  int sites = 1600;                        ///< M of DeltaG(N); the lattice of Zhu et al. has 40 x 40
  std::vector<std::filesystem::path> map;  ///< c* over (T, dh): .csv, .svg or .png
  std::vector<std::filesystem::path>
      delta_g;                   ///< DeltaG over c, a curve per dh and temperature: the same kinds
  std::string particle = "PdO";  ///< phase whose atoms the Gibbs-Thomson shift counts
  std::optional<double> surface_energy_J_m2;  ///< empty = no Gibbs-Thomson table
  std::vector<double> diameters_nm;           ///< curvature diameters; empty = 1 to 10 nm
};

/// For each dh a table of c*, the N of the largest DeltaG, its height and the zero crossings for each
/// temperature; the redispersion temperature where c_ad is given; dh and c* of small particles where a
/// surface energy is given. Throws usage_error for values out of range or a file of an unknown kind.
std::string predict(const PredictRequest& request);

}  // namespace sinterscope
