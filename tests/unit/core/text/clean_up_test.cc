#include "core/text/clean_up.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace md2::text {
namespace {

TEST(CleanUpTest, EachRowTakesAwayItsSpace) {
  EXPECT_EQ(CleanUp("a . b ? c ! d , e"), "a. b? c! d, e");
  EXPECT_EQ(CleanUp("do n't I 'm it 's we 've you 're"), "don't I'm it's we've you're");
  EXPECT_EQ(CleanUp("rock ' roll"), "rock'roll");
}

TEST(CleanUpTest, RowsAreAppliedInTheirOrder) {
  // " ." goes before " ' " can be seen, and " ' " makes no new " .".
  EXPECT_EQ(CleanUp("a ' . b"), "a '. b");
  EXPECT_EQ(CleanUp("a ' ' b"), "a'' b");
  EXPECT_EQ(CleanUp("a  . b"), "a . b");  // one space only
  EXPECT_EQ(CleanUp(" ' 's"), "''s");
}

TEST(CleanUpTest, LeavesEverythingElse) {
  for (const char* text : {"", " ", "a 'll b", "a ; b", "a N'T", "a\n.", "\u00A0.", "a.b", "' "}) {
    EXPECT_EQ(CleanUp(text), text);
  }
}

TEST(CleanUpStreamTest, HoldsBackOnlyWhatMayChange) {
  CleanUpStream stream;
  EXPECT_EQ(stream.Feed("A cat"), "A cat");
  EXPECT_EQ(stream.Feed(" "), "");
  EXPECT_EQ(stream.Feed("."), ".");
  EXPECT_EQ(stream.Feed(" It"), " It");
  EXPECT_EQ(stream.Feed(" n"), "");
  EXPECT_EQ(stream.Feed("o"), " no");
  EXPECT_EQ(stream.Feed(" '"), "");
  EXPECT_EQ(stream.Finish(), " '");
}

TEST(CleanUpStreamTest, IsAsNewAfterFinish) {
  CleanUpStream stream;
  EXPECT_EQ(stream.Feed("a "), "a");
  EXPECT_EQ(stream.Finish(), " ");
  EXPECT_EQ(stream.Feed("."), ".");
}

TEST(CleanUpStreamTest, TheCutsDoNotMatter) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string alphabet = "   ''.,?!ntmsverex";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t i = random() % 24; i > 0; --i) text += alphabet[random() % alphabet.size()];
    CleanUpStream stream;
    std::string result;
    for (size_t at = 0; at < text.size();) {
      const size_t size = 1 + random() % 4;
      result += stream.Feed(absl::string_view(text).substr(at, size));
      at += size;
    }
    result += stream.Finish();
    ASSERT_EQ(result, CleanUp(text)) << '"' << text << '"';
  }
}

TEST(StripWhiteSpaceTest, StripsBothEndsAsPythonDoes) {
  EXPECT_EQ(StripWhiteSpace(" \t\r\n a b \x0B\x0C"), "a b");
  EXPECT_EQ(StripWhiteSpace("\u00A0\u3000\u2028x\u1680\u0085\u202F"), "x");
  EXPECT_EQ(StripWhiteSpace("\x1C\x1D\x1E\x1Fx\x1F"), "x");
  EXPECT_EQ(StripWhiteSpace("\u200Bx\u180E"), "\u200Bx\u180E");  // not white space
  EXPECT_EQ(StripWhiteSpace(" \n\u2003"), "");
  EXPECT_EQ(StripWhiteSpace(""), "");
  EXPECT_EQ(StripWhiteSpace(" \xFF "), "\xFF");
}

}  // namespace
}  // namespace md2::text
