// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The parts of the page: HTML fragments, already escaped, and what its scripts read.

#include <string>

#include "sinterscope/report/report.h"

namespace sinterscope {

// page_data: for the scripts
std::string page_json(const ReportData& data);  ///< JSON: frames, holds, tracks, events, curves
std::string page_markers(
    const ReportData& data);  ///< base64 of the particles, packed; layout in page_data.cpp
void write_page_pictures(const ReportData& data,
                         std::ostream& out);  ///< one script element of plain text a picture

// page_tables: HTML
std::string warnings_html(const ReportData& data);
std::string hold_table_html(const ReportData& data);
std::string event_table_html(const ReportData& data);
std::string experiment_html(const ReportData& data);
std::string provenance_html(const ReportData& data);

// page_verdict: the answer
std::string verdict_html(const ReportData& data);
std::string comparison_html(const ReportData& data);
std::string model_table_html(const ReportData& data);

// page_figures: HTML around the SVG
std::string programme_html(const ReportData& data);
std::string histograms_html(const ReportData& data);
std::string fit_html(const ReportData& data);
std::string completeness_html(const ReportData& data);

/// Particles found in every frame of the history.
std::vector<int> particles_per_frame(const ReportData& data);

/// What the experiment lacks and what follows from that, one sentence each.
std::vector<std::string> missing_pieces(const ReportData& data);

/// "200 °C", or "as prepared (temperature not given)" of the first hold of a region that is heated later.
std::string hold_temperature(const ReportData& data, int hold, const std::string& region,
                             std::optional<double> temperature_K);

/// The same, with the region where there are several.
std::string hold_name(const ReportData& data, int hold, const std::string& region,
                      std::optional<double> temperature_K);

/// c_np with its error, or its upper limit where nothing was seen.
std::string c_np_text(const HoldInventory& hold);

std::string list_item(const std::string& text);

/// A paragraph for a part that the data do not have.
std::string absent_html(const std::string& sentence);

}  // namespace sinterscope
