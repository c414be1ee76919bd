// Defines FailingAllocator, with which LibTorch runs out of host memory on request.

#ifndef MD2_TESTS_TESTING_FAILING_ALLOCATOR_H_
#define MD2_TESTS_TESTING_FAILING_ALLOCATOR_H_

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace md2::testing {

// Stands in for LibTorch's CPU allocator while it lives; one at a time. What it gave may outlive
// it. Orders hold for the thread that gives them.
class FailingAllocator : public c10::Allocator {
 public:
  FailingAllocator() : usual_(*c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~FailingAllocator() override { c10::SetCPUAllocator(&usual_, kPriority); }
  FailingAllocator(const FailingAllocator&) = delete;
  FailingAllocator& operator=(const FailingAllocator&) = delete;

  // The next so many allocations fail.
  void FailNext(int64_t count) { NumToFail() = count; }

  c10::DataPtr allocate(size_t num_bytes) override {
    if (NumToFail() > 0) {
      --NumToFail();
      throw std::bad_alloc();
    }
    return usual_.allocate(num_bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return usual_.raw_deleter(); }
  void copy_data(void* to, const void* from, size_t num_bytes) const override {
    usual_.copy_data(to, from, num_bytes);
  }

 private:
  static constexpr uint8_t kPriority = 1;

  static int64_t& NumToFail() {
    static thread_local int64_t num_to_fail = 0;
    return num_to_fail;
  }

  c10::Allocator& usual_;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_FAILING_ALLOCATOR_H_
