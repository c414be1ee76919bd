#include "core/model/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/model/attention_kernel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::RandomValues;

struct Case {
  at::ScalarType type = at::kFloat;
  int64_t heads = 1;
  int64_t width = 0;
  int64_t queries = 0;
  int64_t own = 0;  // keys of their own
  std::vector<int64_t> past = {};
  Mask mask = Mask::kNone;
  uint64_t seed = 0;
  double scale = 2;  // of the queries
};

std::string Described(const Case& c) {
  std::string text =
      absl::StrCat("seed ", c.seed, ": ", c10::toString(c.type), ", ", c.heads, " heads of ",
                   c.width, ", ", c.queries, " queries, ", c.own, " keys,",
                   c.mask == Mask::kCausal ? " causal" : " no mask", ", past");
  for (const int64_t keys : c.past) absl::StrAppend(&text, " ", keys);
  return text;
}

// [H, T, E] as a view into rows of several heads, as a model's are.
at::Tensor Strided(const Case& c, int64_t rows, uint64_t seed, double scale = 1) {
  return RandomValues({rows, 3, c.heads, c.width}, seed)
      .mul(scale)
      .to(c.type)
      .permute({1, 2, 0, 3})
      .select(0, 1);
}

// The same with rows of one head one after another, as a cache's are.
at::Tensor Contiguous(const Case& c, int64_t rows, uint64_t seed) {
  return RandomValues({c.heads, rows + 3, c.width}, seed).to(c.type).narrow(1, 0, rows);
}

struct Inputs {
  at::Tensor q;
  std::vector<KeyValues> past;
  KeyValues own;
};

Inputs InputsOf(const Case& c) {
  uint64_t seed = c.seed * 100;
  Inputs in;
  in.q = Strided(c, c.queries, ++seed, c.scale);
  for (const int64_t keys : c.past) {
    const at::Tensor k = Contiguous(c, keys, ++seed);
    in.past.push_back({k, Contiguous(c, keys, ++seed)});
  }
  const at::Tensor k = Strided(c, c.own, ++seed);
  in.own = {k, Strided(c, c.own, ++seed)};
  return in;
}

// [H][T][E] in doubles.
std::vector<std::vector<std::vector<double>>> Rows(const at::Tensor& x) {
  const at::Tensor d = x.to(at::kDouble).contiguous();
  const double* value = d.const_data_ptr<double>();
  std::vector<std::vector<std::vector<double>>> out(x.size(0));
  for (auto& head : out) {
    for (int64_t t = 0; t < x.size(1); ++t, value += x.size(2)) {
      head.emplace_back(value, value + x.size(2));
    }
  }
  return out;
}

std::vector<double> Softmax(std::vector<double> scores) {
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& s : scores) sum += s = std::exp(s - top);
  for (double& s : scores) s /= sum;
  return scores;
}

// softmax(q k^T / sqrt(E)) v, as it is written, in doubles: [S, H * E].
at::Tensor Naive(const Inputs& in, Mask mask) {
  const auto q = Rows(in.q);
  auto k = Rows(in.own.k), v = Rows(in.own.v);
  for (size_t i = in.past.size(); i-- > 0;) {
    const auto past_k = Rows(in.past[i].k), past_v = Rows(in.past[i].v);
    for (size_t h = 0; h < q.size(); ++h) {
      k[h].insert(k[h].begin(), past_k[h].begin(), past_k[h].end());
      v[h].insert(v[h].begin(), past_v[h].begin(), past_v[h].end());
    }
  }
  const size_t heads = q.size(), queries = q[0].size(), width = q[0][0].size();
  at::Tensor out = at::empty({in.q.size(1), in.q.size(0) * in.q.size(2)}, at::kDouble);
  double* to = out.mutable_data_ptr<double>();
  for (size_t s = 0; s < queries; ++s) {
    for (size_t h = 0; h < heads; ++h) {
      const size_t all = k[h].size();
      const size_t visible = mask == Mask::kCausal ? all - queries + 1 + s : all;
      std::vector<double> scores(visible);
      for (size_t t = 0; t < visible; ++t) {
        for (size_t e = 0; e < width; ++e) scores[t] += q[h][s][e] * k[h][t][e];
        scores[t] /= std::sqrt(static_cast<double>(width));
      }
      const std::vector<double> shares = Softmax(scores);
      for (size_t e = 0; e < width; ++e) {
        double sum = 0;
        for (size_t t = 0; t < visible; ++t) sum += shares[t] * v[h][t][e];
        *to++ = sum;
      }
    }
  }
  return out;
}

// Of the largest value; seen at most 1.4e-6, 4.4e-3, 5.4e-4.
double BoundOf(at::ScalarType type) {
  if (type == at::kFloat) return 4e-6;
  return type == at::kHalf ? 1.5e-3 : 1e-2;
}

class AttentionTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void ExpectAsNaive(Case c) {
    c.type = GetParam();
    SCOPED_TRACE(Described(c));
    const Inputs in = InputsOf(c);
    const at::Tensor found = Attend({{in.q, in.past, in.own, c.mask}});
    EXPECT_TRUE(found.is_contiguous());
    EXPECT_EQ(found.scalar_type(), c.type);
    const at::Tensor expected = Naive(in, c.mask);
    EXPECT_THAT(found, IsNear(expected, BoundOf(c.type)));
    largest_ = std::max(largest_, testing::LargestDifference(found, expected).relative);
  }

  void TearDown() override { RecordProperty("largest_difference", absl::StrCat(largest_)); }

  double largest_ = 0;
};

// Odd widths, and those above 128, are LibTorch's attention; the others the kernel's where the
// processor has AVX-512.
TEST_P(AttentionTest, EqualsTheNaiveFormAtAllWidths) {
  uint64_t seed = 0;
  for (const int64_t width : {1,  2,  3,  4,  6,  8,  9,  10, 12, 14, 15, 16,  18,  24,  30,
                              32, 34, 40, 48, 56, 64, 71, 72, 80, 94, 96, 112, 127, 128, 130}) {
    for (const int64_t queries : {1, 7, 9}) {
      for (const Mask mask : {Mask::kNone, Mask::kCausal}) {
        ExpectAsNaive({.heads = 2,
                       .width = width,
                       .queries = queries,
                       .own = queries,
                       .past = {10},
                       .mask = mask,
                       .seed = ++seed});
      }
    }
  }
}

TEST_P(AttentionTest, EqualsTheNaiveFormAtAllNumbersOfQueries) {
  for (int64_t queries = 1; queries <= 100; ++queries) {
    ExpectAsNaive({.heads = 1,
                   .width = 72,
                   .queries = queries,
                   .own = queries,
                   .past = {},
                   .mask = queries % 2 == 0 ? Mask::kNone : Mask::kCausal,
                   .seed = static_cast<uint64_t>(1000 + queries)});
  }
}

TEST_P(AttentionTest, EqualsTheNaiveFormWithKeysInSeveralPlaces) {
  const std::vector<int64_t> pasts[] = {{},      {1},         {17},          {64},
                                        {3, 5},  {16, 1, 48}, {100, 29},     {1, 1, 1, 1},
                                        {65, 2}, {31, 33},    {7, 9, 11, 13}};
  uint64_t seed = 2000;
  for (const std::vector<int64_t>& past : pasts) {
    for (const int64_t queries : {1, 3, 6, 7, 20}) {
      for (const int64_t more : {0, 1, 30}) {
        for (const Mask mask : {Mask::kNone, Mask::kCausal}) {
          ExpectAsNaive({.heads = 3,
                         .width = 16,
                         .queries = queries,
                         .own = queries + more,
                         .past = past,
                         .mask = mask,
                         .seed = ++seed});
        }
      }
    }
  }
}

TEST_P(AttentionTest, EqualsTheNaiveFormAtRandomShapes) {
  std::mt19937_64 random(3000);
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  };
  for (uint64_t seed = 3001; seed <= 3150; ++seed) {
    Case c = {.heads = pick(1, 5),
              .width = pick(1, 128),
              .queries = pick(1, 40),
              .own = 0,
              .past = {},
              .mask = pick(0, 1) == 0 ? Mask::kNone : Mask::kCausal,
              .seed = seed};
    c.own = c.queries + pick(0, 20);
    for (int64_t i = pick(0, 3); i > 0; --i) c.past.push_back(pick(1, 60));
    ExpectAsNaive(c);
  }
}

TEST_P(AttentionTest, APartDoesNotDependOnTheOthers) {
  std::vector<Attention> parts;
  std::vector<at::Tensor> alone;
  uint64_t seed = 500;
  for (const int64_t queries : {40, 3, 17, 90, 1, 16, 33}) {
    Case c = {.type = GetParam(),
              .heads = 5,
              .width = 32,
              .queries = queries,
              .own = queries + 5,
              .past = {7},
              .mask = queries % 2 == 0 ? Mask::kNone : Mask::kCausal,
              .seed = ++seed};
    const Inputs in = InputsOf(c);
    parts.push_back({in.q, in.past, in.own, c.mask});
    alone.push_back(Attend({parts.back()}));
  }
  EXPECT_TRUE(Attend(parts).equal(at::cat(alone, 0)));
}

// Softmax takes the largest score away first.
TEST_P(AttentionTest, LargeScoresDoNotOverflow) {
  Case c = {.type = GetParam(),
            .heads = 2,
            .width = 64,
            .queries = 9,
            .own = 9,
            .past = {4},
            .mask = Mask::kCausal,
            .seed = 4000,
            .scale = 600};
  const Inputs in = InputsOf(c);
  EXPECT_THAT(Attend({{in.q, in.past, in.own, c.mask}}),
              IsNear(Naive(in, c.mask), BoundOf(c.type)));
}

INSTANTIATE_TEST_SUITE_P(All, AttentionTest,
                         ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

TEST(AttentionKernelTest, OddAndWideHeadsAreNotTheKernels) {
  for (const int64_t width : {1, 9, 71, 127, 129, 130, 256}) {
    EXPECT_FALSE(AttentionKernelFits(at::empty({2, 3, width}, at::kFloat))) << width;
  }
  EXPECT_FALSE(AttentionKernelFits(at::empty({2, 3, 64}, at::kDouble)));
}

}  // namespace
}  // namespace md2::model
