// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which bytes a run was made from: every input file by its SHA-256, read once.
//
// Hashing a session of many gigabytes is a pass over all of it, so the digests are remembered together with
// size, time of change and inode of each file; only a file of which one of them changed is read again, and
// one that was changed in the last seconds is not trusted to show its next change by its clock. A change
// while the run reads is an error: its products would belong to no file.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/pipeline/config.h"

namespace sinterscope {

class InputFiles {
 public:
  /// Lists and hashes every file the pipeline names: images, the members of folders and patterns, temperature
  /// logs, and texts and headers beside an image that readers look into. `memory` is the file that remembers.
  /// Throws Error naming the file that cannot be read.
  InputFiles(const PipelineConfig& config, const std::filesystem::path& memory, int threads,
             Progress& progress);

  /// Path (relative to the pipeline file) -> digest; a folder or pattern is one entry over its files.
  const nlohmann::json& digests() const { return digests_; }

  /// Throws Error naming the first file that is no longer what was hashed.
  void check_unchanged() const;

 private:
  struct Stamp {
    std::uint64_t bytes = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct File {
    std::filesystem::path path;
    Stamp stamp;
    std::string digest;
  };
  static nlohmann::json remembered(const Stamp& stamp, const std::string& digest);
  static Stamp stamp_of(const std::filesystem::path& path);
  void recall(const std::filesystem::path& memory);
  void remember(const std::filesystem::path& memory) const;
  std::size_t add(const std::filesystem::path& path);

  std::vector<File> files_;
  nlohmann::json digests_ = nlohmann::json::object();
};

}  // namespace sinterscope
