// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the stages and their options are, as text and as a pipeline file.

#include <string>

#include "sinterscope/core/options.h"

namespace sinterscope {

/// One option as text: name, value, unit, what is allowed, meaning.
std::string describe_field(const OptionField& field, const std::string& value);

/// All stages, or the named one: summary and every option with default, unit, range and meaning. Usage error
/// for an unknown name, with the nearest.
std::string describe_stages(const std::string& name);

/// A pipeline file with every option at its default, ready to be pointed at one's own frames.
std::string default_pipeline_text();

}  // namespace sinterscope
