// Defines how work is asked to stop:
//   CancelSource   held by who may ask
//   CancelToken    given to the work, which looks at it between steps

#ifndef MD2_CORE_BASE_CANCEL_H_
#define MD2_CORE_BASE_CANCEL_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "core/base/error.h"

namespace md2::base {

// Copies look at the same source and may outlive it. Safe for concurrent use.
class CancelToken {
 public:
  // Never cancelled.
  CancelToken() = default;

  // One atomic load. What was written before Cancel is visible once this is true; it stays true.
  bool cancelled() const {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_acquire);
  }

  // OK, or CANCELLED (Cancelled).
  absl::Status ToStatus() const {
    if (!cancelled()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kCancelled, Reason::kCancelled, "cancelled");
  }

 private:
  friend class CancelSource;
  explicit CancelToken(std::shared_ptr<const std::atomic<bool>> cancelled)
      : cancelled_(std::move(cancelled)) {}

  std::shared_ptr<const std::atomic<bool>> cancelled_;
};

// Destroying it cancels nothing. Safe for concurrent use.
class CancelSource {
 public:
  CancelSource() : cancelled_(std::make_shared<std::atomic<bool>>(false)) {}
  CancelSource(const CancelSource&) = delete;
  CancelSource& operator=(const CancelSource&) = delete;

  // Cancels every token, past and future ones. May be called again, and from a signal handler.
  void Cancel() { cancelled_->store(true, std::memory_order_release); }

  bool cancelled() const { return cancelled_->load(std::memory_order_acquire); }
  CancelToken token() const { return CancelToken(cancelled_); }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers need it");
  const std::shared_ptr<std::atomic<bool>> cancelled_;
};

}  // namespace md2::base

#endif  // MD2_CORE_BASE_CANCEL_H_
