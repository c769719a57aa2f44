// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/archive.h"

namespace sinterscope {
namespace {

constexpr std::string_view signature = "sinterscope kmc 1\n";

/// FNV-1a, 64 bits (Fowler, Noll, Vo): tells damage, not malice.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

std::string ByteWriter::finish() const {
  const std::uint64_t sum = checksum(bytes_);
  std::string whole(signature);
  whole.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return whole + bytes_;
}

ByteReader::ByteReader(std::string_view bytes) : bytes_(bytes) {
  if (bytes_.substr(0, signature.size()) != signature)
    throw Error("checkpoint does not begin with the signature of this version: start the run afresh");
  bytes_.remove_prefix(signature.size());
  std::uint64_t sum = 0;
  (*this)(sum);
  if (sum != checksum(bytes_))
    throw Error("checkpoint is damaged (its checksum differs): start the run afresh");
}

void ByteReader::need(std::uint64_t count) const {
  if (count > bytes_.size()) throw Error("checkpoint ends too early: start the run afresh");
}

void ByteReader::finish() const {
  if (!bytes_.empty()) throw Error("checkpoint belongs to another kind of run: start the run afresh");
}

}  // namespace sinterscope
