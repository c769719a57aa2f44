// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Single numbers and texts of an HDF5 file: attributes, and datasets of one text. The caller holds
// hdf5_lock().

#include <optional>
#include <string>
#include <vector>

#include "hdf5_handle.h"

namespace sinterscope {

/// The numbers of an attribute, 64 at most; none where it is missing or of another kind.
std::vector<double> hdf5_numbers_attribute(hid_t file, const std::string& object, const std::string& name);
/// First text of an attribute; empty where it is missing or of another kind.
std::optional<std::string> hdf5_text_attribute(hid_t file, const std::string& object,
                                               const std::string& name);
/// First text of a dataset; "" where it holds none.
std::string hdf5_text_of_dataset(hid_t dataset);

}  // namespace sinterscope
