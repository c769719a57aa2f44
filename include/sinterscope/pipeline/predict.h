// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the entropy model predicts, as text.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct PredictRequest {
  double dh_eV = -0.16;
  std::vector<double> temperatures_c;  ///< empty = 25 to 600 C
  std::optional<double> c_ad;          ///< metal atoms per support site
  int sites = 1600;                    ///< M of DeltaG(N); the lattice of Zhu et al. has 40 x 40
  std::filesystem::path map;           ///< CSV of c* over (T, dh); empty = none
};

/// A table of c*, the N of the largest DeltaG, its height and the zero crossings for each temperature; the
/// redispersion temperature where c_ad is given.
std::string predict(const PredictRequest& request);

}  // namespace sinterscope
