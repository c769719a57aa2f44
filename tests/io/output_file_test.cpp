// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_files.h"

namespace sinterscope {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(OutputFile, AppearsWholeOrNotAtAll) {
  const test::TestFolder folder;
  write_file(folder / "a.txt", "old");
  {
    const OutputFile abandoned(folder / "a.txt");
    test::write_bytes(abandoned.temporary_path(), "half of the new");
    EXPECT_EQ(test::read_bytes(folder / "a.txt"), "old");
  }
  EXPECT_EQ(test::read_bytes(folder / "a.txt"), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);  // nothing is left behind
  write_file(folder / "a.txt", "new");
  EXPECT_EQ(test::read_bytes(folder / "a.txt"), "new");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(OutputFile, NamesTheFolderThatIsMissing) {
  const test::TestFolder folder;
  EXPECT_THAT(test::message_of([&] { write_file(folder / "no/where.txt", "x"); }),
              ::testing::HasSubstr("there is no folder"));
}

}  // namespace
}  // namespace sinterscope
