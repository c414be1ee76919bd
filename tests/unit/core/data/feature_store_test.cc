#include "core/data/feature_store.h"

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "absl/types/optional.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"
#include "tests/unit/core/data/test_features.h"

namespace md2::data {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Eq;
using testing::HasReason;
using testing::IsOk;
using testing::MemFileEnv;
using ::testing::Optional;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr char kDir[] = "/features";

class FeatureStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<FeatureStore> Open(const FeatureStoreOptions& options = OptionsFor(kDir)) {
    absl::StatusOr<std::unique_ptr<FeatureStore>> store = FeatureStore::Open(env_, options);
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }

  void PutAll(FeatureStore& store, const std::vector<int>& numbers) {
    for (const int number : numbers) {
      ASSERT_THAT(store.Put(ImageOf(number), FeaturesOf(number)), IsOk());
    }
  }

  MemFileEnv env_;
};

TEST_F(FeatureStoreTest, FindsWhatWasPutBeforeAndAfterItIsWritten) {
  const auto store = Open();
  EXPECT_EQ(Found(*store, 1), absl::nullopt);
  for (int number = 1; number <= 5; ++number) {
    PutAll(*store, {number});
    for (int earlier = 1; earlier <= number; ++earlier) {
      EXPECT_THAT(Found(*store, earlier), Optional(Eq(FeaturesOf(earlier))));
    }
  }
  EXPECT_THAT(env_.Files(), SizeIs(2));  // the fifth waits for a sixth
  EXPECT_EQ(store->stats().num_entries, 5);
  EXPECT_EQ(store->stats().num_found, 15);
  EXPECT_EQ(store->stats().num_missed, 1);
}

TEST_F(FeatureStoreTest, FindsEntriesOfAnEarlierStore) {
  {
    const auto store = Open();
    PutAll(*store, {1, 2, 3});
  }
  const auto store = Open();
  EXPECT_EQ(store->stats().num_entries, 3);
  for (const int number : {1, 2, 3}) {
    EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number))));
  }
}

TEST_F(FeatureStoreTest, FlushMakesEntriesVisibleToStoresOpenedLater) {
  const auto store = Open();
  PutAll(*store, {1});
  EXPECT_EQ(Found(*Open(), 1), absl::nullopt);
  ASSERT_THAT(store->Flush(), IsOk());
  EXPECT_THAT(Found(*Open(), 1), Optional(Eq(FeaturesOf(1))));
  EXPECT_THAT(store->Flush(), IsOk());
  EXPECT_THAT(env_.Files(), SizeIs(1));
}

TEST_F(FeatureStoreTest, AnEntryThatIsThereStaysAsItIs) {
  const auto store = Open();
  PutAll(*store, {1});
  ASSERT_THAT(store->Put(ImageOf(1), FeaturesOf(9)), IsOk());
  PutAll(*store, {2});
  ASSERT_THAT(store->Put(ImageOf(2), FeaturesOf(9)), IsOk());
  EXPECT_THAT(Found(*store, 1), Optional(Eq(FeaturesOf(1))));
  EXPECT_THAT(Found(*store, 2), Optional(Eq(FeaturesOf(2))));
}

TEST_F(FeatureStoreTest, AnotherSpaceSeesNoEntries) {
  PutAll(*Open(), {1, 2});
  FeatureStoreOptions other = OptionsFor(kDir);
  other.space.fill(8);
  const auto store = Open(other);
  EXPECT_EQ(store->stats().num_entries, 0);
  EXPECT_EQ(Found(*store, 1), absl::nullopt);
  ASSERT_THAT(store->Put(ImageOf(1), FeaturesOf(5)), IsOk());
  ASSERT_THAT(store->Flush(), IsOk());
  EXPECT_THAT(Found(*store, 1), Optional(Eq(FeaturesOf(5))));
  EXPECT_THAT(Found(*Open(), 1), Optional(Eq(FeaturesOf(1))));
}

TEST_F(FeatureStoreTest, RefusesAnEntryOfAnotherSize) {
  const std::vector<uint8_t> short_one(kTestEntryBytes - 1);
  EXPECT_THAT(Open()->Put(ImageOf(1), short_one),
              StatusIs(absl::StatusCode::kInternal, "expected features of 100 bytes, found 99"));
}

TEST_F(FeatureStoreTest, ADamagedEntryIsAbsentAndCountedOnceAndCanBePutAgain) {
  PutAll(*Open(), {1, 2});
  const std::string path = env_.Files()[0];
  std::string content = *env_.Get(path);
  content[content.size() - FeatureStride(kTestEntryBytes) + 50] ^= 1;  // of the second entry
  env_.Put(path, content);
  const auto store = Open();
  EXPECT_THAT(Found(*store, 1), Optional(Eq(FeaturesOf(1))));
  EXPECT_EQ(Found(*store, 2), absl::nullopt);
  EXPECT_EQ(Found(*store, 2), absl::nullopt);
  EXPECT_EQ(store->stats().num_damaged_entries, 1);
  EXPECT_EQ(store->stats().num_entries, 1);
  PutAll(*store, {2});
  ASSERT_THAT(store->Flush(), IsOk());
  EXPECT_THAT(Found(*store, 2), Optional(Eq(FeaturesOf(2))));
}

TEST_F(FeatureStoreTest, ADamagedFileIsLeftOutAndCounted) {
  PutAll(*Open(), {1, 2, 3, 4});
  const std::string path = env_.Files()[0];
  const std::string content = *env_.Get(path);
  for (const size_t length : {size_t{0}, size_t{127}, content.size() - 1}) {
    env_.Put(path, content.substr(0, length));
    const auto store = Open();
    EXPECT_EQ(store->stats().num_damaged_files, 1);
    EXPECT_EQ(store->stats().num_entries, 2);
  }
  for (const size_t position : {0, 9, 17, 40, 70, 130}) {
    std::string changed = content;
    changed[position] ^= 4;
    env_.Put(path, changed);
    EXPECT_EQ(Open()->stats().num_damaged_files, 1) << position;
  }
}

TEST_F(FeatureStoreTest, AViewOutlivesTheStoreAndItsFile) {
  auto store = Open();
  PutAll(*store, {1, 2, 3});
  const absl::optional<FeatureView> written = store->Find(ImageOf(1));
  const absl::optional<FeatureView> in_memory = store->Find(ImageOf(3));
  store.reset();
  for (const std::string& path : env_.Files()) ASSERT_THAT(env_.RemoveFile(path), IsOk());
  EXPECT_THAT(std::vector<uint8_t>(written->bytes.begin(), written->bytes.end()),
              Eq(FeaturesOf(1)));
  EXPECT_THAT(std::vector<uint8_t>(in_memory->bytes.begin(), in_memory->bytes.end()),
              Eq(FeaturesOf(3)));
}

TEST_F(FeatureStoreTest, TheLeastRecentlyUsedGoFirst) {
  for (int number = 0; number < 16; number += 2) PutAll(*Open(), {number, number + 1});
  EXPECT_THAT(env_.Files(), SizeIs(8));
  EXPECT_NE(Found(*Open(), 0), absl::nullopt);  // the oldest, used once more
  const auto store = Open();
  PutAll(*store, {100, 101});
  EXPECT_THAT(env_.Files(), SizeIs(8));
  EXPECT_EQ(store->stats().num_removed_files, 1);
  for (const int number : {0, 1, 100, 101, 4, 15}) {
    EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number)))) << number;
  }
  for (const int number : {2, 3}) EXPECT_EQ(Found(*store, number), absl::nullopt) << number;
}

TEST_F(FeatureStoreTest, TheOrderOfUseWithinOneStoreCounts) {
  const auto store = Open();
  for (int number = 0; number < 16; ++number) PutAll(*store, {number});
  for (const int number : {2, 0, 4, 6, 8, 10, 12, 14, 2}) {
    EXPECT_NE(Found(*store, number), absl::nullopt);
  }
  PutAll(*store, {100, 101});
  EXPECT_EQ(Found(*store, 0), absl::nullopt);
  EXPECT_THAT(Found(*store, 2), Optional(Eq(FeaturesOf(2))));
}

TEST_F(FeatureStoreTest, FilesOfOtherSpacesAndOfKilledWritersCountAndGo) {
  const uint64_t segment_bytes = FeatureSegmentBytes(kTestEntryBytes, 2);
  env_.Put("/features/a-b.features.tmp.17.0", std::string(4 * segment_bytes, 'x'));
  env_.Put("/features/c-d.features", std::string(4 * segment_bytes, 'x'));
  env_.Put("/features/notes.txt", std::string(99 * segment_bytes, 'x'));
  const auto store = Open();
  PutAll(*store, {1, 2});
  EXPECT_THAT(env_.Files(),
              ElementsAre(EndsWith(".features"), "/features/c-d.features", "/features/notes.txt"));
}

TEST_F(FeatureStoreTest, WhatATrainingJobUsedStaysAndTheStoreSaysOnceThatItIsFull) {
  PutAll(*Open(), {0, 1});
  FeatureStoreOptions options = OptionsFor(kDir);
  options.keeps_what_it_used = true;
  const auto store = Open(options);
  for (int number = 2; number < 18; ++number) PutAll(*store, {number});  // 0 and 1 go
  EXPECT_EQ(store->stats().num_removed_files, 1);
  PutAll(*store, {18});
  EXPECT_THAT(store->Put(ImageOf(19), FeaturesOf(19)),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "expected room for 512 more bytes of features within the 4096 that are "
                       "allowed, found it taken by what is in use: /features"));
  EXPECT_FALSE(store->stats().takes_entries);
  PutAll(*store, {20, 21, 22});
  EXPECT_THAT(store->Flush(), IsOk());
  for (int number = 2; number < 20; ++number) {
    EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number)))) << number;
  }
  EXPECT_EQ(Found(*store, 20), absl::nullopt);
}

TEST_F(FeatureStoreTest, AFullDiskIsSaidOnceAndNoReasonToFail) {
  const auto store = Open();
  PutAll(*store, {1, 2, 3});
  env_.SetCapacity(600);
  EXPECT_THAT(store->Put(ImageOf(4), FeaturesOf(4)), HasReason(Reason::kStorageFull));
  PutAll(*store, {5, 6, 7});
  for (const int number : {1, 2, 3, 4}) {
    EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number)))) << number;
  }
  EXPECT_EQ(Found(*store, 5), absl::nullopt);
  EXPECT_THAT(env_.Files(), SizeIs(1));
}

TEST_F(FeatureStoreTest, ABoundBelowOneSegmentTakesNothing) {
  FeatureStoreOptions options = OptionsFor(kDir);
  options.max_bytes = 10;
  const auto store = Open(options);
  EXPECT_THAT(store->Put(ImageOf(1), FeaturesOf(1)), HasReason(Reason::kStorageFull));
  EXPECT_THAT(store->Put(ImageOf(2), FeaturesOf(2)), IsOk());
  EXPECT_THAT(env_.Files(), SizeIs(0));
}

TEST_F(FeatureStoreTest, OpeningNeedsAFolder) {
  env_.Put("/file", "");
  EXPECT_THAT(FeatureStore::Open(env_, OptionsFor("/file")), HasReason(Reason::kFileNotRegular));
}

TEST_F(FeatureStoreTest, TwoWritersSeeEachOthersEntriesAndWriteNoneTwice) {
  const auto first = Open();
  const auto second = Open();
  PutAll(*first, {1, 2});
  PutAll(*second, {1, 3});
  PutAll(*first, {3, 4});
  EXPECT_EQ(Found(*second, 4), absl::nullopt);
  PutAll(*second, {5, 6});
  for (const int number : {1, 2, 3, 4, 5, 6}) {
    EXPECT_THAT(Found(*second, number), Optional(Eq(FeaturesOf(number)))) << number;
  }
  uint64_t num_bytes = 0;
  for (const std::string& path : env_.Files()) num_bytes += env_.Get(path)->size();
  // 1 2 | 3 | 4 | 5 6: of the pairs that were full, each wrote what the other had not.
  EXPECT_EQ(num_bytes, 2 * FeatureSegmentBytes(kTestEntryBytes, 2) +
                           2 * FeatureSegmentBytes(kTestEntryBytes, 1));
}

TEST_F(FeatureStoreTest, AFileThatAnotherProcessRemovedIsStillReadAndThenForgotten) {
  const auto store = Open();
  PutAll(*store, {1, 2});
  ASSERT_THAT(env_.RemoveFile(env_.Files()[0]), IsOk());
  EXPECT_THAT(Found(*store, 1), Optional(Eq(FeaturesOf(1))));
  EXPECT_EQ(Open()->stats().num_entries, 0);
}

TEST(FeatureStoreThreads, ManyThreadsOnTwoStoresOfARealFolderLoseNothing) {
  testing::TempFolder folder;
  FeatureStoreOptions options = OptionsFor(folder.File("features"));
  options.max_bytes = 1 << 20;
  options.segment_bytes = 5 * FeatureStride(kTestEntryBytes);
  std::vector<std::unique_ptr<FeatureStore>> stores;
  for (int i = 0; i < 2; ++i) {
    MD2_ASSERT_OK_AND_ASSIGN(auto store, FeatureStore::Open(*base::RealFileEnv(), options));
    stores.push_back(std::move(store));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&store = *stores[t % 2], t] {
      for (int i = 0; i < 60; ++i) {
        const int number = 20 * (t / 2) + i;  // threads of a store overlap
        EXPECT_THAT(store.Put(ImageOf(number), FeaturesOf(number)), IsOk());
        EXPECT_THAT(Found(store, number), Optional(Eq(FeaturesOf(number))));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stores.clear();
  MD2_ASSERT_OK_AND_ASSIGN(const auto store, FeatureStore::Open(*base::RealFileEnv(), options));
  EXPECT_EQ(store->stats().num_entries, 80);
  for (int number = 0; number < 80; ++number) {
    EXPECT_THAT(Found(*store, number), Optional(Eq(FeaturesOf(number)))) << number;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(store->Find(ImageOf(number))->bytes.data()) % 64, 0u);
  }
}

}  // namespace
}  // namespace md2::data
