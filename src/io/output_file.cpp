// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

// The temporary names of one process differ by a count, those of two processes by the process number.
fs::path temporary_for(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return path.parent_path() / fmt::format(".{}.{}-{}.partial", path.filename().string(), ::getpid(), count++);
}

void flush_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may not be read: the rename stands all the same
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

OutputFile::OutputFile(fs::path path) : path_(std::move(path)), temporary_(temporary_for(path_)) {
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  if (!fs::is_directory(folder))
    throw Error(fmt::format("{}: cannot be written, there is no folder {}", path_.string(), folder.string()));
}

OutputFile::~OutputFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

void OutputFile::commit() {
  flush_to_disk(temporary_);
  std::error_code failure;
  fs::rename(temporary_, path_, failure);
  if (failure) throw Error(fmt::format("{}: cannot be written: {}", path_.string(), failure.message()));
  committed_ = true;
  flush_to_disk(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile output(path);
  {
    std::ofstream stream(output.temporary_path(), std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    if (!stream) throw Error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  }
  output.commit();
}

}  // namespace sinterscope
