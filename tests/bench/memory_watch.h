// Defines
//   AnonymousBytes   memory of this process that no file backs
//   MemoryWatch      the most that it was for a while

#ifndef MD2_TESTS_BENCH_MEMORY_WATCH_H_
#define MD2_TESTS_BENCH_MEMORY_WATCH_H_

#include <atomic>
#include <cstdint>
#include <thread>

namespace md2::bench {

// RssAnon of /proc/self/status; 0 where that cannot be read.
int64_t AnonymousBytes();

// Looks every 5 ms from its making on. The thread that made it ends it.
class MemoryWatch {
 public:
  MemoryWatch();
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // Since it was made, this moment included.
  int64_t PeakBytes();

 private:
  void Look();

  std::atomic<int64_t> peak_bytes_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace md2::bench

#endif  // MD2_TESTS_BENCH_MEMORY_WATCH_H_
