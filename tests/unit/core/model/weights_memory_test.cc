// A process of its own: what other tests left in the allocator would hide what loading takes.

#include <malloc.h>
#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "core/base/file_env.h"
#include "core/model/random_model.h"
#include "core/model/weights.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"

namespace md2::model {
namespace {

using testing::IsOk;

// Anonymous memory that this process has asked for, its mappings without a page included.
uint64_t DataBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    uint64_t kilobytes = 0;
    if (word == "VmData:" && status >> kilobytes) return kilobytes << 10;
  }
  return 0;
}

// While it lives, asking for more than `num_bytes` beyond what is in use fails.
class DataLimit {
 public:
  explicit DataLimit(uint64_t num_bytes) {
    getrlimit(RLIMIT_DATA, &before_);
    const rlimit limit = {DataBytes() + num_bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
  }
  ~DataLimit() { setrlimit(RLIMIT_DATA, &before_); }

 private:
  rlimit before_;
};

// 60 million parameters.
Sizes LargeSizes() {
  Sizes s;
  s.vision = {.dim = 64, .depth = 2, .heads = 2, .mlp_dim = 64, .patch = 4, .crop = 8};
  s.projector_dim = 64;
  s.text = {.dim = 1024,
            .layers = 2,
            .heads = 16,
            .mlp_dim = 4096,
            .vocab = 17'000,
            .max_positions = 64,
            .rotary_dim = 32};
  return s;
}

class WeightsMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer's allocator keeps what is free";
#endif
    ASSERT_GT(DataBytes(), 0);
    mallopt(M_MMAP_THRESHOLD, 1 << 17);  // large blocks go back as soon as they are free
    RandomModelOptions options;
    options.sizes = LargeSizes();
    options.tokenizer_json = "{}";
    ASSERT_THAT(WriteRandomModel(*base::RealFileEnv(), temp_.File("model"), options), IsOk());
  }

  ModelFolder Open() {
    auto folder = OpenModelFolder(*base::RealFileEnv(), temp_.File("model"));
    EXPECT_THAT(folder, IsOk());
    return *std::move(folder);
  }

  // What `folder` holds in `precision`.
  static uint64_t WeightBytes(const ModelFolder& folder, Precision precision) {
    return static_cast<uint64_t>(CountParameters(folder.table)) * DtypeBytes(DtypeOf(precision));
  }

  testing::TempFolder temp_;
};

TEST_F(WeightsMemoryTest, LoadingTakesAtMostATwentiethMoreThanTheWeights) {
  const ModelFolder folder = Open();
  // The empty runtime: threads and their stacks are there.
  ASSERT_THAT(LoadWeights(folder, Precision::kFp32, c10::kCPU), IsOk());
  for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kFp16}) {
    const uint64_t weight_bytes = WeightBytes(folder, precision);
    ASSERT_GT(weight_bytes, 100 << 20);
    const DataLimit limit(weight_bytes + weight_bytes / 20);
    EXPECT_THAT(LoadWeights(folder, precision, c10::kCPU), IsOk()) << PrecisionName(precision);
  }
}

TEST_F(WeightsMemoryTest, WithoutRoomForTheWeightsMemoryRunsOut) {
  const ModelFolder folder = Open();
  const DataLimit limit(WeightBytes(folder, Precision::kBf16) * 9 / 10);
  EXPECT_THAT(LoadWeights(folder, Precision::kBf16, c10::kCPU),
              testing::HasReason(base::Reason::kOutOfMemory));
}

}  // namespace
}  // namespace md2::model
