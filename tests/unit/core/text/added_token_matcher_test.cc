#include "core/text/added_token_matcher.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::text {
namespace {

using Match = AddedTokenMatcher::Match;
using ::testing::AllOf;
using ::testing::Field;
using ::testing::Optional;

auto Is(size_t begin, size_t num_bytes, TokenId id) {
  return Optional(AllOf(Field(&Match::begin, begin), Field(&Match::num_bytes, num_bytes),
                        Field(&Match::id, id)));
}

TEST(AddedTokenMatcherTest, TheLeftmostWinsThenTheLongest) {
  AddedTokenMatcher matcher;
  matcher.Add("ab", 1);
  matcher.Add("abcd", 2);
  matcher.Add("bcdef", 3);
  EXPECT_THAT(matcher.Find("xabcdef", 0), Is(1, 4, 2));
  EXPECT_THAT(matcher.Find("xabcx", 0), Is(1, 2, 1));
  EXPECT_THAT(matcher.Find("abcdef", 1), Is(1, 5, 3));
}

TEST(AddedTokenMatcherTest, NothingIsFoundWhereNothingIs) {
  AddedTokenMatcher matcher;
  EXPECT_EQ(matcher.Find("abc", 0).has_value(), false);
  matcher.Add("abc", 1);
  EXPECT_EQ(matcher.Find("", 0).has_value(), false);
  EXPECT_EQ(matcher.Find("ababab", 0).has_value(), false);
  EXPECT_EQ(matcher.Find("abc", 1).has_value(), false);
}

TEST(AddedTokenMatcherTest, AnyBytesMayBeAToken) {
  AddedTokenMatcher matcher;
  matcher.Add("\xFF", 1);
  matcher.Add(absl::string_view("\0x", 2), 2);
  EXPECT_THAT(matcher.Find("a\xFF", 0), Is(1, 1, 1));
  EXPECT_THAT(matcher.Find(absl::string_view("a\0x", 3), 0), Is(1, 2, 2));
}

}  // namespace
}  // namespace md2::text
