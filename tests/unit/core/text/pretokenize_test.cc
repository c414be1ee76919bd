#include "core/text/pretokenize.h"

#include <string>
#include <vector>

#include "core/text/unicode_class.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::text {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> PreTokens(absl::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const size_t num_bytes = NextPreToken(text);
    found.emplace_back(text.substr(0, num_bytes));
    text.remove_prefix(num_bytes);
  }
  return found;
}

TEST(NextPreTokenTest, WordsNumbersAndTheRestTakeOneSpaceBefore) {
  EXPECT_THAT(PreTokens("Hi you 42 !? x"), ElementsAre("Hi", " you", " 42", " !?", " x"));
  EXPECT_THAT(PreTokens("a1b2!c"), ElementsAre("a", "1", "b", "2", "!", "c"));
  EXPECT_THAT(PreTokens("été 日本 ½x"), ElementsAre("été", " 日本", " ½", "x"));
}

TEST(NextPreTokenTest, OnlyLowerCaseContractionsAreCutOff) {
  EXPECT_THAT(PreTokens("it's I'll we've"), ElementsAre("it", "'s", " I", "'ll", " we", "'ve"));
  EXPECT_THAT(PreTokens("you're I'm he'd can't"),
              ElementsAre("you", "'re", " I", "'m", " he", "'d", " can", "'t"));
  EXPECT_THAT(PreTokens("IT'S"), ElementsAre("IT", "'", "S"));
  EXPECT_THAT(PreTokens("a 's"), ElementsAre("a", " '", "s"));
  EXPECT_THAT(PreTokens("!'s"), ElementsAre("!'", "s"));
  EXPECT_THAT(PreTokens("'l 'v '"), ElementsAre("'", "l", " '", "v", " '"));
  EXPECT_THAT(PreTokens("'start"), ElementsAre("'s", "tart"));
}

TEST(NextPreTokenTest, ARunOfWhiteSpaceLeavesItsLastCharacter) {
  EXPECT_THAT(PreTokens("a   b"), ElementsAre("a", "  ", " b"));
  EXPECT_THAT(PreTokens("a\n\nb"), ElementsAre("a", "\n", "\n", "b"));
  EXPECT_THAT(PreTokens("a\tb"), ElementsAre("a", "\t", "b"));
  EXPECT_THAT(PreTokens("a \u3000\u00A0b"), ElementsAre("a", " \u3000", "\u00A0", "b"));
  EXPECT_THAT(PreTokens("a  "), ElementsAre("a", "  "));
  EXPECT_THAT(PreTokens(" "), ElementsAre(" "));
  EXPECT_THAT(PreTokens("\n x"), ElementsAre("\n", " x"));
}

TEST(UnicodeClassTest, ClassesAtTheirBorders) {
  EXPECT_EQ(UnicodeClassOf('A'), UnicodeClass::kLetter);
  EXPECT_EQ(UnicodeClassOf('@'), UnicodeClass::kOther);
  EXPECT_EQ(UnicodeClassOf('0'), UnicodeClass::kNumber);
  EXPECT_EQ(UnicodeClassOf('_'), UnicodeClass::kOther);
  EXPECT_EQ(UnicodeClassOf(0xBD), UnicodeClass::kNumber);    // one half, \p{No}
  EXPECT_EQ(UnicodeClassOf(0x2163), UnicodeClass::kNumber);  // Roman four, \p{Nl}
  EXPECT_EQ(UnicodeClassOf(0x301), UnicodeClass::kOther);    // combining acute, \p{M}
  EXPECT_EQ(UnicodeClassOf(0x4E00), UnicodeClass::kLetter);
  EXPECT_EQ(UnicodeClassOf(0x1F600), UnicodeClass::kOther);
  EXPECT_EQ(UnicodeClassOf(0xE000), UnicodeClass::kOther);
  EXPECT_EQ(UnicodeClassOf(0x10FFFF), UnicodeClass::kOther);
}

TEST(UnicodeClassTest, WhiteSpaceIsExactlyThis) {
  std::vector<uint32_t> found;
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (UnicodeClassOf(c) == UnicodeClass::kSpace) found.push_back(c);
  }
  EXPECT_THAT(found, ElementsAre(0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000,
                                 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
                                 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000));
}

}  // namespace
}  // namespace md2::text
