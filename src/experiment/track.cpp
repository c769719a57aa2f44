// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/track.h"

namespace sinterscope {

std::string to_text(EventKind kind) {
  switch (kind) {
    case EventKind::appeared:
      return "appeared";
    case EventKind::redispersed:
      return "redispersed";
    case EventKind::coalesced:
      return "coalesced";
    case EventKind::ripened:
      return "ripened";
    case EventKind::grew:
      return "grew";
    case EventKind::split:
      return "split";
    case EventKind::left_field:
      return "left_field";
    case EventKind::below_limit:
      return "below_limit";
  }
  return "";
}

}  // namespace sinterscope
