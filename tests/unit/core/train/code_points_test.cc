#include "core/train/code_points.h"

#include <string>

#include "gtest/gtest.h"

namespace md2::train {
namespace {

std::u32string Lower(std::u32string text) {
  for (char32_t& c : text) c = LowerCase(c);
  return text;
}

TEST(CodePointsTest, EachLengthOfUtf8IsOneCharacter) {
  EXPECT_EQ(CodePointsOf("aß€😀"), U"aß€😀");
  EXPECT_EQ(CodePointsOf(""), U"");
}

TEST(CodePointsTest, TheEndsOfEachRangeAreRead) {
  EXPECT_EQ(CodePointsOf("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"),
            U"\x7F\x80\x7FF\x800\xFFFF");
  EXPECT_EQ(CodePointsOf("\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
            U"\xD7FF\xE000\x10000\x10FFFF");
}

TEST(CodePointsTest, BytesThatAreNoCharacterStandAloneAboveAllCodePoints) {
  // A lone continuation, overlong forms, a surrogate, beyond the last code point, a cut one.
  for (const char* bytes : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    const std::string text = bytes;
    std::u32string expected;
    for (const char byte : text) expected.push_back(0x110000 + static_cast<unsigned char>(byte));
    EXPECT_EQ(CodePointsOf(text), expected) << text.size();
  }
  EXPECT_EQ(CodePointsOf("\xE2\x28"), (std::u32string{0x1100E2, U'('}));
}

TEST(LowerCaseTest, LettersOfFiveAlphabets) {
  EXPECT_EQ(Lower(U"AZaz"), U"azaz");
  EXPECT_EQ(Lower(U"ÀÖØÞàöøþ"), U"àöøþàöøþ");
  EXPECT_EQ(Lower(U"ĀāĹĺŸŹźŽž"), U"āāĺĺÿźźžž");
  EXPECT_EQ(Lower(U"ΆΈΌΎΏΑΡΣΩΫω"), U"άέόύώαρσωϋω");
  EXPECT_EQ(Lower(U"ЀЏАЯяҊҋӀӁӂӐ"), U"ѐџаяяҋҋӏӂӂӑ");
}

TEST(LowerCaseTest, WhatHasNoCaseStays) { EXPECT_EQ(Lower(U"0×÷ßıĸŉ中😀"), U"0×÷ßıĸŉ中😀"); }

}  // namespace
}  // namespace md2::train
