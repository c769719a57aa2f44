// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A ZIP archive of small files, written one after the other. Layout: PKWARE APPNOTE 6.3; more than 65534
// files or 4 GB end in a ZIP64 record.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "sinterscope/io/output_file.h"

namespace sinterscope {

class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path);

  /// A file of less than 4 GB; no date, so that the same content gives the same bytes.
  void add(const std::string& name, const std::string& content);
  /// Writes the directory of the archive and gives it its name. Throws Error where the disk refuses.
  void finish();

 private:
  void append(const std::string& bytes);

  std::string name_;
  OutputFile output_;
  std::ofstream stream_;
  std::uint64_t position_ = 0;
  std::uint64_t count_ = 0;
  std::string directory_;
};

}  // namespace sinterscope
