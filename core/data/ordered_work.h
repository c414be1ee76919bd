// Defines OrderedWork, items worked on by several threads and taken in order.

#ifndef MD2_CORE_DATA_ORDERED_WORK_H_
#define MD2_CORE_DATA_ORDERED_WORK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/cancel.h"
#include "core/base/mutex.h"

namespace md2::data {

struct PrefetchOptions {
  int num_threads = 2;       // at least 1
  int64_t max_ahead = 8;     // items being worked on, done or in use at a time; at least 1
  base::CancelToken cancel;  // looked at before each item, and by AwaitNext
};

// Threads call a function for the items 0 .. num_items - 1, at most max_ahead of them beyond those
// that were released. The function is called by several threads at once; it must throw nothing but
// std::bad_alloc, which becomes its item's OUT_OF_MEMORY; what it uses must outlive this object.
// Owns its threads; destroying it waits for the items that are being worked on and begins no
// others. AwaitNext and Release are for one thread at a time.
class OrderedWork {
 public:
  using Work = std::function<absl::Status(int64_t item)>;

  // OUT_OF_MEMORY (ResourceExhausted) when no thread can be started; with one or more it goes on.
  static absl::StatusOr<std::unique_ptr<OrderedWork>> Start(int64_t num_items,
                                                            const PrefetchOptions& options,
                                                            Work work);
  ~OrderedWork();

  // Blocks until the first item that was not released is done, and returns what the function did;
  // what it wrote is visible then. Once an item failed, its error comes again each time, and no
  // item after it is begun. CANCELLED (Cancelled) once the token is cancelled, after at most the
  // items that are being worked on. REQUIRES: not all items are released.
  absl::Status AwaitNext();

  // The item that AwaitNext found good is no longer in use.
  void Release();

 private:
  // What happens to the item in a place of the ring.
  struct Place {
    bool is_done = false;
    absl::Status status;
  };

  OrderedWork(int64_t num_items, const PrefetchOptions& options, Work work);

  absl::Status StartThreads(int num_threads);
  void Run();
  absl::Status WorkOn(int64_t item) const;
  // The next item to work on, waiting for room; none, a negative number, when there is no more.
  int64_t Claim() ABSL_LOCKS_EXCLUDED(mutex_);
  void Finish(int64_t item, absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  Place& PlaceOf(int64_t item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return places_[static_cast<size_t>(item % max_ahead_)];
  }

  const int64_t max_ahead_;
  const base::CancelToken cancel_;
  const Work work_;

  base::Mutex mutex_;
  base::CondVar room_;  // signalled when an item was released, or no more is to be claimed
  base::CondVar done_;  // signalled when an item is done, or a thread saw the cancellation
  std::vector<Place> places_ ABSL_GUARDED_BY(mutex_);
  int64_t next_claimed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_released_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t end_ ABSL_GUARDED_BY(mutex_);  // items from here on are not begun

  std::vector<std::thread> threads_;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ORDERED_WORK_H_
