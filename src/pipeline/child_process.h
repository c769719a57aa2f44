// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One command as a process of its own, its words in a file.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

class ChildProcess {
 public:
  /// Starts argv[0] with stdout and stderr appended to `log`. It dies with this process, however that ends.
  /// Throws Error where no process can be made.
  ChildProcess(const std::vector<std::string>& argv, const std::filesystem::path& log);
  /// The status as of waitpid, once it has ended.
  std::optional<int> ended();

 private:
  pid_t process_ = -1;
};

/// Why a process with this status failed; empty where it did its work. The words are those after
/// "sinterscope: " in its log.
std::string failure_of(int status, const std::filesystem::path& log);

}  // namespace sinterscope
