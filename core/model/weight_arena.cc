#include "core/model/weight_arena.h"

#include <sys/mman.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::model {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

absl::StatusOr<std::shared_ptr<WeightArena>> WeightArena::Create(uint64_t num_bytes) {
  const size_t wanted = (std::max<size_t>(num_bytes, 1) + kHugePage - 1) / kHugePage * kHugePage;
  // One page more, so that the part in use can begin at a huge page.
  void* mapped = mmap(nullptr, wanted + kHugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                           absl::StrCat("expected ", num_bytes,
                                        " bytes of memory for weights, found too little: use a "
                                        "smaller precision or a larger machine"));
  }
  auto* begin = static_cast<uint8_t*>(mapped);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before > 0) munmap(begin, before);
  if (before < kHugePage) munmap(begin + before + wanted, kHugePage - before);
  madvise(begin + before, wanted, MADV_HUGEPAGE);  // a wish; without it all works, only slower
  return std::shared_ptr<WeightArena>(new WeightArena(begin + before, wanted));
}

WeightArena::~WeightArena() { munmap(data_, mapped_bytes_); }

}  // namespace md2::model
