// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How long work tells of itself. Science rooms are silent but for this: the app decides what reaches the
// terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace sinterscope {

class Progress {
 public:
  virtual ~Progress() = default;
  /// A task of `total` steps begins; ends the one before it.
  virtual void start(std::string_view task, std::size_t total) = 0;
  /// `steps` more are done. Thread-safe.
  virtual void advance(std::size_t steps = 1) = 0;
  /// A warning: the work goes on, the user should know. Thread-safe.
  virtual void warn(const std::string& message) = 0;
};

/// Keeps silent; for tests and for library use.
class NoProgress : public Progress {
 public:
  void start(std::string_view, std::size_t) override {}
  void advance(std::size_t) override {}
  void warn(const std::string&) override {}
};

}  // namespace sinterscope
