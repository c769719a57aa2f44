// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_reader.h"
#include "sinterscope/io/table_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const sinterscope::fuzz::FileInMemory file(bytes, count);
  try {
    sinterscope::read_csv(file.path());
  } catch (const sinterscope::Error&) {
  }
  return 0;
}
