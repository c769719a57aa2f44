// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A result file appears under its name only when it is whole: it is written under a temporary name in the
// same folder, flushed to the disk and renamed. An interrupted run leaves the old file or none.

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string_view>

namespace sinterscope {

class OutputFile {
 public:
  /// Chooses the temporary name. Throws Error where the folder does not exist.
  explicit OutputFile(std::filesystem::path path);
  /// Removes the temporary file unless commit() was called.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Where to write.
  const std::filesystem::path& temporary_path() const { return temporary_; }
  /// Flushes what was written there and gives it its name. Throws Error where the disk refuses.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// The whole content at once, in the same way.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// The same for content that is written piece by piece. What `write` throws goes on, and no file is left.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

/// Removes what programs that were killed while writing left in this folder under temporary names. Only for a
/// folder into which nobody else writes now.
void remove_partial_files(const std::filesystem::path& folder);

}  // namespace sinterscope
