// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Text on its way into HTML, SVG and JSON, and numbers as people read them.

#include <optional>
#include <string>
#include <string_view>

namespace sinterscope {

/// Text as HTML or SVG text or attribute value: markup escaped, control characters dropped, broken UTF-8
/// replaced.
std::string escape(std::string_view text);

/// JSON text as content of a script element: no "</script" or "<!--" can end or open anything.
std::string json_for_script(std::string_view json);

std::string base64(std::string_view bytes);

/// Hex digits of a hash as base64.
std::string base64_of_hex(std::string_view hex);

/// Significant digits without trailing zeros, exponent short: 0.0322, 2.13e-5, 773. The minus is ASCII, so
/// that a number copied from the page is a number.
std::string number(double value, int digits = 3);
/// The same with its zeros: 0.020 to two digits, where numbers are compared.
std::string significant(double value, int digits);
std::string number(const std::optional<double>& value, int digits = 3, std::string_view missing = "");

/// The value to the second digit of its error: 2.053 for an error of 0.03. No error: three digits.
std::string to_error(double value, double error);

/// "2.053 ± 0.031": the error to two significant digits, the value to the same place. No error:
/// number(value).
std::string with_error(double value, std::optional<double> error);

/// "0.98"; never 0 or 1: "< 0.01", "> 0.99".
std::string probability_text(double probability);

/// "500 °C"; "no temperature" where there is none.
std::string temperature_text(std::optional<double> temperature_K);

}  // namespace sinterscope
