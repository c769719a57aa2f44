// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_files.h"

namespace sinterscope {
namespace {

using test::message_of;
using test::TestFolder;
using ::testing::HasSubstr;

TEST(TableFile, ComesBackAsItWasWritten) {
  const TestFolder folder;
  Table table({"frame", "diameter_nm", "note, \"quoted\""});
  table.add_row({std::int64_t{0}, 0.1 + 0.2, std::string("a \"b\", c\nd")});
  table.add_row({std::int64_t{-7}, Cell(), std::string("#5")});
  table.add_row({std::int64_t{9007199254740993}, 1e-300, Cell()});
  write_csv(folder / "t.csv", table, {"first comment", "second"});
  const Table back = read_csv(folder / "t.csv");
  EXPECT_EQ(back.columns(), table.columns());
  EXPECT_EQ(back.rows(), table.rows());
  EXPECT_THAT(test::read_bytes(folder / "t.csv"),
              ::testing::StartsWith("# first comment\n# second\nframe,diameter_nm,"));
}

TEST(TableFile, ReadsWhatSpreadsheetsWrite) {
  const TestFolder folder;
  test::write_bytes(folder / "t.csv",
                    "\xEF\xBB\xBF# comment\r\na, b ,c\r\n1, 2.5,\"7\"\r\n\r\n-3,1e5, text \r\n");
  const Table table = read_csv(folder / "t.csv");
  EXPECT_THAT(table.columns(), ::testing::ElementsAre("a", "b", "c"));
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.rows()[0], (std::vector<Cell>{std::int64_t{1}, 2.5, std::string("7")}));
  EXPECT_EQ(table.rows()[1], (std::vector<Cell>{std::int64_t{-3}, 1e5, std::string("text")}));
}

TEST(TableFile, NamesFileAndLineOfWhatIsWrong) {
  const TestFolder folder;
  test::write_bytes(folder / "row.csv", "a,b\n1,2\n# note\n3\n");
  EXPECT_THAT(message_of([&] { read_csv(folder / "row.csv"); }),
              HasSubstr("row.csv: line 4: 1 cells for 2 columns"));
  test::write_bytes(folder / "quote.csv", "a,b\n1,\"2\n");
  EXPECT_THAT(message_of([&] { read_csv(folder / "quote.csv"); }), HasSubstr("quote.csv: line 2"));
  test::write_bytes(folder / "twice.csv", "a,a\n");
  EXPECT_THAT(message_of([&] { read_csv(folder / "twice.csv"); }), HasSubstr("'a' is named twice"));
  test::write_bytes(folder / "none.csv", "# only a comment\n");
  EXPECT_THAT(message_of([&] { read_csv(folder / "none.csv"); }), HasSubstr("no header row"));
  EXPECT_THAT(message_of([&] { read_csv(folder / "missing.csv"); }), HasSubstr("missing.csv"));
}

}  // namespace
}  // namespace sinterscope
