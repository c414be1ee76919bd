#include "core/text/utf8.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::text {
namespace {

using ::testing::Optional;

std::string Repaired(absl::string_view bytes) {
  Utf8Repairer repairer;
  std::string text = repairer.Feed(bytes);
  return text + repairer.Finish();
}

TEST(ScanUtf8Test, ReadsCharactersOfEveryLength) {
  struct Case {
    std::string text;
    size_t num_bytes;
    uint32_t code_point;
  };
  for (const Case& c : std::vector<Case>{{"a", 1, 'a'},
                                         {std::string(1, '\0'), 1, 0},
                                         {"\xC2\x80", 2, 0x80},
                                         {"\xDF\xBF", 2, 0x7FF},
                                         {"\xE0\xA0\x80", 3, 0x800},
                                         {"\xED\x9F\xBF", 3, 0xD7FF},
                                         {"\xEF\xBF\xBF", 3, 0xFFFF},
                                         {"\xF0\x90\x80\x80", 4, 0x10000},
                                         {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF}}) {
    const Utf8Scan scan = ScanUtf8(c.text + "b");
    EXPECT_EQ(scan.kind, Utf8Scan::Kind::kCharacter) << c.code_point;
    EXPECT_EQ(scan.num_bytes, c.num_bytes) << c.code_point;
    EXPECT_EQ(scan.code_point, c.code_point);
  }
}

TEST(FindInvalidUtf8Test, SaysWhere) {
  EXPECT_EQ(FindInvalidUtf8(""), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("aé日😀"), std::nullopt);
  EXPECT_THAT(FindInvalidUtf8("ab\xFF"), Optional(2u));
  EXPECT_THAT(FindInvalidUtf8("a\xC0\x80"), Optional(1u));          // overlong
  EXPECT_THAT(FindInvalidUtf8("a\xE0\x9F\xBF"), Optional(1u));      // overlong
  EXPECT_THAT(FindInvalidUtf8("a\xED\xA0\x80"), Optional(1u));      // surrogate
  EXPECT_THAT(FindInvalidUtf8("a\xF4\x90\x80\x80"), Optional(1u));  // above U+10FFFF
  EXPECT_THAT(FindInvalidUtf8("a\xE6\x97"), Optional(1u));          // cut
}

// The examples of the Unicode standard, table 3-8 and its neighbours.
TEST(Utf8RepairerTest, EachMaximalInvalidPartBecomesOneReplacement) {
  EXPECT_EQ(Repaired("a\xF1\x80\x80\xE1\x80\xC2"
                     "b\x80"
                     "c\x80\xBF"
                     "d"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  EXPECT_EQ(Repaired("\xE0\x80\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Repaired("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Repaired("\xF4\x91\x92\x93\xFF"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Repaired("x\xF0\x9F\x98"), "x\uFFFD");
}

TEST(Utf8RepairerTest, HoldsBackHalfACharacter) {
  Utf8Repairer repairer;
  EXPECT_EQ(repairer.Feed("a\xF0"), "a");
  EXPECT_EQ(repairer.Feed("\x9F\x98"), "");
  EXPECT_EQ(repairer.Feed("\x80"), "😀");
  EXPECT_EQ(repairer.Finish(), "");
}

TEST(Utf8RepairerTest, IsAsNewAfterFinish) {
  Utf8Repairer repairer;
  EXPECT_EQ(repairer.Feed("\xF0"), "");
  EXPECT_EQ(repairer.Finish(), "\uFFFD");
  EXPECT_EQ(repairer.Feed("\x9F"), "\uFFFD");
  EXPECT_EQ(repairer.Finish(), "");
}

TEST(Utf8RepairerTest, TheCutsDoNotMatter) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string alphabet("a\x80\xBF\xC3\xE2\x82\xAC\xED\xA0\xF0\x9F\x98\xF4\xFF", 14);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 12; ++i) bytes += alphabet[random() % alphabet.size()];
    Utf8Repairer repairer;
    std::string text;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = 1 + random() % 3;
      text += repairer.Feed(bytes.substr(at, size));
      at += size;
    }
    text += repairer.Finish();
    ASSERT_EQ(text, Repaired(bytes));
    ASSERT_EQ(FindInvalidUtf8(text), std::nullopt);
  }
}

}  // namespace
}  // namespace md2::text
