#include "core/train/metrics_of_text.h"

#include "gtest/gtest.h"

namespace md2::train {
namespace {

TEST(ExactMatchTest, CaseAndInnerSpacesCount) {
  EXPECT_TRUE(IsExactMatch("a b", "a b"));
  EXPECT_FALSE(IsExactMatch("a b", "A b"));
  EXPECT_FALSE(IsExactMatch("a b", "a  b"));
  EXPECT_FALSE(IsExactMatch("", "a"));
}

TEST(ExactMatchTest, SpacesAroundDoNotCount) {
  EXPECT_TRUE(IsExactMatch(" 482913\n", "482913"));
  EXPECT_TRUE(IsExactMatch("\t", ""));
}

TEST(EditDistanceTest, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("sitting", "kitten"), 3);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("abc", "abc"), 0);
  EXPECT_EQ(EditDistance("ab", "ba"), 2);
}

TEST(EditDistanceTest, CountsCodePointsNotBytes) {
  EXPECT_EQ(EditDistance("größe", "grosse"), 3);
  EXPECT_EQ(EditDistance("😀", "x"), 1);
}

TEST(AnlsTest, IsOneMinusTheNormalisedDistance) {
  EXPECT_DOUBLE_EQ(Anls("482913", "482913"), 1);
  EXPECT_DOUBLE_EQ(Anls("482914", "482913"), 5.0 / 6);
  EXPECT_DOUBLE_EQ(Anls("48291", "482913"), 5.0 / 6);
  EXPECT_DOUBLE_EQ(Anls("4829133", "482913"), 6.0 / 7);
}

TEST(AnlsTest, FromHalfTheLengthOnIsZero) {
  EXPECT_DOUBLE_EQ(Anls("abxyz", "abcde"), 0);  // 3 of 5
  EXPECT_DOUBLE_EQ(Anls("abxy", "abcd"), 0);    // 2 of 4: the cut itself
  EXPECT_DOUBLE_EQ(Anls("abcxy", "abcde"), 0.6);
}

TEST(AnlsTest, CaseDoesNotCountAndSpacesOnlyAsOne) {
  EXPECT_DOUBLE_EQ(Anls(" Total:\n 12  EUR ", "total: 12 eur"), 1);
  EXPECT_DOUBLE_EQ(Anls("ÜBER", "über"), 1);
  EXPECT_DOUBLE_EQ(Anls("12 EUR", "12EUR"), 5.0 / 6);
}

TEST(AnlsTest, EmptyTexts) {
  EXPECT_DOUBLE_EQ(Anls("", ""), 1);
  EXPECT_DOUBLE_EQ(Anls(" ", ""), 1);
  EXPECT_DOUBLE_EQ(Anls("", "a"), 0);
}

TEST(CharAccuracyTest, IsNotCutOffAndCaseCounts) {
  EXPECT_DOUBLE_EQ(CharAccuracy("abxyz", "abcde"), 0.4);
  EXPECT_DOUBLE_EQ(CharAccuracy("ABC", "abc"), 0);
  EXPECT_DOUBLE_EQ(CharAccuracy(" abc ", "abc"), 1);
  EXPECT_DOUBLE_EQ(CharAccuracy("", ""), 1);
}

TEST(CharAccuracyTest, AnAnswerThatRamblesIsNotBelowZero) {
  EXPECT_DOUBLE_EQ(CharAccuracy("aaaaaaaaaa", "b"), 0);
  EXPECT_DOUBLE_EQ(CharAccuracy("baaaaaaaaa", "b"), 0.1);
}

TEST(CharAccuracyTest, BrokenBytesAreWrongCharacters) {
  EXPECT_DOUBLE_EQ(CharAccuracy("a\xFF", "ab"), 0.5);
}

TEST(AnswerScoresTest, MeansOverAllAnswers) {
  AnswerScores scores;
  scores.Add("abcd", "abcd");
  scores.Add("abcx", "abcd");
  scores.Add("wxyz", "abcd");
  scores.Add("ABCD", "abcd");
  EXPECT_EQ(scores.exact_match().n, 4);
  EXPECT_DOUBLE_EQ(scores.exact_match().value, 0.25);
  EXPECT_DOUBLE_EQ(scores.anls().value, (1 + 0.75 + 0 + 1) / 4);
  EXPECT_DOUBLE_EQ(scores.char_accuracy().value, (1 + 0.75 + 0 + 0) / 4);
  EXPECT_LT(scores.anls().low, scores.anls().value);
  EXPECT_GT(scores.anls().high, scores.anls().value);
}

TEST(AnswerScoresTest, WithoutAnswersNIsZero) { EXPECT_EQ(AnswerScores().exact_match().n, 0); }

}  // namespace
}  // namespace md2::train
