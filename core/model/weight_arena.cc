#include "core/model/weight_arena.h"

#include <sys/mman.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::model {
namespace {

constexpr size_t kPage = size_t{4} << 10;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr uint64_t kSmall = 32 * kHugePage;
// What no address space holds; up to it, sums do not overflow.
constexpr uint64_t kTooMany = uint64_t{1} << 62;

absl::Status OutOfMemory(uint64_t num_bytes) {
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                         absl::StrCat("expected ", num_bytes,
                                      " bytes of memory for weights, found too little: use a "
                                      "smaller precision or a larger machine"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<WeightArena>> WeightArena::Create(uint64_t num_bytes) {
  if (num_bytes >= kTooMany) return OutOfMemory(num_bytes);
  // What huge pages save grows with the size; what the last one wastes does not.
  const size_t page = num_bytes < kSmall ? kPage : kHugePage;
  const size_t wanted = (std::max<size_t>(num_bytes, 1) + page - 1) / page * page;
  // One page more, so that the part in use can begin at a page.
  void* mapped = mmap(nullptr, wanted + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return OutOfMemory(num_bytes);
  auto* begin = static_cast<uint8_t*>(mapped);
  const size_t before = (page - reinterpret_cast<uintptr_t>(begin) % page) % page;
  if (before > 0) munmap(begin, before);
  if (before < page) munmap(begin + before + wanted, page - before);
  // A wish; without it all works, only slower.
  if (page == kHugePage) madvise(begin + before, wanted, MADV_HUGEPAGE);
  return std::shared_ptr<WeightArena>(new WeightArena(begin + before, wanted));
}

WeightArena::~WeightArena() { munmap(data_, mapped_bytes_); }

}  // namespace md2::model
