#include "core/base/setting_kind.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace md2::base {
namespace {

constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();
constexpr uint64_t kMaxBytes = std::numeric_limits<uint64_t>::max();

TEST(SettingKind, TextTakesAll) {
  EXPECT_TRUE(SettingKind::Text().Accepts(""));
  EXPECT_TRUE(SettingKind::Text().Accepts("a b"));
  EXPECT_EQ(SettingKind::Text().Expectation(), "a text");
}

TEST(SettingKind, ChoiceTakesItsWordsOnly) {
  const SettingKind kind = SettingKind::Choice({"full", "lora", "none"});
  EXPECT_TRUE(kind.Accepts("lora"));
  EXPECT_TRUE(kind.IsWord("lora"));
  EXPECT_FALSE(kind.Accepts("LoRA"));
  EXPECT_FALSE(kind.Accepts(""));
  EXPECT_EQ(kind.Expectation(), "full, lora or none");
}

TEST(SettingKind, BoolTakesTheUsualWords) {
  for (const char* text : {"true", "True", "YES", "on", "1"}) {
    EXPECT_EQ(SettingKind::ParseBool(text), true) << text;
  }
  for (const char* text : {"false", "no", "OFF", "0"}) {
    EXPECT_EQ(SettingKind::ParseBool(text), false) << text;
  }
  EXPECT_FALSE(SettingKind::Bool().Accepts("2"));
  EXPECT_FALSE(SettingKind::Bool().Accepts(""));
  EXPECT_EQ(SettingKind::Bool().Expectation(), "true or false");
}

TEST(SettingKind, IntTakesItsRangeWithBothEnds) {
  const SettingKind kind = SettingKind::Int(1, 64);
  EXPECT_TRUE(kind.Accepts("1"));
  EXPECT_TRUE(kind.Accepts("64"));
  for (const char* text : {"0", "65", "-1", "1.0", "1e1", "x", "", "99999999999999999999"}) {
    EXPECT_FALSE(kind.Accepts(text)) << text;
  }
}

TEST(SettingKind, DoubleTakesFiniteNumbersOfItsRange) {
  const SettingKind kind = SettingKind::Double(0, 1);
  EXPECT_TRUE(kind.Accepts("0"));
  EXPECT_TRUE(kind.Accepts("1.0"));
  EXPECT_TRUE(kind.Accepts("3e-6"));
  for (const char* text : {"-0.1", "1.1", "nan", "inf", "1e999", "x", ""}) {
    EXPECT_FALSE(kind.Accepts(text)) << text;
  }
  const double max = std::numeric_limits<double>::max();
  EXPECT_FALSE(SettingKind::Double(-max, max).Accepts("inf"));
}

TEST(SettingKind, BytesTakesSizesOfItsRange) {
  const SettingKind kind = SettingKind::Bytes(1024, 4096);
  EXPECT_TRUE(kind.Accepts("1KiB"));
  EXPECT_TRUE(kind.Accepts("4096"));
  EXPECT_FALSE(kind.Accepts("1023"));
  EXPECT_FALSE(kind.Accepts("5KiB"));
  EXPECT_FALSE(kind.Accepts("4G"));
}

TEST(SettingKind, ExpectationTellsTheRange) {
  EXPECT_EQ(SettingKind::Int(1, 64).Expectation(), "a whole number from 1 to 64");
  EXPECT_EQ(SettingKind::Int(0, kMaxInt).Expectation(), "a whole number from 0 up");
  EXPECT_EQ(SettingKind::Int(std::numeric_limits<int64_t>::min(), 5).Expectation(),
            "a whole number of at most 5");
  EXPECT_EQ(SettingKind::Int(std::numeric_limits<int64_t>::min(), kMaxInt).Expectation(),
            "a whole number");
  EXPECT_EQ(SettingKind::Double(0, 0.5).Expectation(), "a number from 0 to 0.5");
  EXPECT_EQ(SettingKind::Bytes(0, kMaxBytes).Expectation(), "a size such as 512MiB or 4GiB");
  EXPECT_EQ(SettingKind::Bytes(1024, 4096).Expectation(),
            "a size such as 512MiB or 4GiB, from 1024 to 4096 bytes");
}

TEST(SettingKind, OrWordsAddsWords) {
  const SettingKind kind = SettingKind::Int(1, 64).OrWords({"auto"});
  EXPECT_TRUE(kind.Accepts("auto"));
  EXPECT_TRUE(kind.IsWord("auto"));
  EXPECT_TRUE(kind.Accepts("3"));
  EXPECT_FALSE(kind.IsWord("3"));
  EXPECT_FALSE(kind.Accepts("off"));
  EXPECT_EQ(kind.Expectation(), "a whole number from 1 to 64, or auto");
}

TEST(SettingKind, CheckedAsksItsCaller) {
  const SettingKind kind = SettingKind::Checked("HOST:PORT", [](absl::string_view text) {
    return text.find(':') != absl::string_view::npos;
  });
  EXPECT_TRUE(kind.Accepts("a:1"));
  EXPECT_FALSE(kind.Accepts("a"));
  EXPECT_EQ(kind.Expectation(), "HOST:PORT");
}

}  // namespace
}  // namespace md2::base
