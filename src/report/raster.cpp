// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/raster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "sinterscope/core/error.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace sinterscope {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;  ///< without a name: gone when closed

TemporaryFile temporary_file() {
  TemporaryFile file(std::tmpfile());
  if (!file) throw Error(fmt::format("figure: no temporary file: {}", std::strerror(errno)));
  return file;
}

std::string read_all(std::FILE* file) {
  std::rewind(file);
  std::string bytes;
  std::array<char, 65536> block{};
  for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), file)) > 0;)
    bytes.append(block.data(), n);
  return bytes;
}

/// Runs a program with `input` and `output` as its standard streams; its errors go to nowhere. The exit
/// status, or nothing where there is no such program.
std::optional<int> run(std::vector<std::string> command, std::FILE* input, std::FILE* output) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, fileno(input), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&streams, fileno(output), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments[0], &streams, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&streams);
  if (failed != 0) return std::nullopt;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

std::optional<std::string> png_of_svg(const std::string& svg, double dpi) {
  // Files, not pipes: neither side can block the other.
  const TemporaryFile input = temporary_file(), output = temporary_file();
  if (std::fwrite(svg.data(), 1, svg.size(), input.get()) != svg.size() || std::fflush(input.get()) != 0)
    throw Error(fmt::format("figure: a temporary file could not be written: {}", std::strerror(errno)));
  std::rewind(input.get());
  const std::string zoom =
      fmt::format("{:.4f}", dpi / 96.0);  // the figures are sized in CSS pixels, 96 per inch
  const std::optional<int> status =
      run({"rsvg-convert", "--format=png", "--zoom=" + zoom, "--background-color=white"}, input.get(),
          output.get());
  if (!status || *status == 127) return std::nullopt;
  std::string png = read_all(output.get());
  if (*status != 0 || png.compare(0, 4, "\x89PNG") != 0)
    throw Error(fmt::format("figure: rsvg-convert could not draw it (exit status {})", *status));
  return png;
}

}  // namespace sinterscope
