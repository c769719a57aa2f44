// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every harness does: put the bytes into a file in memory, open it with one reader and read its first
// frames. Any Error is a right answer; a crash, a hang, a leak or memory beyond the limit is a finding.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "sinterscope/core/error.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope::fuzz {

/// Bytes under a path that lives as long as the object: a file of its own in memory. (A memfd will not do:
/// its path is a link that leads nowhere, and HDF5 resolves links.)
class FileInMemory {
 public:
  FileInMemory(const std::uint8_t* bytes, std::size_t count)
      : path_("/dev/shm/sinterscope_fuzz_" + std::to_string(::getpid())) {
    const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (std::size_t done = 0; descriptor >= 0 && done < count;) {
      const auto wrote = ::write(descriptor, bytes + done, count - done);
      if (wrote <= 0) break;
      done += static_cast<std::size_t>(wrote);
    }
    if (descriptor >= 0) ::close(descriptor);
  }
  ~FileInMemory() { ::unlink(path_.c_str()); }
  FileInMemory(const FileInMemory&) = delete;
  FileInMemory& operator=(const FileInMemory&) = delete;
  std::filesystem::path path() const { return path_; }

 private:
  std::string path_;
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
