// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/stage_store.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "sinterscope/core/error.h"
#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/output_directory.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t digest_bytes = 64;  ///< hexadecimal, at the end of an entry

/// The last bytes of a file; empty where it is shorter.
std::string tail_of(const fs::path& path, std::uintmax_t size) {
  if (size < digest_bytes) return "";
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(size - digest_bytes));
  std::string tail(digest_bytes, '\0');
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  return file ? tail : "";
}

bool is_whole(const fs::path& path) {
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(path, failure);
  return !failure && size >= digest_bytes && tail_of(path, size) == sha256_of_file(path, size - digest_bytes);
}

}  // namespace

StageStore::StageStore(fs::path folder) : folder_(std::move(folder)) {
  make_directory(folder_);
  remove_partial_files(folder_);
}

fs::path StageStore::path_of(const std::string& stage, const std::string& key) const {
  return folder_ / fmt::format("{}.{}", stage, key.substr(0, 16));
}

StageStore::Found StageStore::load(const std::string& stage, const std::string& key,
                                   const std::function<void(Archive&)>& restore) {
  const fs::path path = path_of(stage, key);
  if (!fs::exists(path)) return Found::absent;
  std::string stored_key;
  if (is_whole(path)) {
    std::ifstream file(path, std::ios::binary);
    Archive archive(file);
    archive(stored_key);
    if (stored_key == key) {
      in_context(path.string(), [&] { restore(archive); });
      used_.insert(path);
      return Found::restored;
    }
  }
  std::error_code ignored;
  fs::remove(path, ignored);
  return Found::damaged;
}

void StageStore::save(const std::string& stage, const std::string& key,
                      const std::function<bool(Archive&)>& keep) {
  const fs::path path = path_of(stage, key);
  OutputFile output(path);
  const auto append = [&](const auto& write) {
    errno = 0;
    std::ofstream file(output.temporary_path(), std::ios::binary | std::ios::app);
    bool written = true;
    try {
      write(file);
    } catch (const Error&) {
      written = false;
    }
    file.close();
    if (!written || !file)
      throw Error(fmt::format("{}: cannot be written: {}", path.string(),
                              errno != 0 ? std::strerror(errno) : "the disk refuses"));
  };
  bool wanted = false;
  append([&](std::ofstream& file) {
    Archive archive(file);
    std::string own_key = key;
    archive(own_key);
    wanted = keep(archive);
  });
  if (!wanted) return;
  const std::string digest = sha256_of_file(output.temporary_path());
  append([&](std::ofstream& file) { file << digest; });
  output.commit();
  used_.insert(path);
}

void StageStore::remove_unused() const {
  std::vector<fs::path> unused;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
    if (entry.is_regular_file() && used_.count(entry.path()) == 0) unused.push_back(entry.path());
  std::error_code ignored;
  for (const fs::path& path : unused) fs::remove(path, ignored);
}

std::vector<std::string> chained_keys(const std::vector<nlohmann::json>& links) {
  std::vector<std::string> keys;
  for (const nlohmann::json& link : links)
    keys.push_back(sha256_of_text((keys.empty() ? "" : keys.back()) + link.dump()));
  return keys;
}

}  // namespace sinterscope
