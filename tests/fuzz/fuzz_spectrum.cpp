// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_reader.h"
#include "sinterscope/io/spectrum_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const sinterscope::fuzz::FileInMemory file(bytes, count);
  try {
    sinterscope::read_spectrum(file.path());
  } catch (const sinterscope::Error&) {
  }
  return 0;
}
