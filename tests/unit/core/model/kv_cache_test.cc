#include "core/model/kv_cache.h"

#include <ATen/ops/cat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsSameTensor;
using testing::RandomValues;

TextSizes TwoLayers() {
  TextSizes sizes;
  sizes.dim = 12;
  sizes.layers = 2;
  sizes.heads = 3;
  return sizes;
}

KeyValues RandomKeyValues(int64_t tokens, uint64_t seed) {
  return {RandomValues({3, tokens, 4}, seed), RandomValues({3, tokens, 4}, seed + 1000)};
}

TEST(KvCacheTest, TakesItsRoomAtOnce) {
  const KvCache cache(TwoLayers(), 5, at::TensorOptions().dtype(at::kHalf));
  EXPECT_EQ(cache.length(), 0);
  EXPECT_EQ(cache.capacity(), 5);
  EXPECT_EQ(cache.num_bytes(), 2 * 2 * 12 * 5 * 2);
}

TEST(KvCacheTest, KeepsWhatIsAppendedLayerByLayer) {
  KvCache cache(TwoLayers(), 5, at::TensorOptions().dtype(at::kFloat));
  const KeyValues first[] = {RandomKeyValues(3, 1), RandomKeyValues(3, 2)};
  const KeyValues second[] = {RandomKeyValues(2, 3), RandomKeyValues(2, 4)};
  for (int64_t layer : {0, 1}) cache.Append(layer, first[layer]);
  cache.Advance(3);
  for (int64_t layer : {0, 1}) cache.Append(layer, second[layer]);
  cache.Advance(2);
  EXPECT_EQ(cache.length(), 5);
  for (int64_t layer : {0, 1}) {
    const KeyValues all = cache.Get(layer, 5);
    EXPECT_THAT(all.k, IsSameTensor(at::cat({first[layer].k, second[layer].k}, 1)));
    EXPECT_THAT(all.v, IsSameTensor(at::cat({first[layer].v, second[layer].v}, 1)));
    EXPECT_THAT(cache.Get(layer, 2).k, IsSameTensor(first[layer].k.narrow(1, 0, 2)));
  }
}

// So that a pass that failed can be repeated.
TEST(KvCacheTest, WhatWasNotAdvancedOverIsReplaced) {
  KvCache cache(TwoLayers(), 4, at::TensorOptions().dtype(at::kFloat));
  cache.Append(0, RandomKeyValues(3, 1));
  EXPECT_EQ(cache.length(), 0);
  const KeyValues again = RandomKeyValues(3, 2);
  cache.Append(0, again);
  EXPECT_THAT(cache.Get(0, 3).k, IsSameTensor(again.k));
  EXPECT_THAT(cache.Get(0, 3).v, IsSameTensor(again.v));
}

}  // namespace
}  // namespace md2::model
