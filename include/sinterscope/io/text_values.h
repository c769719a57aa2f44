// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small readings from the texts that makers put into their files: numbers without locale, lines, INI
// sections, UTF-16.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinterscope {

/// Without blanks, tabs, line ends and NULs at both ends.
std::string_view trimmed(std::string_view text);
std::string lower(std::string_view text);
/// The number the text begins with (after blanks), '.' decimal; empty if there is none. Text after it is
/// ignored: "5.825 nm" -> 5.825.
std::optional<double> leading_number(std::string_view text);
/// The number the whole text is; empty if anything else stands there.
std::optional<double> whole_number(std::string_view text);
/// Text after the number it begins with, trimmed: "5.825 nm" -> "nm".
std::string_view after_number(std::string_view text);
/// Lines ended by LF, CR or CRLF, trimmed.
std::vector<std::string_view> lines_of(std::string_view text);
/// UTF-16 (with a byte order mark, or told by its zero bytes), Latin-1 or UTF-8 to UTF-8; NULs dropped.
std::string utf8_from(std::string_view bytes);
/// UTF-16LE without a mark.
std::string utf8_from_utf16le(std::string_view bytes);
/// A code point as UTF-8, appended.
void append_utf8(std::string& out, std::uint32_t code);
/// Java's escapes (ImageJ writes them): \\u00B5 -> the character.
std::string without_java_escapes(std::string_view text);

/// An INI text: section -> key -> value; a key that comes twice in a section keeps its first value.
using IniText = std::map<std::string, std::map<std::string, std::string>>;
IniText parse_ini(std::string_view text);
/// The value, or empty.
std::optional<std::string> ini_value(const IniText& ini, const std::string& section, const std::string& key);

/// The text of the first XML element of this name without attributes; empty where there is none.
std::string_view xml_element(std::string_view xml, const std::string& name);
/// The start tags of this name, with or without a namespace prefix, from '<' up to '>'.
std::vector<std::string_view> xml_tags(std::string_view xml, std::string_view name);
/// The value of an attribute inside one XML tag, its entities (&amp; &#181;) resolved; empty where there is
/// none.
std::string xml_attribute(std::string_view tag, std::string_view name);

/// Whether `a` comes before `b` in natural order: runs of digits compare as numbers ("img9" before "img10").
bool natural_less(std::string_view a, std::string_view b);

}  // namespace sinterscope
