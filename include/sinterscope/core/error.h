// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Errors as a chain of reasons.
//
// Misuse, a broken file or an impossible configuration throws Error; every floor that lets it pass may add
// one line of context in front ("frame 17 of movie.tif: ..."). A merely poor measurement is data, not an
// error: flags, sigma, upper limits. The message says file, field, value and what to do; the app prints it
// and turns the kind into the exit code.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinterscope {

class Error : public std::runtime_error {
 public:
  /// failed: the work failed (exit code 1). usage: wrong command line or configuration (exit code 2).
  enum class Kind { failed, usage };

  explicit Error(const std::string& message, Kind kind = Kind::failed)
      : std::runtime_error(message), kind_(kind) {}

  Kind kind() const { return kind_; }
  /// The same error with one line of context in front: "context: message".
  Error within(std::string_view context) const { return Error(std::string(context) + ": " + what(), kind_); }

 private:
  Kind kind_;
};

/// An error of the command line or of a configuration file.
inline Error usage_error(const std::string& message) { return Error(message, Error::Kind::usage); }

/// Runs `work` and adds `context` to any Error that leaves it.
template <typename Work>
auto in_context(std::string_view context, Work&& work) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw error.within(context);
  }
}

/// The entry of `known` with the smallest edit distance to `name`; empty where `known` is empty.
/// Used to answer a mistyped key: "unknown key 'stagse', did you mean 'stages'?"
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace sinterscope
