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

  // The allocation after `num_before` more ones fails; it replaces earlier orders.
  void FailOnce(int64_t num_before) { NumLeft() = num_before; }

  c10::DataPtr allocate(size_t num_bytes) override {
    if (NumLeft()-- == 0) throw std::bad_alloc();
    return usual_.allocate(num_bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return usual_.raw_deleter(); }
  void copy_data(void* to, const void* from, size_t num_bytes) const override {
    usual_.copy_data(to, from, num_bytes);
  }

 private:
  static constexpr uint8_t kPriority = 1;

  // Before one fails; negative: none will.
  static int64_t& NumLeft() {
    static thread_local int64_t num_left = -1;
    return num_left;
  }

  c10::Allocator& usual_;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_FAILING_ALLOCATOR_H_
