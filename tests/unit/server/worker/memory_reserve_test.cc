#include "server/worker/memory_reserve.h"

#include <ATen/ops/empty.h>

#include <cstdlib>
#include <vector>

#include "core/base/error.h"
#include "core/model/torch_status.h"
#include "gtest/gtest.h"
#include "server/worker/machine.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

namespace md2::worker {
namespace {

constexpr uint64_t kMegabyte = uint64_t{1} << 20;

// Ends with 0 when tensors fail for want of memory while other things can still have theirs.
[[noreturn]] void FillWithTensors(uint64_t reserve_bytes) {
  LimitDataSegment(128 * kMegabyte);
  KeepMemoryInReserve(reserve_bytes);
  std::vector<at::Tensor> tensors;
  const absl::Status status = model::CatchTorch("filling the memory", [&] {
    for (;;) tensors.push_back(at::empty({2 * static_cast<int64_t>(kMegabyte)}, at::kFloat));
    return absl::OkStatus();
  });
  if (base::ReasonOf(status) != base::Reason::kOutOfMemory) std::_Exit(2);
  std::_Exit(std::malloc(40 * kMegabyte) == nullptr ? 1 : 0);
}

TEST(KeepMemoryInReserveTest, TensorsLeaveMemoryToOthers) {
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
  GTEST_SKIP() << "the address sanitizer ends a process that is without memory";
#endif
  EXPECT_EXIT(FillWithTensors(48 * kMegabyte), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(FillWithTensors(0), ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace md2::worker
