// SPDX-License-Identifier: GPL-3.0-or-later
#include "terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace sinterscope {

using Seconds = std::chrono::duration<double>;

TerminalProgress::TerminalProgress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

TerminalProgress::~TerminalProgress() { end_line(); }

void TerminalProgress::start(std::string_view task, std::size_t total) {
  const std::scoped_lock lock(mutex_);
  end_line();
  task_ = task;
  total_ = total;
  done_ = 0;
  started_ = drawn_ = std::chrono::steady_clock::now();
  if (!quiet_ && !terminal_) fmt::print(stderr, "{} ({})\n", task_, total_);
  if (!quiet_ && terminal_) draw(false);
}

void TerminalProgress::advance(std::size_t steps) {
  const std::scoped_lock lock(mutex_);
  done_ += steps;
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || !terminal_ || (done_ < total_ && now - drawn_ < std::chrono::milliseconds(100))) return;
  drawn_ = now;
  draw(done_ >= total_);
}

void TerminalProgress::warn(const std::string& message) {
  const std::scoped_lock lock(mutex_);
  end_line();
  fmt::print(stderr, "warning: {}\n", message);
}

void TerminalProgress::draw(bool finished) {
  constexpr std::size_t width = 24;
  const double share = total_ > 0 ? static_cast<double>(done_) / static_cast<double>(total_) : 0.0;
  const auto filled = static_cast<std::size_t>(share * width);
  const double elapsed_s = Seconds(std::chrono::steady_clock::now() - started_).count();
  std::string tail;
  if (done_ > 0 && elapsed_s > 0.0) {
    tail = fmt::format(" {:.1f}/s", static_cast<double>(done_) / elapsed_s);
    if (!finished) tail += fmt::format(", {:.0f} s left", elapsed_s * (1.0 - share) / share);
  }
  fmt::print(stderr, "\r\x1b[K{:<14} [{:#<{}}{:-<{}}] {}/{}{}", task_, "", filled, "", width - filled, done_,
             total_, tail);
  std::fflush(stderr);
  line_open_ = true;
}

void TerminalProgress::end_line() {
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace sinterscope
