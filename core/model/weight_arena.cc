#include "core/model/weight_arena.h"

#include <sys/mman.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::model {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
// Below it the part of the last huge page that nobody uses would be more than a thirtieth.
constexpr uint64_t kWorthHugePages = 32 * kHugePage;
// What no address space holds; up to it, sums do not overflow.
constexpr uint64_t kTooMany = uint64_t{1} << 62;

absl::Status OutOfMemory(uint64_t num_bytes) {
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                         absl::StrCat("expected ", num_bytes,
                                      " bytes of memory for weights, found too little: use a "
                                      "smaller precision or a larger machine"));
}

void* MapPages(size_t num_bytes) {
  return mmap(nullptr, num_bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// `num_bytes` of huge pages: a multiple of their size.
void* MapHugePages(size_t num_bytes) {
  // One page more, so that the part in use can begin at a huge page.
  void* mapped = MapPages(num_bytes + kHugePage);
  if (mapped == MAP_FAILED) return mapped;
  auto* begin = static_cast<uint8_t*>(mapped);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before > 0) munmap(begin, before);
  if (before < kHugePage) munmap(begin + before + num_bytes, kHugePage - before);
  madvise(begin + before, num_bytes, MADV_HUGEPAGE);  // a wish; without it all works, only slower
  return begin + before;
}

}  // namespace

absl::StatusOr<std::shared_ptr<WeightArena>> WeightArena::Create(uint64_t num_bytes) {
  if (num_bytes >= kTooMany) return OutOfMemory(num_bytes);
  const bool is_small = num_bytes < kWorthHugePages;
  const size_t wanted = is_small ? std::max<size_t>(num_bytes, 1)
                                 : (num_bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* data = is_small ? MapPages(wanted) : MapHugePages(wanted);
  if (data == MAP_FAILED) return OutOfMemory(num_bytes);
  return std::shared_ptr<WeightArena>(new WeightArena(static_cast<uint8_t*>(data), wanted));
}

WeightArena::~WeightArena() { munmap(data_, mapped_bytes_); }

}  // namespace md2::model
