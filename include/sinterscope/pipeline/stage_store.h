// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What finished stages left behind, so that a run that was broken off goes on where it stood.
//
// One file an entry: the archived products of a stage, the key they were made under and a SHA-256 over both.
// An entry appears under its name only when it is whole and on the disk; one that was damaged afterwards is
// told, removed and made again. The key is a hash of everything the products are a function of (stage_keys),
// so an entry never has to be declared stale: nobody asks for it any more.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sinterscope/pipeline/archive.h"

namespace sinterscope {

class StageStore {
 public:
  /// Makes the folder where need be, whose parent must be locked by the caller.
  explicit StageStore(std::filesystem::path folder);

  enum class Found { restored, absent, damaged };
  /// Hands the entry to `restore` if there is one.
  Found load(const std::string& stage, const std::string& key, const std::function<void(Archive&)>& restore);
  /// Nothing is stored where `keep` returns false. Throws Error naming the file where the disk refuses.
  void save(const std::string& stage, const std::string& key, const std::function<bool(Archive&)>& keep);
  /// Removes the entries that were neither loaded nor saved: those of other options, other inputs.
  void remove_unused() const;

 private:
  std::filesystem::path path_of(const std::string& stage, const std::string& key) const;

  std::filesystem::path folder_;
  std::set<std::filesystem::path> used_;
};

/// One key a link of the chain: the hash of what it says and of all links before it.
std::vector<std::string> chained_keys(const std::vector<nlohmann::json>& links);

}  // namespace sinterscope
