// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/emi_file.h"

#include "sinterscope/io/input_file.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

// "Preview DF4 Scanning Display1" stands before the block of a scanned image: the word in the middle is the
// signal.
std::string scan_signal(std::string_view before_block) {
  const std::size_t at = before_block.rfind(" Scanning Display");
  if (at == before_block.npos) return "";
  const std::size_t start = before_block.find_last_of(' ', at - (at > 0 ? 1 : 0));
  return start == before_block.npos || start >= at || at - start > 32
             ? ""
             : std::string(before_block.substr(start + 1, at - start - 1));
}

}  // namespace

bool is_emi(std::string_view head) {
  return head.substr(0, 2) == "JK" && head.size() > 4 && head[2] == '\0' && head[3] == '\x02';
}

std::vector<EmiObject> read_emi(const std::filesystem::path& path) {
  constexpr std::uint64_t max_bytes = 256U << 20U;  // image data may stand inside
  const std::string bytes = read_text_file(path, max_bytes);
  const std::string_view text = bytes;
  constexpr std::string_view open = "<ObjectInfo>";
  constexpr std::string_view close = "</ObjectInfo>";
  std::vector<EmiObject> objects;
  std::size_t from = 0;
  for (std::size_t at = text.find(open); at != text.npos; at = text.find(open, from)) {
    const std::size_t end = text.find(close, at);
    if (end == text.npos) break;
    const std::string_view block = text.substr(at, end - at);
    EmiObject object;
    object.detector = utf8_from(xml_element(block, "CameraNamePath"));
    if (object.detector.empty()) object.detector = scan_signal(text.substr(from, at - from));
    object.frame_time_s = leading_number(xml_element(block, "FrameTime"));
    const std::size_t mode = block.find("<Label>Mode</Label>");
    if (mode != block.npos) object.mode = utf8_from(xml_element(block.substr(mode), "Value"));
    objects.push_back(std::move(object));
    from = end + close.size();
  }
  return objects;
}

}  // namespace sinterscope
