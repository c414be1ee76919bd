#include "server/worker/memory_reserve.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>

namespace md2::worker {
namespace {

// Looking takes a microsecond: it is done whenever so many bytes were asked for.
constexpr uint64_t kBytesBetweenLooks = uint64_t{1} << 20;

// Lives for ever, as tensors may.
class ReservingAllocator : public c10::Allocator {
 public:
  ReservingAllocator(int statm, uint64_t most_bytes)
      : statm_(statm),
        page_bytes_(static_cast<uint64_t>(sysconf(_SC_PAGESIZE))),
        most_bytes_(most_bytes) {}

  c10::DataPtr allocate(size_t num_bytes) override {
    c10::DataPtr data = c10::GetDefaultCPUAllocator()->allocate(num_bytes);
    if ((unlooked_bytes_ += num_bytes) < kBytesBetweenLooks) return data;
    unlooked_bytes_ = 0;
    const uint64_t now = DataBytes();
    // What was in use before and is free again may be taken without growing.
    if (now <= last_seen_.exchange(now) || now <= most_bytes_) return data;
    data.clear();
    last_seen_ = DataBytes();
    TORCH_CHECK(false,
                "DefaultCPUAllocator: not enough memory beside what is kept in reserve: you tried "
                "to allocate ",
                num_bytes, " bytes.");
  }

  c10::DeleterFnPtr raw_deleter() const override {
    return c10::GetDefaultCPUAllocator()->raw_deleter();
  }

  void copy_data(void* to, const void* from, size_t num_bytes) const override {
    default_copy_data(to, from, num_bytes);
  }

 private:
  // The sixth number of /proc/self/statm, in pages. 0 when it cannot be read.
  uint64_t DataBytes() const {
    std::array<char, 128> text = {};
    if (pread(statm_, text.data(), text.size() - 1, 0) <= 0) return 0;
    unsigned long pages = 0;  // NOLINT(google-runtime-int): as sscanf has it
    return std::sscanf(text.data(), "%*u %*u %*u %*u %*u %lu", &pages) == 1 ? pages * page_bytes_
                                                                            : 0;
  }

  const int statm_;  // open file
  const uint64_t page_bytes_;
  const uint64_t most_bytes_;
  std::atomic<uint64_t> unlooked_bytes_ = 0;
  std::atomic<uint64_t> last_seen_ = 0;
};

}  // namespace

void KeepMemoryInReserve(uint64_t reserve_bytes) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (limit.rlim_cur < reserve_bytes) return;
  const int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (statm < 0) return;
  static auto* const allocator = new ReservingAllocator(statm, limit.rlim_cur - reserve_bytes);
  c10::SetCPUAllocator(allocator);
}

}  // namespace md2::worker
