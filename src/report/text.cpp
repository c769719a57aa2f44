// SPDX-License-Identifier: GPL-3.0-or-later
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of text (Unicode 15, table 3-7); 0 = not
/// well-formed.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  unsigned low = 0x80, high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  return length;
}

std::uint8_t hex_value(char digit) {
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    const char c = text.front();
    if (length > 1)
      out += text.substr(0, length);
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F))
      out += c;
    text.remove_prefix(length);
  }
  return out;
}

std::string json_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";  // in JSON '<' stands only inside strings
    else
      out += c;
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= left ? digits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

std::string base64_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(hex_value(hex[i]) << 4 | hex_value(hex[i + 1]));
  return base64(bytes);
}

std::string number(double value, int digits) {
  if (!std::isfinite(value)) return value > 0 ? "infinite" : value < 0 ? "-infinite" : "not a number";
  std::string text = fmt::format("{:.{}g}", value, digits);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const int exponent = std::stoi(text.substr(e + 1));
  if (exponent >= 0 && exponent < 7) return fmt::format("{:.0f}", value);  // "2e+03" reads worse than 2000
  return text.substr(0, e) + fmt::format("e{}", exponent);
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value) || std::abs(value) < 1e-4 || std::abs(value) >= 1e3) return number(value, digits);
  std::string text = fmt::format("{:#.{}g}", value, digits);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string number(const std::optional<double>& value, int digits, std::string_view missing) {
  return value ? number(*value, digits) : std::string(missing);
}

std::string to_error(double value, double error) {
  if (!(error > 0) || !std::isfinite(error) || !std::isfinite(value)) return number(value);
  const int place = static_cast<int>(std::floor(std::log10(error))) - 1;  // of the error's second digit
  if (place < -6 || place > 3) return number(value);
  return fmt::format("{:.{}f}", value, std::max(0, -place));
}

std::string with_error(double value, std::optional<double> error) {
  if (!error || !(*error > 0) || !std::isfinite(*error)) return number(value);
  return to_error(value, *error) + " ± " + to_error(*error, *error);
}

std::string probability_text(double probability) {
  if (probability < 0.005) return "< 0.01";
  return probability >= 0.995 ? "> 0.99" : fmt::format("{:.2f}", probability);
}

std::string temperature_text(std::optional<double> temperature_K) {
  return temperature_K ? number(std::round(celsius_from_kelvin(*temperature_K) * 10) / 10, 5) + " °C"
                       : "no temperature";
}

}  // namespace sinterscope
