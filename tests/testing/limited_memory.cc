#include "tests/testing/limited_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/Device.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>

namespace md2::testing {
namespace {

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
// Before each block, its size; as long as LibTorch aligns blocks.
constexpr size_t kHeaderBytes = 64;

std::atomic<int64_t> in_use = 0;
std::atomic<int64_t> in_use_before = 0;
std::atomic<int64_t> peak = 0;
std::atomic<int64_t> limit = kNone;
std::atomic<int64_t> num_allocated = 0;
std::atomic<int64_t> failing = kNone;

void Free(void* data) {
  if (data == nullptr) return;
  auto* const block = static_cast<std::byte*>(data) - kHeaderBytes;
  in_use -= *reinterpret_cast<int64_t*>(block);
  c10::free_cpu(block);
}

class LimitedAllocator : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t num_bytes) override {
    const c10::Device cpu(c10::kCPU);
    if (num_bytes == 0) return {nullptr, nullptr, &Free, cpu};
    const auto size = static_cast<int64_t>(num_bytes);
    const bool is_due = num_allocated++ == failing;
    const int64_t now = in_use += size;
    if (is_due || now > limit) {
      in_use -= size;
      // The words by which LibTorch's own is recognised.
      TORCH_CHECK(false, "DefaultCPUAllocator: not enough memory: you tried to allocate ", size,
                  " bytes.");
    }
    int64_t before = peak;
    while (before < now && !peak.compare_exchange_weak(before, now)) {
    }
    auto* const block = static_cast<std::byte*>(c10::alloc_cpu(num_bytes + kHeaderBytes));
    *reinterpret_cast<int64_t*>(block) = size;
    std::byte* const data = block + kHeaderBytes;
    return {data, data, &Free, cpu};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &Free; }

  void copy_data(void* to, const void* from, size_t num_bytes) const override {
    default_copy_data(to, from, num_bytes);
  }
};

void CountAnew() {
  in_use_before = in_use.load();
  peak = in_use.load();
  num_allocated = 0;
  failing = kNone;
}

}  // namespace

LimitedMemory::LimitedMemory() {
  static auto* const allocator = new LimitedAllocator;
  AllowAll();
  c10::SetCPUAllocator(allocator);
}

LimitedMemory::~LimitedMemory() { c10::SetCPUAllocator(c10::GetDefaultCPUAllocator()); }

void LimitedMemory::Allow(int64_t more_bytes) {
  CountAnew();
  limit = in_use + more_bytes;
}

void LimitedMemory::AllowAll() {
  CountAnew();
  limit = kNone;
}

void LimitedMemory::FailOnce(int64_t num_before) {
  num_allocated = 0;
  failing = num_before;
}

int64_t LimitedMemory::peak_bytes() const { return peak - in_use_before; }

int64_t LimitedMemory::num_allocations() const { return num_allocated; }

}  // namespace md2::testing
