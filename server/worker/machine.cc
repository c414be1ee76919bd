#include "server/worker/machine.h"

#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/status_macros.h"
#include "core/model/device.h"
#include "core/model/products.h"
#include "core/model/torch_status.h"
#include "server/worker/loaded_model.h"

namespace md2::worker {
namespace {

constexpr int64_t kRows = 512;
constexpr int64_t kWidth = 1024;
constexpr int kProducts = 6;  // the first warms up

at::ScalarType TypeOf(train::ComputePrecision precision) {
  switch (precision) {
    case train::ComputePrecision::kBf16:
      return at::kBFloat16;
    case train::ComputePrecision::kFp16:
      return at::kHalf;
    case train::ComputePrecision::kAuto:
    case train::ComputePrecision::kFp32:
      break;
  }
  return at::kFloat;
}

double BestSeconds(at::ScalarType type) {
  const base::Clock& clock = *base::RealClock();
  const at::Tensor a = at::ones({kRows, kWidth}, type);
  const at::Tensor b = at::ones({kWidth, kWidth}, type);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kProducts; ++i) {
    const absl::Duration begin = clock.MonotonicNow();
    model::TimesTransposed(a, b);
    if (i > 0) best = std::min(best, absl::ToDoubleSeconds(clock.MonotonicNow() - begin));
  }
  return best;
}

// Of a file of the kernel; the largest number when it says "max" or is not there.
uint64_t NumberIn(const char* path) {
  std::ifstream file(path);
  uint64_t number = 0;
  return file >> number ? number : std::numeric_limits<uint64_t>::max();
}

// Bytes of a line such as "MemAvailable:   123 kB"; the largest number when it is not there.
uint64_t BytesOfLine(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    uint64_t kilobytes = 0;
    if (word == name && file >> kilobytes) return kilobytes << 10;
  }
  return std::numeric_limits<uint64_t>::max();
}

// Of this process's data.
uint64_t DataInUse() { return BytesOfLine("/proc/self/status", "VmData:"); }

// What the limit on this process's data leaves.
uint64_t DataLeft() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<uint64_t>::max();
  }
  return limit.rlim_cur - std::min<uint64_t>(limit.rlim_cur, DataInUse());
}

}  // namespace

double ProductsPerSecond(train::ComputePrecision precision, int num_threads) {
  double seconds = 0;
  const absl::Status status = model::CatchTorch("measure a product", [&] {
    at::set_num_threads(num_threads);
    seconds = BestSeconds(TypeOf(precision));
    return absl::OkStatus();
  });
  if (!status.ok() || !(seconds > 0)) return 0;
  return 2.0 * kRows * kWidth * kWidth / seconds;
}

uint64_t AvailableBytes() {
  const uint64_t group = NumberIn("/sys/fs/cgroup/memory.max");
  const uint64_t in_use = NumberIn("/sys/fs/cgroup/memory.current");
  uint64_t least = std::min(BytesOfLine("/proc/meminfo", "MemAvailable:"), DataLeft());
  if (group != std::numeric_limits<uint64_t>::max()) {
    least = std::min(least, group - std::min(group, in_use));
  }
  return least == std::numeric_limits<uint64_t>::max() ? 0 : least;
}

absl::StatusOr<bool> DeviceHasBf16(const std::string& device) {
  MD2_ASSIGN_OR_RETURN(const c10::Device opened, model::OpenDevice(ChooseDevice(device)));
  return model::HasBf16(opened);
}

void LimitDataSegment(uint64_t more_bytes) {
  rlimit limit = {};
  if (more_bytes == 0 || getrlimit(RLIMIT_DATA, &limit) != 0) return;
  const uint64_t now = DataInUse();
  const uint64_t wanted = now + more_bytes;
  if (wanted < now || wanted >= limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_DATA, &limit);
}

int64_t PeakBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace md2::worker
