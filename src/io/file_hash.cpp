// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    fine_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void add(const char* bytes, std::size_t count) {
    fine_ = fine_ && EVP_DigestUpdate(context_.get(), bytes, count) == 1;
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!fine_ || EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1)
      throw Error("SHA-256: the digest could not be computed");
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest.at(i));
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool fine_ = false;
};

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path, std::uintmax_t most_bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("{}: cannot be read", path.string()));
  Digest digest;
  std::vector<char> buffer(1U << 20U);
  for (std::uintmax_t left = most_bytes; file && left > 0;) {
    file.read(buffer.data(), static_cast<std::streamsize>(std::min<std::uintmax_t>(left, buffer.size())));
    digest.add(buffer.data(), static_cast<std::size_t>(file.gcount()));
    left -= static_cast<std::uintmax_t>(file.gcount());
  }
  if (file.bad()) throw Error(fmt::format("{}: reading failed before the end of the file", path.string()));
  return digest.hex();
}

std::string sha256_of_text(std::string_view text) {
  Digest digest;
  digest.add(text.data(), text.size());
  return digest.hex();
}

}  // namespace sinterscope
