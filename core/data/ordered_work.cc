#include "core/data/ordered_work.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/memory/memory.h"
#include "core/base/start_thread.h"
#include "core/base/status_macros.h"

namespace md2::data {
namespace {

constexpr int64_t kNone = -1;

}  // namespace

OrderedWork::OrderedWork(int64_t num_items, const PrefetchOptions& options, Work work)
    : max_ahead_(options.max_ahead),
      cancel_(options.cancel),
      work_(std::move(work)),
      places_(static_cast<size_t>(options.max_ahead)),
      end_(num_items) {}

absl::StatusOr<std::unique_ptr<OrderedWork>> OrderedWork::Start(int64_t num_items,
                                                                const PrefetchOptions& options,
                                                                Work work) {
  auto made = absl::WrapUnique(new OrderedWork(num_items, options, std::move(work)));
  const int64_t useful = std::min({num_items, options.max_ahead, int64_t{options.num_threads}});
  MD2_RETURN_IF_ERROR(made->StartThreads(static_cast<int>(useful)));
  return made;
}

absl::Status OrderedWork::StartThreads(int num_threads) {
  threads_.reserve(static_cast<size_t>(num_threads));
  while (threads_.size() < static_cast<size_t>(num_threads)) {
    absl::StatusOr<std::thread> thread = base::StartThread([this] { Run(); });
    if (!thread.ok()) return threads_.empty() ? thread.status() : absl::OkStatus();
    threads_.push_back(*std::move(thread));
  }
  return absl::OkStatus();
}

OrderedWork::~OrderedWork() {
  {
    base::MutexLock lock(mutex_);
    end_ = 0;
    room_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void OrderedWork::Run() {
  for (int64_t item = Claim(); item != kNone; item = Claim()) Finish(item, WorkOn(item));
}

absl::Status OrderedWork::WorkOn(int64_t item) const {
  try {
    return work_(item);
  } catch (const std::bad_alloc&) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                           "memory ran out while items were made ahead of their use; use fewer "
                           "threads or a larger machine");
  }
}

int64_t OrderedWork::Claim() {
  base::MutexLock lock(mutex_);
  while (next_claimed_ < end_ && next_claimed_ - next_released_ >= max_ahead_) room_.Wait(mutex_);
  if (cancel_.cancelled()) {
    end_ = std::min(end_, next_claimed_);
    room_.SignalAll();
    done_.SignalAll();
  }
  return next_claimed_ < end_ ? next_claimed_++ : kNone;
}

void OrderedWork::Finish(int64_t item, absl::Status status) {
  base::MutexLock lock(mutex_);
  if (!status.ok()) {
    end_ = std::min(end_, item + 1);
    room_.SignalAll();
  }
  PlaceOf(item) = {true, std::move(status)};
  done_.SignalAll();
}

absl::Status OrderedWork::AwaitNext() {
  base::MutexLock lock(mutex_);
  // An item that is neither done nor claimed yet has room, so some thread comes by and looks at the
  // token, too.
  while (!cancel_.cancelled() && !PlaceOf(next_released_).is_done) done_.Wait(mutex_);
  MD2_RETURN_IF_ERROR(cancel_.ToStatus());
  return PlaceOf(next_released_).status;
}

void OrderedWork::Release() {
  base::MutexLock lock(mutex_);
  PlaceOf(next_released_).is_done = false;
  ++next_released_;
  room_.Signal();
}

}  // namespace md2::data
