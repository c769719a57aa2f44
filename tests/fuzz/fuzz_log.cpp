// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_reader.h"
#include "sinterscope/io/experiment_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const sinterscope::fuzz::FileInMemory file(bytes, count);
  try {
    sinterscope::read_experiment_log(file.path());
  } catch (const sinterscope::Error&) {
  }
  return 0;
}
