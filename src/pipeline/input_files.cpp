// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/input_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/image_sequence.h"
#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

/// A change within this time of the one before may leave the clock of a file as it was.
constexpr std::int64_t clock_grain_ns = 2'000'000'000;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Files beside an image that its reader may open: the text of a still image, the header and the data of an
/// .emi group. What is hashed too much costs a needless new start, what is missed a wrong result.
std::vector<fs::path> companions(const fs::path& image) {
  const std::string stem = image.stem().string(), group = stem.substr(0, stem.find_last_of('_'));
  const std::string kind = image.extension().string();
  std::vector<fs::path> found;
  std::error_code ignored;
  if (const fs::path text = fs::path(image).replace_extension(".txt"); fs::is_regular_file(text, ignored))
    found.push_back(text);
  if (kind != ".ser" && kind != ".emi") return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(image.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.path() != image && entry.is_regular_file(ignored) && name.rfind(group, 0) == 0 &&
        (entry.path().extension() == ".ser" || entry.path().extension() == ".emi"))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

InputFiles::Stamp InputFiles::stamp_of(const fs::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0)
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  return {static_cast<std::uint64_t>(status.st_size),
          static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_ino)};
}

std::size_t InputFiles::add(const fs::path& path) {
  files_.push_back({path, stamp_of(path), ""});
  return files_.size() - 1;
}

InputFiles::InputFiles(const PipelineConfig& config, const fs::path& memory, int threads,
                       Progress& progress) {
  const fs::path folder = config.path.parent_path();
  std::map<std::string, std::vector<std::size_t>> entries;  // label -> files
  const auto list = [&](const fs::path& named) {
    const std::string label = named.lexically_proximate(folder).generic_string();
    if (named.empty() || entries.count(label) > 0) return;
    std::vector<std::size_t>& members = entries[label];
    if (fs::is_directory(named) || is_glob_pattern(named)) {
      for (const fs::path& member : image_files(named)) members.push_back(add(member));
    } else {
      members.push_back(add(named));
      for (const fs::path& beside : companions(named)) members.push_back(add(beside));
    }
  };
  for (const FrameEntry& entry : config.frames) {
    list(entry.file);
    list(entry.temperature_log);
  }
  recall(memory);
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].digest.empty()) unknown.push_back(i);
  if (!unknown.empty()) progress.start("hash inputs", unknown.size());
  parallel_for(unknown.size(), threads, [&](std::size_t k) {
    files_[unknown[k]].digest = sha256_of_file(files_[unknown[k]].path);
    progress.advance();
  });
  check_unchanged();
  remember(memory);
  for (const auto& [label, members] : entries) {
    if (members.size() == 1) {
      digests_[label] = files_[members.front()].digest;
      continue;
    }
    std::string all;
    for (const std::size_t i : members)
      all += files_[i].path.lexically_proximate(folder).generic_string() + " " + files_[i].digest + "\n";
    digests_[label] = sha256_of_text(all);
  }
}

nlohmann::json InputFiles::remembered(const Stamp& stamp, const std::string& digest) {
  return {
      {"bytes", stamp.bytes}, {"changed_ns", stamp.changed_ns}, {"inode", stamp.inode}, {"digest", digest}};
}

void InputFiles::recall(const fs::path& memory) {
  std::ifstream file(memory);
  const nlohmann::json known = nlohmann::json::parse(file, nullptr, false);
  if (!known.is_object()) return;
  for (File& one : files_) {
    const auto found = known.find(one.path.generic_string());
    if (found != known.end() && found->is_object() &&
        *found == remembered(one.stamp, found->value("digest", "")))
      one.digest = found->value("digest", "");
  }
}

void InputFiles::remember(const fs::path& memory) const {
  nlohmann::json known = nlohmann::json::object();
  const std::int64_t old_enough = now_ns() - clock_grain_ns;
  for (const File& one : files_)
    if (one.stamp.changed_ns < old_enough)
      known[one.path.generic_string()] = remembered(one.stamp, one.digest);
  write_file(memory, known.dump(0) + "\n");
}

void InputFiles::check_unchanged() const {
  for (const File& one : files_)
    if (stamp_of(one.path) != one.stamp)
      throw Error(fmt::format("{}: was changed while it was read; start again when it is complete",
                              one.path.string()));
}

}  // namespace sinterscope
