// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The terminal: results on stdout, progress and warnings on stderr.

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "sinterscope/core/progress.h"

namespace sinterscope {

/// A line that is redrawn on a terminal (task, share, rate, remaining time); elsewhere one line a task, and
/// one every half minute.
class TerminalProgress : public Progress {
 public:
  explicit TerminalProgress(bool quiet);
  ~TerminalProgress() override;
  void start(std::string_view task, std::size_t total) override;
  void advance(std::size_t steps) override;
  void warn(const std::string& message) override;

 private:
  void draw(bool finished);
  std::string pace(bool finished) const;
  void end_line();

  bool quiet_;
  bool terminal_;
  std::mutex mutex_;
  std::string task_;
  std::size_t total_ = 0, done_ = 0;
  std::chrono::steady_clock::time_point started_, drawn_;
  bool line_open_ = false;
};

}  // namespace sinterscope
