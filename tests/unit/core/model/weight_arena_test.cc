#include "core/model/weight_arena.h"

#include <algorithm>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::model {
namespace {

using base::Reason;
using testing::HasReason;
using testing::StatusIs;

TEST(WeightArenaTest, BeginsAtAMultipleOfTheAlignment) {
  for (const uint64_t num_bytes : {0, 1, 63, 64, 65, 4097, 3 << 20, 64 << 20, (64 << 20) + 1}) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto arena, WeightArena::Create(num_bytes));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena->data()) % kWeightAlignment, 0) << num_bytes;
  }
}

TEST(WeightArenaTest, IsZeroedAndWritableToItsLastByte) {
  // Huge pages begin to be asked for at 64 MiB.
  for (const uint64_t num_bytes : {(4 << 20) + 1, (64 << 20) - 1, 64 << 20, (64 << 20) + 1}) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto arena, WeightArena::Create(num_bytes));
    uint8_t* const end = arena->data() + num_bytes;
    EXPECT_TRUE(std::all_of(arena->data(), end, [](uint8_t byte) { return byte == 0; }))
        << num_bytes;
    std::fill(arena->data(), end, 0xff);
    EXPECT_EQ(end[-1], 0xff) << num_bytes;
  }
}

TEST(WeightArenaTest, RefusesSizesBeyondMemory) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (const uint64_t num_bytes : {kMost, kMost - 1, kMost - (uint64_t{3} << 20), kMost / 2,
                                   uint64_t{1} << 62, uint64_t{1} << 48}) {
    const absl::Status status = WeightArena::Create(num_bytes).status();
    EXPECT_THAT(status, HasReason(Reason::kOutOfMemory)) << num_bytes;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                                 "expected " + std::to_string(num_bytes) +
                                     " bytes of memory for weights, found too little: use a "
                                     "smaller precision or a larger machine"));
  }
}

TEST(AlignedBytesTest, RoundsUp) {
  EXPECT_EQ(AlignedBytes(0), 0);
  EXPECT_EQ(AlignedBytes(1), 64);
  EXPECT_EQ(AlignedBytes(64), 64);
  EXPECT_EQ(AlignedBytes(65), 128);
}

}  // namespace
}  // namespace md2::model
