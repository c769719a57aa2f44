// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sizes of a hold with the error of measurement taken out and the particles that were missed put in.
//
// Model: a particle of diameter d is drawn from a law (normal, or normal in ln d), found with probability
// p(d), and measured with a normal error of known standard deviation s. The likelihood of a measured diameter
// m is then
//   integral law(d) p(d) N(m; d, s) dd / integral law(d) p(d) dd,
// and mean and spread of the law are where the product over all particles is largest. A small share of what
// is counted may be no particle of the law (a false detection, a speck): it is taken to have any diameter,
// evenly in ln d, so that a single one far off cannot move the mean, least of all where p(d) is small. The
// spread of the measured diameters is wider than that of the particles by the errors, and small particles are
// missing from them: both are in the likelihood. Breaks down where the law is neither normal nor lognormal
// (compare the histogram), where errors are misstated, and where p(d) is near zero over much of the law.
//
// Deconvolution of heteroscedastic errors by likelihood: e.g. Bovy, Hogg and Roweis, Ann. Appl. Stat. 5,
// 1657, 2011, DOI 10.1214/10-AOAS439. The share of strangers: Hogg, Bovy and Lang, 2010, arXiv:1008.4686.

#include <functional>
#include <optional>
#include <vector>

namespace sinterscope {

struct MeasuredSize {
  double diameter_nm = 0.0;
  double diameter_se_nm =
      0.0;  ///< of this particle alone; an error shared by all belongs into shared_relative_error
};

enum class SizeLaw { normal, lognormal };

/// Probability to find a particle of this diameter (nm); empty = all are found.
using FindProbability = std::function<double(double)>;

struct SizeDistribution {
  SizeLaw law = SizeLaw::normal;
  double mean_nm = 0.0, mean_se_nm = 0.0;  ///< of the particles that are there, found or not
  double sd_nm = 0.0, sd_se_nm = 0.0;
  double skew = 0.0;            ///< of the law
  double log_likelihood = 0.0;  ///< to compare the two laws
  double found_share = 1.0;     ///< share of the law that is found
  int particles = 0;
  bool sd_bounded_below =
      true;  ///< false: the measured spread is no wider than the errors; sd_nm is an upper limit (84 %)
  double location = 0.0, scale = 0.0;  ///< mean and s.d. of d, or of ln d

  /// Diameter below which this share of the particles lies, 0 < share < 1.
  double quantile_nm(double share) const;
};

/// Maximum likelihood. Empty for fewer than three particles. shared_relative_error (probe, pixel size) enters
/// the error of the mean and of the spread, not the deconvolution; `strangers` is the share that does not
/// follow the law. Throws usage_error where a diameter or an error is not positive.
std::optional<SizeDistribution> fit_size_distribution(const std::vector<MeasuredSize>& sizes, SizeLaw law,
                                                      const FindProbability& found = {},
                                                      double shared_relative_error = 0.0,
                                                      double strangers = 0.0);

/// The law under which the sizes are more probable.
std::optional<SizeDistribution> fit_size_distribution(const std::vector<MeasuredSize>& sizes,
                                                      const FindProbability& found = {},
                                                      double shared_relative_error = 0.0);

/// "2.05 against 1.41 nm: +0.64 +- 0.03 nm". An error shared by both holds (same probe, same pixel size)
/// changes the difference only by its own share of it and is counted once.
struct SizeDifference {
  double difference_nm = 0.0;  ///< second minus first
  double se_nm = 0.0;
  double low95_nm = 0.0, high95_nm = 0.0;
  double p_no_change = 1.0;  ///< two-sided
};
SizeDifference compare_sizes(const SizeDistribution& first, const SizeDistribution& second,
                             double shared_relative_error = 0.0);

/// Counts between edges, with counts divided by the probability to find a particle of each diameter (at least
/// 0.1).
struct SizeBins {
  std::vector<double> edges_nm;  ///< one more than bins
  std::vector<int> counts;
  std::vector<double> corrected;
  std::vector<double> corrected_se;  ///< sqrt of the sum of squared weights
};
/// Bins as Freedman and Diaconis take them (Z. Wahrscheinlichkeitstheorie 57, 453, 1981,
/// DOI 10.1007/BF01025868), 4 to 60 of them; empty for no particles.
SizeBins size_histogram(const std::vector<MeasuredSize>& sizes, const FindProbability& found = {});

}  // namespace sinterscope
