// Defines LimitedMemory, a machine whose memory for tensors runs out where a test says.

#ifndef MD2_TESTS_TESTING_LIMITED_MEMORY_H_
#define MD2_TESTS_TESTING_LIMITED_MEMORY_H_

#include <cstdint>

namespace md2::testing {

// While it lives, LibTorch takes the memory of tensors on the CPU from it; nothing fails before it
// is asked to. Weights, which lie in memory of their own, are not counted. One object at a time;
// its methods are safe for concurrent use with LibTorch's work.
class LimitedMemory {
 public:
  LimitedMemory();
  ~LimitedMemory();
  LimitedMemory(const LimitedMemory&) = delete;
  LimitedMemory& operator=(const LimitedMemory&) = delete;

  // From now on at most `more_bytes` beside what is in use, and the peak is counted anew.
  void Allow(int64_t more_bytes);
  void AllowAll();
  // The allocation after `num_before` more ones fails, once.
  void FailOnce(int64_t num_before);

  // Most that was in use since the last Allow or AllowAll, beside what was in use then.
  int64_t peak_bytes() const;
  // Allocations since the last Allow, AllowAll or FailOnce.
  int64_t num_allocations() const;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_LIMITED_MEMORY_H_
