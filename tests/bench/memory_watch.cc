#include "tests/bench/memory_watch.h"

#include <chrono>
#include <fstream>
#include <string>

namespace md2::bench {

int64_t AnonymousBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "RssAnon:" && status >> kib) return kib << 10;
  }
  return 0;
}

MemoryWatch::MemoryWatch()
    : thread_([this] {
        while (!ended_) {
          Look();
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
      }) {}

MemoryWatch::~MemoryWatch() {
  ended_ = true;
  thread_.join();
}

void MemoryWatch::Look() {
  const int64_t now = AnonymousBytes();
  int64_t peak = peak_bytes_;
  while (now > peak && !peak_bytes_.compare_exchange_weak(peak, now)) {
  }
}

int64_t MemoryWatch::PeakBytes() {
  Look();
  return peak_bytes_;
}

}  // namespace md2::bench
