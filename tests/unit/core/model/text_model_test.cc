#include "core/model/text_model.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/model/moondream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::RandomValues;

// Of the largest value; seen at most 2.3e-7.
constexpr double kBound = 1e-5;

class TextModelTest : public ::testing::Test {
 protected:
  at::Tensor Rows(int64_t rows, uint64_t seed) const {
    return RandomValues({rows, model_->sizes().text.dim}, seed);
  }

  // `rows` as one sequence; its last `num_wanted` rows.
  at::Tensor Forward(const at::Tensor& rows, Mask mask, int64_t num_wanted) const {
    KvCache cache = text_.MakeCache(rows.size(0));
    const Span spans[] = {
        {.num_rows = rows.size(0), .mask = mask, .num_wanted = num_wanted, .cache = &cache}};
    return text_.Forward(rows, spans);
  }

  const std::unique_ptr<const Moondream> model_ = testing::MakeTinyModel();
  const TextModel& text_ = model_->text();
};

TEST_F(TextModelTest, TheWantedRowsAreThoseOfAllRows) {
  const at::Tensor x = Rows(9, 1);
  for (const Mask mask : {Mask::kNone, Mask::kCausal}) {
    const at::Tensor all = Forward(x, mask, 9);
    ASSERT_EQ(all.size(0), 9);
    for (int64_t wanted = 1; wanted < 9; ++wanted) {
      EXPECT_THAT(Forward(x, mask, wanted), IsNear(all.narrow(0, 9 - wanted, wanted), kBound))
          << wanted;
    }
  }
}

TEST_F(TextModelTest, NoWantedRowGivesNoneButFillsTheCache) {
  const at::Tensor x = Rows(5, 1), next = Rows(1, 2);
  for (const int64_t wanted : {0, 5}) {
    KvCache cache = text_.MakeCache(6);
    const Span first[] = {{.num_rows = 5, .num_wanted = wanted, .cache = &cache}};
    EXPECT_EQ(text_.Forward(x, first).size(0), wanted);
    EXPECT_EQ(cache.length(), 5);
    const Span second[] = {{.num_rows = 1, .position = 5, .num_wanted = 1, .cache = &cache}};
    EXPECT_THAT(text_.Forward(next, second),
                IsNear(Forward(at::cat({x, next}, 0), Mask::kCausal, 1), kBound));
  }
}

TEST_F(TextModelTest, SpansThatWantDifferentNumbersOfRowsGetTheirs) {
  const int64_t lengths[] = {4, 1, 6}, wanted[] = {2, 0, 6};
  std::vector<at::Tensor> rows, expected;
  std::vector<KvCache> caches;
  for (int i = 0; i < 3; ++i) {
    rows.push_back(Rows(lengths[i], 10 + i));
    caches.push_back(text_.MakeCache(lengths[i]));
    if (wanted[i] > 0) expected.push_back(Forward(rows[i], Mask::kCausal, wanted[i]));
  }
  std::vector<Span> spans;
  for (int i = 0; i < 3; ++i) {
    spans.push_back({.num_rows = lengths[i], .num_wanted = wanted[i], .cache = &caches[i]});
  }
  EXPECT_THAT(text_.Forward(at::cat(rows, 0), spans), IsNear(at::cat(expected, 0), kBound));
}

// A causal sequence may be cut anywhere: into passes, and into a past and what follows.
TEST_F(TextModelTest, ASequenceMayBeCutAnywhere) {
  const at::Tensor x = Rows(8, 1);
  const at::Tensor whole = Forward(x, Mask::kCausal, 8);
  for (int64_t cut = 1; cut < 8; ++cut) {
    KvCache past = text_.MakeCache(cut), rest = text_.MakeCache(8 - cut);
    const Span first = {.num_rows = cut, .num_wanted = cut, .cache = &past};
    const Span second = {
        .num_rows = 8 - cut, .position = cut, .num_wanted = 8 - cut, .past = &past, .cache = &rest};
    const at::Tensor head = text_.Forward(x.narrow(0, 0, cut), absl::MakeConstSpan(&first, 1));
    const at::Tensor tail =
        text_.Forward(x.narrow(0, cut, 8 - cut), absl::MakeConstSpan(&second, 1));
    EXPECT_THAT(at::cat({head, tail}, 0), IsNear(whole, kBound)) << "passes, cut at " << cut;
    KvCache past2 = text_.MakeCache(cut), rest2 = text_.MakeCache(8 - cut);
    Span both[] = {first, second};
    both[0].cache = &past2;
    both[1].past = &past2;
    both[1].cache = &rest2;
    EXPECT_THAT(text_.Forward(x, both), IsNear(whole, kBound)) << "spans, cut at " << cut;
  }
}

TEST_F(TextModelTest, PositionsCount) {
  const at::Tensor x = Rows(3, 1);
  at::Tensor hidden[2];
  for (const int64_t position : {0, 1}) {
    KvCache past = text_.MakeCache(2), cache = text_.MakeCache(1);
    const Span spans[] = {
        {.num_rows = 2, .cache = &past},
        {.num_rows = 1, .position = 2 + position, .num_wanted = 1, .past = &past, .cache = &cache}};
    hidden[position] = text_.Forward(x, spans);
  }
  EXPECT_GT(testing::LargestDifference(hidden[1], hidden[0]).relative, 1e-4);
}

TEST_F(TextModelTest, AnExceptionLeavesTheCachesAsLongAsBefore) {
  KvCache cache = text_.MakeCache(6);
  const Span good[] = {{.num_rows = 2, .cache = &cache}};
  text_.Forward(Rows(2, 1), good);
  const Span bad[] = {{.num_rows = 2, .position = 2, .num_wanted = 1, .cache = &cache}};
  EXPECT_ANY_THROW(text_.Forward(RandomValues({2, 5}, 1), bad));
  EXPECT_EQ(cache.length(), 2);
}

TEST_F(TextModelTest, TheTapSeesEveryBlock) {
  KvCache cache = text_.MakeCache(5);
  const Span spans[] = {{.num_rows = 5, .num_wanted = 2, .cache = &cache}};
  std::vector<std::string> seen;
  text_.Forward(Rows(5, 1), spans, [&](int64_t block, const at::Tensor& rows) {
    seen.push_back(absl::StrCat(block, ": ", rows.size(0)));
  });
  EXPECT_THAT(seen, ::testing::ElementsAre("0: 5", "1: 2"));
}

TEST_F(TextModelTest, LogitsAreFp32OfEveryRow) {
  EXPECT_EQ(testing::TypeAndShape(text_.Logits(Rows(3, 1))), "Float [3, 37]");
  const auto half = testing::MakeTinyModel({.precision = Precision::kBf16});
  EXPECT_EQ(testing::TypeAndShape(half->text().Logits(Rows(3, 1).to(at::kBFloat16))),
            "Float [3, 37]");
}

}  // namespace
}  // namespace md2::model
