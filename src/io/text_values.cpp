// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/text_values.h"

#include <algorithm>
#include <charconv>

namespace sinterscope {
namespace {

constexpr std::string_view blanks(" \t\r\n\0", 5);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the number at the start of `text` (already trimmed) ends, and its value.
std::optional<std::pair<double, std::size_t>> parse(std::string_view text) {
  const std::size_t sign = !text.empty() && text.front() == '+' ? 1 : 0;  // from_chars knows no plus
  double value = 0.0;
  const auto [end, failure] = std::from_chars(text.data() + sign, text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  return std::pair(value, static_cast<std::size_t>(end - text.data()));
}

// The character an XML entity stands for; 0 = not known.
std::uint32_t entity(std::string_view name) {
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (name.size() < 2 || name.front() != '#') return 0;
  const bool hex = name[1] == 'x';
  std::uint32_t code = 0;
  const char* first = name.data() + (hex ? 2 : 1);
  const char* last = name.data() + name.size();
  const bool whole = std::from_chars(first, last, code, hex ? 16 : 10).ptr == last;
  return whole && code <= 0x10FFFF ? code : 0;
}

std::string without_entities(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '&' ? text.substr(at, 12).find(';') : text.npos;
    const std::uint32_t code = end == text.npos ? 0 : entity(text.substr(at + 1, end - 1));
    if (code == 0)
      result.push_back(text[at++]);
    else {
      append_utf8(result, code);
      at += end + 1;
    }
  }
  return result;
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const auto a = static_cast<unsigned char>(bytes[i]);
    const auto b = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? static_cast<std::uint32_t>(a << 8 | b) : static_cast<std::uint32_t>(b << 8 | a);
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code == 0 || code == 0xFEFF) continue;
    if (code >= 0xD800 && code < 0xE000) {  // one half of a pair
      const std::uint32_t low = code < 0xDC00 && i + 3 < bytes.size() ? unit(i + 2) : 0;
      const bool pair = low >= 0xDC00 && low < 0xE000;
      code = pair ? 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00) : 0xFFFD;
      if (pair) i += 2;
    }
    append_utf8(out, code);
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = lead < 0x80        ? 1
                               : lead >> 5U == 6  ? 2
                               : lead >> 4U == 14 ? 3
                               : lead >> 3U == 30 ? 4
                                                  : 0;
    if (length == 0 || i + length > bytes.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if (static_cast<unsigned char>(bytes[i + k]) >> 6U != 2) return false;
    i += length;
  }
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<double> leading_number(std::string_view text) {
  const auto number = parse(trimmed(text));
  return number ? std::optional(number->first) : std::nullopt;
}

std::optional<double> whole_number(std::string_view text) {
  text = trimmed(text);
  const auto number = parse(text);
  return number && number->second == text.size() ? std::optional(number->first) : std::nullopt;
}

std::string_view after_number(std::string_view text) {
  text = trimmed(text);
  const auto number = parse(text);
  return number ? trimmed(text.substr(number->second)) : std::string_view{};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    lines.push_back(trimmed(text.substr(0, end)));
    if (end == text.npos) break;
    const bool crlf = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    text.remove_prefix(end + (crlf ? 2 : 1));
  }
  return lines;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

std::string without_java_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::uint32_t code = 0;
    const bool escape = text.size() >= 6 && text[0] == '\\' && text[1] == 'u' &&
                        std::from_chars(text.data() + 2, text.data() + 6, code, 16).ptr == text.data() + 6;
    if (escape)
      append_utf8(result, code);
    else
      result.push_back(text.front());
    text.remove_prefix(escape ? 6 : 1);
  }
  return result;
}

std::string utf8_from_utf16le(std::string_view bytes) { return from_utf16(bytes, false); }

std::string utf8_from(std::string_view bytes) {
  if (bytes.substr(0, 2) == "\xFF\xFE") return from_utf16(bytes.substr(2), false);
  if (bytes.substr(0, 2) == "\xFE\xFF") return from_utf16(bytes.substr(2), true);
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  // Text with a zero in every other byte is UTF-16 without a mark.
  const auto zeros = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  if (bytes.size() >= 2 && zeros > bytes.size() / 3) return from_utf16(bytes, bytes.front() == '\0');
  std::string out;
  const bool utf8 = is_utf8(bytes);
  for (const char c : bytes) {
    if (c == '\0') continue;
    if (utf8)
      out.push_back(c);
    else
      append_utf8(out, static_cast<unsigned char>(c));
  }
  return out;
}

IniText parse_ini(std::string_view text) {
  IniText ini;
  std::string section;
  for (const std::string_view line : lines_of(text)) {
    if (line.size() >= 2 && line.front() == '[' && line.back() == ']') {
      section = std::string(line.substr(1, line.size() - 2));
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    ini[section].emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  return ini;
}

std::optional<std::string> ini_value(const IniText& ini, const std::string& section, const std::string& key) {
  const auto found = ini.find(section);
  if (found == ini.end()) return std::nullopt;
  const auto value = found->second.find(key);
  return value == found->second.end() ? std::nullopt : std::optional(value->second);
}

std::string_view xml_element(std::string_view xml, const std::string& name) {
  const std::string open = "<" + name + ">";
  const std::size_t start = xml.find(open);
  if (start == xml.npos) return {};
  const std::size_t end = xml.find("</" + name + ">", start);
  if (end == xml.npos) return {};
  return trimmed(xml.substr(start + open.size(), end - start - open.size()));
}

std::vector<std::string_view> xml_tags(std::string_view xml, std::string_view name) {
  std::vector<std::string_view> tags;
  for (std::size_t open = xml.find('<'); open != xml.npos; open = xml.find('<', open + 1)) {
    const std::string_view rest = xml.substr(open + 1, 256);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n/>"));
    const std::size_t colon = word.rfind(':');
    if ((colon == word.npos ? word : word.substr(colon + 1)) != name) continue;
    const std::size_t close = xml.find('>', open);
    if (close == xml.npos) break;
    tags.push_back(xml.substr(open, close - open));
  }
  return tags;
}

std::string xml_attribute(std::string_view tag, std::string_view name) {
  constexpr std::string_view white = " \t\r\n";
  for (std::size_t at = tag.find(name); at != tag.npos; at = tag.find(name, at + 1)) {
    if (at == 0 || white.find(tag[at - 1]) == white.npos) continue;
    std::string_view rest = trimmed(tag.substr(at + name.size()));
    if (rest.empty() || rest.front() != '=') continue;
    rest = trimmed(rest.substr(1));
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
    const std::size_t end = rest.find(rest.front(), 1);
    return end == rest.npos ? "" : without_entities(rest.substr(1, end - 1));
  }
  return "";
}

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t k = 0;
  const auto run = [](std::string_view text, std::size_t& at) {  // digits from `at`, without leading zeros
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    std::string_view digits = text.substr(from, at - from);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits;
  };
  while (i < a.size() && k < b.size()) {
    if (is_digit(a[i]) && is_digit(b[k])) {
      const std::string_view x = run(a, i);
      const std::string_view y = run(b, k);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i;
      ++k;
    }
  }
  if (a.size() - i != b.size() - k) return a.size() - i < b.size() - k;
  return a < b;  // the same but for leading zeros
}

}  // namespace sinterscope
