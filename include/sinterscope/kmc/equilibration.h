// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Averages with error bars out of one correlated series, and whether it had settled.
//
// Neighbouring samples of a simulation know of each other. The integrated autocorrelation time tau (in
// samples) says how many count as one: the standard error is sqrt(2 tau variance / n), tau = 1/2 for
// independent samples. It is summed up to the first lag W >= 5 tau (automatic windowing: Sokal, in Functional
// Integration, NATO ASI 361, 131, 1997, doi:10.1007/978-1-4899-0319-8_6). A series has settled from where the
// number of independent samples that remain is largest (Chodera, J. Chem. Theory Comput. 12, 1799, 2016,
// doi:10.1021/acs.jctc.5b00784). What breaks it: a run shorter than some 50 tau, or one that never left a
// metastable state, knows nothing of its own error; `reliable` is false in the first case and cannot see the
// second. Starting from gas and from particle can.

#include <cstddef>
#include <span>

namespace sinterscope {

struct SeriesMean {
  double mean = 0.0;
  double standard_error = 0.0;
  double correlation_samples = 0.5;  ///< tau
  double independent_samples = 0.0;  ///< n / (2 tau)
  bool reliable = false;             ///< 50 tau fit into the series, which has 16 samples or more
};

/// Throws Error for an empty series.
SeriesMean mean_of_series(std::span<const double> series);

/// Index of the first sample of the settled part; 0 for a series without variance. Throws Error for an empty
/// series.
std::size_t settled_from(std::span<const double> series);

/// Mean of independent measurements of one quantity with the standard error of their scatter (of the single
/// errors where there is one measurement only). Throws Error where there is none.
SeriesMean mean_of_runs(std::span<const SeriesMean> runs);

}  // namespace sinterscope
