// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every harness does: put the bytes into a file in memory, open it with one reader and read its first
// frames. Any Error is a right answer; a crash, a hang, a leak or memory beyond the limit is a finding.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "sinterscope/core/error.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope::fuzz {

/// Bytes under a path that lives as long as the object.
class FileInMemory {
 public:
  FileInMemory(const std::uint8_t* bytes, std::size_t count) : descriptor_(::memfd_create("fuzz", 0)) {
    for (std::size_t done = 0; done < count;) {
      const auto wrote = ::write(descriptor_, bytes + done, count - done);
      if (wrote <= 0) break;
      done += static_cast<std::size_t>(wrote);
    }
  }
  ~FileInMemory() { ::close(descriptor_); }
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

template <typename Open>
int read_frames(const std::uint8_t* bytes, std::size_t count, Open open) {
  const FileInMemory file(bytes, count);
  OpenOptions options;
  options.max_frame_megabytes = 64;
  try {
    const auto source = open(file.path(), options);
    for (std::size_t i = 0; i < std::min<std::size_t>(source->size(), 3); ++i) source->load(i);
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace sinterscope::fuzz
