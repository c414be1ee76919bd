// Defines Prefetcher, values made ahead of their use by bounded threads.

#ifndef MD2_CORE_DATA_PREFETCH_H_
#define MD2_CORE_DATA_PREFETCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/base/status_macros.h"
#include "core/data/ordered_work.h"

namespace md2::data {

// Calls `make` for 0 .. num_items - 1 on threads of its own and gives the values in that order. At
// most max_ahead values are being made or waiting; the threads are OrderedWork's, and its rules for
// the function and for destruction hold. One thread at a time.
template <typename T>
class Prefetcher {
 public:
  using Make = std::function<absl::StatusOr<T>(int64_t item)>;

  // The errors of OrderedWork::Start.
  static absl::StatusOr<std::unique_ptr<Prefetcher>> Start(int64_t num_items,
                                                           const PrefetchOptions& options,
                                                           Make make) {
    std::unique_ptr<Prefetcher> made(new Prefetcher(num_items, options, std::move(make)));
    const auto fill = [prefetcher = made.get()](int64_t item) { return prefetcher->Fill(item); };
    MD2_ASSIGN_OR_RETURN(made->work_, OrderedWork::Start(num_items, options, fill));
    return made;
  }

  // The next value, nothing after the last one. Blocks until it is made. The first error in the
  // order of items comes at its item's turn, and from then on each time; so does CANCELLED once the
  // token is cancelled, whatever waits.
  absl::StatusOr<absl::optional<T>> Next() {
    if (next_ == num_items_) return absl::optional<T>();
    MD2_RETURN_IF_ERROR(work_->AwaitNext());
    absl::optional<T> value = std::move(ValueOf(next_));
    ValueOf(next_).reset();
    ++next_;
    work_->Release();
    return value;
  }

 private:
  Prefetcher(int64_t num_items, const PrefetchOptions& options, Make make)
      : num_items_(num_items),
        make_(std::move(make)),
        values_(static_cast<size_t>(options.max_ahead)) {}

  absl::Status Fill(int64_t item) {
    MD2_ASSIGN_OR_RETURN(ValueOf(item), make_(item));
    return absl::OkStatus();
  }

  // An item's place is touched by the thread that makes it, then by Next, then by the next maker;
  // OrderedWork keeps them apart.
  absl::optional<T>& ValueOf(int64_t item) {
    return values_[static_cast<size_t>(item) % values_.size()];
  }

  const int64_t num_items_;
  const Make make_;
  std::vector<absl::optional<T>> values_;
  int64_t next_ = 0;
  std::unique_ptr<OrderedWork> work_;  // last, so that its threads end first
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_PREFETCH_H_
