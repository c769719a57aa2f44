// SPDX-License-Identifier: GPL-3.0-or-later
// Opens an image and names the stages.
#include <cstdio>

#include "sinterscope/io/open_frames.h"
#include "sinterscope/pipeline/registry.h"

int main(int, char** arguments) {
  std::printf("%zu frames", sinterscope::open_frames(arguments[1])->size());
  for (const auto& stage : sinterscope::make_stages()) std::printf(" %s", stage->name().c_str());
  std::printf("\n");
}
