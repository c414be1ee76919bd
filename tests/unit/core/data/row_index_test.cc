#include "core/data/row_index.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;

// "LINE:TEXT" of each row, or the text of the error; the file is fed in pieces of that size.
std::vector<std::string> Rows(absl::string_view file, size_t piece_bytes) {
  RowIndexer indexer;
  for (size_t at = 0; at < file.size(); at += piece_bytes) {
    const absl::Status fed = indexer.Feed(file.substr(at, piece_bytes));
    if (!fed.ok()) return {std::string(fed.message())};
  }
  const absl::StatusOr<std::vector<RowSpan>> spans = indexer.Finish();
  if (!spans.ok()) return {std::string(spans.status().message())};
  std::vector<std::string> rows;
  for (const RowSpan& span : *spans) {
    rows.push_back(absl::StrCat(span.line, ":", file.substr(span.offset, span.length)));
  }
  return rows;
}

// The same for every way of cutting the file.
std::vector<std::string> Rows(absl::string_view file) {
  const std::vector<std::string> rows = Rows(file, file.size() + 1);
  for (const size_t piece_bytes : {size_t{1}, size_t{2}, size_t{3}, size_t{5}}) {
    EXPECT_EQ(Rows(file, piece_bytes), rows) << piece_bytes;
  }
  return rows;
}

TEST(RowIndexer, EachLineIsARow) {
  EXPECT_THAT(Rows("{1}\n{2}\n"), ElementsAre("1:{1}", "2:{2}"));
  EXPECT_THAT(Rows("{1}\n{2}"), ElementsAre("1:{1}", "2:{2}"));
  EXPECT_THAT(Rows("not JSON\n[2]"), ElementsAre("1:not JSON", "2:[2]"));
}

TEST(RowIndexer, BlankLinesAreSkippedButCounted) {
  EXPECT_THAT(Rows("\n \t\r\n{1}\r\n\n\n  {2}\n\n"), ElementsAre("3:{1}\r", "6:  {2}"));
}

TEST(RowIndexer, AByteOrderMarkIsSkipped) {
  EXPECT_THAT(Rows("\xef\xbb\xbf{1}\n{2}"), ElementsAre("1:{1}", "2:{2}"));
  EXPECT_THAT(Rows("\xef\xbb\xbf[{1}]"), ElementsAre("1:{1}"));
}

TEST(RowIndexer, EachElementOfAListIsARow) {
  EXPECT_THAT(Rows("[\n  {\"a\":1},\n  {\n\"b\":[2,{}] }\n ,3 ]\n"),
              ElementsAre("2:{\"a\":1}", "3:{\n\"b\":[2,{}] }", "5:3"));
  EXPECT_THAT(Rows("\n[[1,2],[3]]"), ElementsAre("2:[1,2]", "2:[3]"));
}

TEST(RowIndexer, TextMayHoldWhatEndsAnElement) {
  EXPECT_THAT(Rows(R"([{"a":"]},{\"\\"},"\\\"]",5])"),
              ElementsAre(R"(1:{"a":"]},{\"\\"})", R"(1:"\\\"]")", "1:5"));
}

TEST(RowIndexer, AListThatIsCutOffIsAnError) {
  EXPECT_THAT(
      Rows("[{1},\n{2}"),
      ElementsAre("expected \"]\" at the end of the list, found the end of the file on line "
                  "2: the file may have been cut off"));
}

TEST(RowIndexer, AnEmptyPlaceInAListIsAnError) {
  const char* const error =
      "expected a row beside each comma of the list, found none on line 1: remove the comma";
  EXPECT_THAT(Rows("[{1},]"), ElementsAre(error));
  EXPECT_THAT(Rows("[,{1}]"), ElementsAre(error));
  EXPECT_THAT(Rows("[{1},,{2}]"), ElementsAre(error));
}

TEST(RowIndexer, SomethingAfterTheListIsAnError) {
  EXPECT_THAT(Rows("[1]\n[2]\n"),
              ElementsAre("expected nothing after the end of the list, found more on line 2: write "
                          "one list, or one object a line"));
}

TEST(RowIndexer, NoRowIsAnError) {
  EXPECT_THAT(Rows(""),
              ElementsAre("expected at least one row, found an empty file: write one JSON "
                          "object a line"));
  for (const char* file : {" \n\n", "[ ]", "\xef\xbb\xbf"}) {
    EXPECT_THAT(Rows(file),
                ElementsAre("expected at least one row, found none: write one JSON object a line"));
  }
  RowIndexer indexer;
  EXPECT_THAT(indexer.Finish(), HasReason(base::Reason::kDataInvalid));
}

// Small enough for a debug build; the limit itself is not reached by a test.
TEST(RowIndexer, FindsRowsByTheHundredThousand) {
  constexpr uint32_t kNumRows = 100'000;
  std::string file;
  for (uint32_t i = 0; i < kNumRows; ++i) absl::StrAppend(&file, "{", i, "}\n\n");
  RowIndexer indexer;
  ASSERT_TRUE(indexer.Feed(file).ok());
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<RowSpan> rows, indexer.Finish());
  ASSERT_EQ(rows.size(), kNumRows);
  EXPECT_EQ(rows.back().line, 2 * kNumRows - 1);
  EXPECT_EQ(file.substr(rows.back().offset, rows.back().length), "{99999}");
  EXPECT_LE(sizeof(RowSpan), 16u);
}

}  // namespace
}  // namespace md2::data
