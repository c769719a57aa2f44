// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_reader.h"
#include "sinterscope/io/ser_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  return sinterscope::fuzz::read_frames(bytes, count, &sinterscope::open_ser);
}
