// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz_reader.h"
#include "sinterscope/io/hdf5_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  return sinterscope::fuzz::read_frames(bytes, count, &sinterscope::open_hdf5);
}

// libhdf5 1.10.8 forgets some blocks on its way out of damaged files; what we hold of it are identifiers,
// which stay reachable from its tables and so never count as leaks.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }
