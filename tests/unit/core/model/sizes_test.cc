#include "core/model/sizes.h"

#include <functional>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using testing::TinySizes;

constexpr TokenizerFacts kTokenizer = {.num_ids = 1234, .end_id = 1230};

// The error of the tiny sizes after that change, which must hold these lines after the heading.
void ExpectProblems(const std::function<void(Sizes&)>& change, const std::string& lines) {
  Sizes sizes = TinySizes();
  change(sizes);
  const absl::Status status = ValidateSizes(sizes, "s.json");
  EXPECT_THAT(status, HasReason(Reason::kModelConfigInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, "invalid sizes in s.json:" + lines));
}

TEST(NamedSizesTest, RealIsThePublishedModel) {
  MD2_ASSERT_OK_AND_ASSIGN(const Sizes s, NamedSizes("real", kTokenizer));
  EXPECT_EQ(s, RealSizes());
  EXPECT_EQ(s.vision.grid(), 27);
  EXPECT_EQ(s.vision.patches(), 729);
  EXPECT_EQ(s.vision.head_dim(), 72);
  EXPECT_EQ(s.vision.patch_values(), 588);
  EXPECT_EQ(s.vision.crop_values(), 3 * 378 * 378);
  EXPECT_EQ(s.text.head_dim(), 64);
  EXPECT_EQ(s.image_tokens(), 729);
  EXPECT_EQ(s.prefix_tokens(), 730);
  EXPECT_EQ(s.bos_id, 50256);
  EXPECT_EQ(s.eos_id, 50256);
}

TEST(NamedSizesTest, MiddleKeepsVocabularyAndCropOfTheRealOne) {
  MD2_ASSERT_OK_AND_ASSIGN(const Sizes s, NamedSizes("middle", kTokenizer));
  EXPECT_EQ(s.text.vocab, 51200);
  EXPECT_EQ(s.vision.crop, 378);
  EXPECT_EQ(s.vision.depth, 6);
  EXPECT_EQ(s.text.layers, 8);
  EXPECT_EQ(s.eos_id, 50256);
}

TEST(NamedSizesTest, NanoTakesVocabularyAndIdsOfTheTokenizer) {
  MD2_ASSERT_OK_AND_ASSIGN(const Sizes s, NamedSizes("nano", kTokenizer));
  EXPECT_EQ(s.text.vocab, 1234);
  EXPECT_EQ(s.bos_id, 1230);
  EXPECT_EQ(s.eos_id, 1230);
  EXPECT_EQ(s.image_tokens(), 81);
}

TEST(NamedSizesTest, EveryNamedSizeIsValid) {
  for (const char* name : {"real", "middle", "nano"}) {
    MD2_ASSERT_OK_AND_ASSIGN(const Sizes s, NamedSizes(name, kTokenizer));
    EXPECT_THAT(ValidateSizes(s, name), IsOk());
  }
}

TEST(NamedSizesTest, AnotherNameIsRefused) {
  const absl::Status status = NamedSizes("Real", kTokenizer).status();
  EXPECT_THAT(status, HasReason(Reason::kUsageInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "expected the sizes real, middle or nano, found \"Real\""));
}

TEST(ValidateSizesTest, TakesTinySizes) { EXPECT_THAT(ValidateSizes(TinySizes(), "t"), IsOk()); }

TEST(ValidateSizesTest, CountsHaveLimits) {
  ExpectProblems([](Sizes& s) { s.vision.depth = 0; },
                 "\n  vision.depth: expected 1 to 1024, found 0");
  ExpectProblems([](Sizes& s) { s.projector_dim = 262'145; },
                 "\n  projector_dim: expected 1 to 262144, found 262145");
  ExpectProblems([](Sizes& s) { s.text.layers = std::numeric_limits<int64_t>::max(); },
                 "\n  text.layers: expected 1 to 1024, found 9223372036854775807");
  ExpectProblems([](Sizes& s) { s.vision.crop = std::numeric_limits<int64_t>::max() - 1; },
                 "\n  vision.crop: expected 1 to 4096, found 9223372036854775806");
}

TEST(ValidateSizesTest, RealsAreAboveZeroAndFinite) {
  const auto with_eps = [](double eps) { return [eps](Sizes& s) { s.vision.eps = eps; }; };
  ExpectProblems(with_eps(0), "\n  vision.eps: expected a number above 0 and up to 1, found 0");
  ExpectProblems(with_eps(std::numeric_limits<double>::quiet_NaN()),
                 "\n  vision.eps: expected a number above 0 and up to 1, found nan");
  ExpectProblems([](Sizes& s) { s.text.rotary_theta = std::numeric_limits<double>::infinity(); },
                 "\n  text.rotary_theta: expected a number above 0 and up to 1e+12, found inf");
}

TEST(ValidateSizesTest, HeadsDivideWidthsAndPatchesTheCrop) {
  ExpectProblems([](Sizes& s) { s.vision.heads = 4; },
                 "\n  vision.dim: expected a multiple of vision.heads, which is 4, found 6");
  ExpectProblems([](Sizes& s) { s.vision.crop = 5; },
                 "\n  vision.crop: expected a multiple of vision.patch, which is 2, found 5");
  ExpectProblems([](Sizes& s) { s.text.heads = 3; },
                 "\n  text.dim: expected a multiple of text.heads, which is 3, found 8"
                 "\n  text.rotary_dim: expected an even number up to the width of a head, which is "
                 "2, found 4");
}

TEST(ValidateSizesTest, RotaryPartIsEvenAndFitsItsHead) {
  const std::string expected =
      "\n  text.rotary_dim: expected an even number up to the width of a head, which is 4, found ";
  ExpectProblems([](Sizes& s) { s.text.rotary_dim = 3; }, expected + "3");
  ExpectProblems([](Sizes& s) { s.text.rotary_dim = 6; }, expected + "6");
}

TEST(ValidateSizesTest, ThereIsAPositionForText) {
  Sizes s = TinySizes();
  s.text.max_positions = s.prefix_tokens() + 1;
  EXPECT_THAT(ValidateSizes(s, "t"), IsOk());
  ExpectProblems(
      [](Sizes& bad) { bad.text.max_positions = 5; },
      "\n  text.max_positions: expected more than the tokens of BOS and image, which are "
      "5, found 5");
}

TEST(ValidateSizesTest, IdsAreRowsOfTheVocabulary) {
  ExpectProblems(
      [](Sizes& s) {
        s.bos_id = -1;
        s.eos_id = 11;
      },
      "\n  bos_id: expected an id of the vocabulary, 0 to 10, found -1"
      "\n  eos_id: expected an id of the vocabulary, 0 to 10, found 11");
}

TEST(ValidateSizesTest, OneErrorNamesAllProblemsAndNoneTwice) {
  ExpectProblems([](Sizes& s) { s = Sizes(); },
                 "\n  vision.dim: expected 1 to 65536, found 0"
                 "\n  vision.depth: expected 1 to 1024, found 0"
                 "\n  vision.heads: expected 1 to 1024, found 0"
                 "\n  vision.mlp_dim: expected 1 to 262144, found 0"
                 "\n  vision.crop: expected 1 to 4096, found 0"
                 "\n  projector_dim: expected 1 to 262144, found 0"
                 "\n  text.dim: expected 1 to 65536, found 0"
                 "\n  text.layers: expected 1 to 1024, found 0"
                 "\n  text.heads: expected 1 to 1024, found 0"
                 "\n  text.mlp_dim: expected 1 to 262144, found 0"
                 "\n  text.vocab: expected 1 to 4194304, found 0"
                 "\n  text.rotary_dim: expected 1 to 65536, found 0");
}

}  // namespace
}  // namespace md2::model
