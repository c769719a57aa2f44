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

/// 0 or errno: a disk that is full may say so only now.
int flush_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int failure = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return failure;
}

Error cannot_write(const fs::path& path, const std::string& reason) {
  return Error(fmt::format("{}: cannot be written: {}", path.string(), reason));
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
  if (const int refused = flush_to_disk(temporary_); refused != 0)
    throw cannot_write(path_, std::strerror(refused));
  std::error_code failure;
  fs::rename(temporary_, path_, failure);
  if (failure) throw cannot_write(path_, failure.message());
  committed_ = true;
  // A folder that some file systems will not flush: the rename stands all the same.
  flush_to_disk(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

void write_file(const fs::path& path, std::string_view bytes) {
  write_file(path, [bytes](std::ostream& out) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
}

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  OutputFile output(path);
  {
    errno = 0;
    std::ofstream stream(output.temporary_path(), std::ios::binary);
    write(stream);
    const int refused = stream ? 0 : errno;
    stream.close();
    if (!stream) throw cannot_write(path, std::strerror(refused != 0 ? refused : errno));
  }
  output.commit();
}

void remove_partial_files(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' && entry.path().extension() == ".partial") fs::remove(entry.path(), ignored);
  }
}

}  // namespace sinterscope
