// SPDX-License-Identifier: GPL-3.0-or-later
#include "terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(30000);
  if (quiet_ || ((done_ < total_ || !terminal_) && now - drawn_ < pause)) return;
  drawn_ = now;
  if (terminal_)
    draw(done_ >= total_);
  else
    fmt::print(stderr, "{} {}/{}{}\n", task_, done_, total_, pace(done_ >= total_));
}

std::string TerminalProgress::pace(bool finished) const {
  const double elapsed_s = Seconds(std::chrono::steady_clock::now() - started_).count();
  if (done_ == 0 || elapsed_s <= 0.0) return "";
  const double rate = static_cast<double>(done_) / elapsed_s;
  std::string text = rate >= 0.1 ? fmt::format(" {:.1f}/s", rate) : fmt::format(" {:.1f}/h", 3600.0 * rate);
  if (!finished && total_ > done_) {
    const double left_s = static_cast<double>(total_ - done_) / rate;
    text += left_s < 600.0 ? fmt::format(", {:.0f} s left", left_s)
                           : fmt::format(", {:.1f} h left", left_s / 3600.0);
  }
  return text;
}

void TerminalProgress::warn(const std::string& message) {
  const std::scoped_lock lock(mutex_);
  end_line();
  fmt::print(stderr, "warning: {}\n", message);
}

void TerminalProgress::draw(bool finished) {
  constexpr std::size_t width = 24;
  // Tasks follow each other inside a stage, so that more steps may come than the last one announced.
  const double share =
      total_ > 0 ? std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_)) : 0.0;
  const auto filled = static_cast<std::size_t>(share * width);
  fmt::print(stderr, "\r\x1b[K{:<14} [{:#<{}}{:-<{}}] {}/{}{}", task_, "", filled, "", width - filled,
             std::min(done_, total_), total_, pace(finished));
  std::fflush(stderr);
  line_open_ = true;
}

void TerminalProgress::end_line() {
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace sinterscope
