// FeatureStore with the k-th disk operation failing, and with the power lost there, for every k: a
// store opens afterwards, gives true bytes or nothing, and has what was flushed.

#include <cerrno>
#include <vector>

#include "absl/types/optional.h"
#include "core/base/errno_status.h"
#include "core/data/feature_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/data/test_features.h"

namespace md2::data {
namespace {

using ::testing::Eq;
using testing::IsOk;
using testing::MemFileEnv;
using ::testing::Optional;
using testing::PowerLoss;

constexpr char kDir[] = "/features";
constexpr int kNumEntries = 23;  // more than fit, so that files are removed too
constexpr int kNumBefore = 4;    // entries that were flushed before the trouble

absl::Status DiskError() { return base::ErrnoToStatus(EIO, "do what the test forbids", kDir); }

// Whatever happens is no more than a status.
void Scenario(MemFileEnv& env) {
  const auto store = FeatureStore::Open(env, OptionsFor(kDir));
  if (!store.ok()) return;
  for (int number = kNumBefore; number < kNumEntries; ++number) {
    (*store)->Put(ImageOf(number), FeaturesOf(number)).IgnoreError();
    const auto found = Found(**store, number);
    if (found.has_value()) {
      EXPECT_THAT(*found, Eq(FeaturesOf(number)));
    }
  }
  (*store)->Flush().IgnoreError();
}

void Prepare(MemFileEnv& env) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto store, FeatureStore::Open(env, OptionsFor(kDir)));
  for (int number = 0; number < kNumBefore; ++number) {
    ASSERT_THAT(store->Put(ImageOf(number), FeaturesOf(number)), IsOk());
  }
  ASSERT_THAT(store->Flush(), IsOk());
}

void ExpectGivesTrueBytesAndTakesMore(MemFileEnv& env) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto store, FeatureStore::Open(env, OptionsFor(kDir)));
  for (int number = 0; number < kNumEntries; ++number) {
    const auto found = Found(*store, number);
    if (found.has_value()) {
      EXPECT_THAT(*found, Eq(FeaturesOf(number)));
    }
  }
  EXPECT_EQ(store->stats().num_damaged_entries, 0);
  EXPECT_EQ(store->stats().num_damaged_files, 0);
  EXPECT_THAT(store->Put(ImageOf(99), FeaturesOf(99)), IsOk());
  EXPECT_THAT(store->Flush(), IsOk());
  EXPECT_THAT(Found(*store, 99), Optional(Eq(FeaturesOf(99))));
}

int64_t CountOperations() {
  MemFileEnv env;
  Prepare(env);
  const int64_t num_before = env.num_operations();
  Scenario(env);
  return env.num_operations() - num_before;
}

TEST(FeatureStoreCrash, AnOperationThatFailsCostsEntriesAndNothingElse) {
  const int64_t num_operations = CountOperations();
  ASSERT_GT(num_operations, 50);
  for (int64_t k = 0; k < num_operations; ++k) {
    MemFileEnv env;
    Prepare(env);
    env.FailOnce(k, DiskError());
    Scenario(env);
    env.ClearFaults();
    ExpectGivesTrueBytesAndTakesMore(env);
  }
}

TEST(FeatureStoreCrash, APowerLossLeavesAStoreThatOpens) {
  const int64_t num_operations = CountOperations();
  for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
    for (int64_t k = 0; k < num_operations; ++k) {
      MemFileEnv env;
      Prepare(env);
      env.FailFrom(k, DiskError());
      Scenario(env);
      env.DropUnsynced(loss);
      ExpectGivesTrueBytesAndTakesMore(env);
    }
  }
}

TEST(FeatureStoreCrash, WhatWasFlushedSurvivesAPowerLoss) {
  for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
    MemFileEnv env;
    Prepare(env);
    env.DropUnsynced(loss);
    MD2_ASSERT_OK_AND_ASSIGN(const auto store, FeatureStore::Open(env, OptionsFor(kDir)));
    for (int number = 0; number < kNumBefore; ++number) {
      EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number))));
    }
  }
}

}  // namespace
}  // namespace md2::data
