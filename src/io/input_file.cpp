// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sinterscope {

InputFile::InputFile(std::filesystem::path path, std::string format)
    : path_(std::move(path)), format_(std::move(format)) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0)
    throw Error(fmt::format("{}: cannot be opened: {}", path_.string(), std::strerror(errno)));
  struct stat status = {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw Error(fmt::format("{}: is not a regular file", path_.string()));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

Error InputFile::error(std::string_view message) const {
  return Error(format_.empty() ? fmt::format("{}: {}", path_.string(), message)
                               : fmt::format("{}: {}: {}", path_.string(), format_, message));
}

void InputFile::require(std::uint64_t offset, std::uint64_t count, std::string_view field) const {
  if (offset > size_ || count > size_ - offset)
    throw error(fmt::format(
        "{} needs {} bytes at offset {}, but the file ends at {}: truncated or damaged, copy it again", field,
        count, offset, size_));
}

void InputFile::read(std::uint64_t offset, void* target, std::uint64_t count, std::string_view field) const {
  require(offset, count, field);
  auto* bytes = static_cast<char*>(target);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor_, bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw error(fmt::format("{} at offset {} cannot be read: {}", field, offset, std::strerror(errno)));
    bytes += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::uint64_t>(got);
  }
}

std::string InputFile::text(std::uint64_t offset, std::uint64_t count, std::string_view field) const {
  require(offset, count, field);
  std::string bytes(count, '\0');
  read(offset, bytes.data(), count, field);
  return bytes;
}

std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const InputFile file(path);
  if (file.size() > max_bytes)
    throw file.error(
        fmt::format("is {} bytes, too large for a text file (at most {})", file.size(), max_bytes));
  return file.text(0, file.size(), "text");
}

}  // namespace sinterscope
