#include "server/worker/line_reader.h"

#include <sstream>
#include <streambuf>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::StatusIs;

std::vector<std::string> LinesOf(const std::string& text, size_t max_line_bytes = 1 << 20) {
  std::istringstream in(text);
  LineReader reader(in, max_line_bytes);
  std::vector<std::string> lines;
  while (true) {
    const auto line = reader.Next();
    if (!line.ok()) {
      lines.push_back("error: " + std::string(line.status().message()));
      return lines;
    }
    if (!line->has_value()) return lines;
    lines.push_back(**line);
    EXPECT_EQ(reader.line_number(), static_cast<int64_t>(lines.size()));
  }
}

TEST(LineReaderTest, OnlyTheNewlineIsLeftOut) {
  EXPECT_THAT(LinesOf(""), ElementsAre());
  EXPECT_THAT(LinesOf("\n"), ElementsAre(""));
  EXPECT_THAT(LinesOf("a\n\nb\r\n c "), ElementsAre("a", "", "b\r", " c "));
  EXPECT_THAT(LinesOf(std::string("a\0b\n", 4)), ElementsAre(std::string("a\0b", 3)));
}

TEST(LineReaderTest, LinesAroundTheSizeOfAPieceStayWhole) {
  constexpr size_t kPiece = size_t{64} << 10;
  for (size_t size : {kPiece - 2, kPiece - 1, kPiece, kPiece + 1, 3 * kPiece}) {
    const std::string line(size, 'x');
    EXPECT_THAT(LinesOf(line + "\nb\n"), ElementsAre(line, "b"));
    EXPECT_THAT(LinesOf(line), ElementsAre(line));
  }
}

TEST(LineReaderTest, ALineThatIsTooLongIsAnError) {
  EXPECT_THAT(LinesOf("12345\n123456\n1", 5),
              ElementsAre("12345", "error: line 2 of stdin: expected at most 5 bytes, found more"));
  EXPECT_THAT(LinesOf(std::string(300'000, 'x'), 200'000),
              ElementsAre("error: line 1 of stdin: expected at most 200000 bytes, found more"));
}

// What a folder as stdin does.
class BrokenBuffer : public std::streambuf {
  int_type underflow() override { throw std::ios::failure("broken"); }
};

TEST(LineReaderTest, AStreamThatCannotBeReadIsAnError) {
  BrokenBuffer broken;
  std::istream in(&broken);
  LineReader reader(in, 10);
  const auto line = reader.Next();
  EXPECT_THAT(line, StatusIs(absl::StatusCode::kUnavailable,
                             "cannot read line 1 of stdin; it must be a file, a pipe or a "
                             "terminal"));
  EXPECT_THAT(line, HasReason(base::Reason::kStorageUnavailable));
}

TEST(LineReaderTest, MayBlockIsFalseWhileMoreIsThere) {
  std::istringstream in("a\nb\n");
  LineReader reader(in, 10);
  ASSERT_TRUE(reader.Next().ok());
  EXPECT_FALSE(reader.MayBlock());
  ASSERT_TRUE(reader.Next().ok());
  EXPECT_TRUE(reader.MayBlock());
}

}  // namespace
}  // namespace md2::worker
