// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("{}: cannot be read", path.string()));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool fine = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> buffer(1U << 20U);
  while (fine && file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    fine = EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (file.bad() || !fine || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    throw Error(fmt::format("{}: reading failed before the end of the file", path.string()));
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest.at(i));
  return text;
}

}  // namespace sinterscope
