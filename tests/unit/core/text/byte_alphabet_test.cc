#include "core/text/byte_alphabet.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::text {
namespace {

using ::testing::Optional;

std::string Characters(absl::string_view bytes) {
  std::string characters;
  AppendAsCharacters(bytes, &characters);
  return characters;
}

TEST(ByteAlphabetTest, KnownCharacters) {
  EXPECT_EQ(Characters("Az~"), "Az~");
  EXPECT_EQ(Characters(" \n"), "ĠĊ");
  EXPECT_EQ(Characters(std::string(1, '\0')), "Ā");
  EXPECT_EQ(Characters("\x7F\xA0\xAD"), "ġłŃ");
  EXPECT_EQ(Characters("\xC3\xA9"), "Ã©");
}

TEST(ByteAlphabetTest, EachByteHasACharacterOfItsOwnThatLeadsBack) {
  std::set<std::string> seen;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    EXPECT_TRUE(seen.insert(Characters(bytes)).second) << byte;
    EXPECT_THAT(BytesOf(Characters(bytes)), Optional(bytes)) << byte;
  }
}

TEST(ByteAlphabetTest, AppendsAfterWhatIsThere) {
  std::string characters = "x";
  AppendAsCharacters(" ", &characters);
  EXPECT_EQ(characters, "xĠ");
}

TEST(ByteAlphabetTest, OtherCharactersStandForNothing) {
  EXPECT_EQ(BytesOf("a b"), std::nullopt);       // a space itself
  EXPECT_EQ(BytesOf("\xC2\xA0"), std::nullopt);  // U+00A0
  EXPECT_EQ(BytesOf("ń"), std::nullopt);         // U+0144, the first after the alphabet
  EXPECT_EQ(BytesOf("日"), std::nullopt);
  EXPECT_EQ(BytesOf("\xC3"), std::nullopt);      // half a character
  EXPECT_EQ(BytesOf("\xC1\xA1"), std::nullopt);  // overlong
  EXPECT_THAT(BytesOf(""), Optional(std::string()));
}

}  // namespace
}  // namespace md2::text
