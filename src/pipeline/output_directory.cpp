// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/output_directory.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>

#include "sinterscope/core/error.h"

namespace sinterscope {

void make_directory(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(fmt::format("{}: cannot be made: {}", folder.string(), failed.message()));
}

DirectoryLock::DirectoryLock(const std::filesystem::path& folder) {
  make_directory(folder);
  descriptor_ = ::open((folder / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (descriptor_ < 0)
    throw Error(fmt::format("{}: cannot be written; check permissions and space", folder.string()));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(fmt::format("{}: another run is writing there; wait for it or choose another --out",
                            folder.string()));
  }
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace sinterscope
