// SPDX-License-Identifier: GPL-3.0-or-later
#include "child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "sinterscope/core/error.h"

namespace sinterscope {

ChildProcess::ChildProcess(const std::vector<std::string>& argv, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : argv)
    arguments.push_back(const_cast<char*>(word.c_str()));  // execv only reads
  arguments.push_back(nullptr);
  const int words = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (words < 0) throw Error(fmt::format("{}: cannot be written: {}", log.string(), std::strerror(errno)));
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {  // only what is allowed between fork and exec of a program with threads
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(words, STDOUT_FILENO);
    ::dup2(words, STDERR_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(words);
  if (process_ < 0) throw Error(fmt::format("{}: cannot be started: {}", argv.front(), std::strerror(errno)));
}

std::optional<int> ChildProcess::ended() {
  int status = 0;
  return ::waitpid(process_, &status, WNOHANG) == process_ ? std::optional<int>(status) : std::nullopt;
}

std::string failure_of(int status, const std::filesystem::path& log) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (WIFSIGNALED(status))
    return fmt::format("ended by signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)),
                       WTERMSIG(status) == SIGKILL ? ": out of memory or time?" : "");
  const std::string mark = "sinterscope: ";
  std::string words;
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);)
    if (line.rfind(mark, 0) == 0) words = line.substr(mark.size());
  return words.empty() ? fmt::format("exit code {}", WEXITSTATUS(status)) : words;
}

}  // namespace sinterscope
