// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The folder a command writes into: made if need be, one writer at a time.

#include <filesystem>
#include <string>

namespace sinterscope {

/// Held while a run writes into a directory; released by the system even if the program is killed.
class DirectoryLock {
 public:
  /// Makes the directory. Throws Error where it cannot be made or written, or another run holds it.
  explicit DirectoryLock(const std::filesystem::path& folder);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// Makes a directory with its parents. Throws Error where it cannot.
void make_directory(const std::filesystem::path& folder);

/// ISO 8601, UTC.
std::string utc_now();

}  // namespace sinterscope
