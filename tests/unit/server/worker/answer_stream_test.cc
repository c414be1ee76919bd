#include "server/worker/answer_stream.h"

#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace md2::worker {
namespace {

// What is shown after each piece, with "|" between.
std::string Shown(const std::vector<std::string>& pieces) {
  std::ostringstream out;
  AnswerStream stream(out);
  std::string shown;
  for (const std::string& piece : pieces) {
    stream.Feed(piece);
    shown += out.str() + "|";
    out.str("");
  }
  stream.Finish();
  return shown + out.str();
}

TEST(AnswerStreamTest, TextIsShownAtOnce) { EXPECT_EQ(Shown({"a", "", "b c"}), "a||b c|\n"); }

TEST(AnswerStreamTest, WhiteSpaceAroundTheAnswerIsNotShown) {
  EXPECT_EQ(Shown({" \n", " a ", " b", "\n\n"}), "|a|  b||\n");
  EXPECT_EQ(Shown({"  "}), "|\n");
  EXPECT_EQ(Shown({}), "\n");
}

TEST(AnswerStreamTest, IsBegunOnceSomethingWasShown) {
  std::ostringstream out;
  AnswerStream stream(out);
  stream.Feed(" ");
  EXPECT_FALSE(stream.is_begun());
  stream.Feed("a");
  EXPECT_TRUE(stream.is_begun());
}

TEST(AnswerStreamTest, ControlCharactersAreLeftOut) {
  EXPECT_EQ(WithoutControls("a\033[2Jb\r\x7f\tc\n"), "a[2Jb\tc\n");
  EXPECT_EQ(WithoutControls("\xC2\x9B"
                            "1m\xC2\xA0\xC3\xA9"),
            "1m\xC2\xA0\xC3\xA9");
}

}  // namespace
}  // namespace md2::worker
