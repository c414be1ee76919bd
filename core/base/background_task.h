// Defines BackgroundTask, one piece of work at a time on a thread of its own.

#ifndef MD2_CORE_BASE_BACKGROUND_TASK_H_
#define MD2_CORE_BASE_BACKGROUND_TASK_H_

#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "core/base/mutex.h"
#include "core/base/start_thread.h"
#include "core/base/status_macros.h"

namespace md2::base {

// Owns its thread; destroying it waits for the work and drops the value. One thread at a time.
template <typename T>
class BackgroundTask {
 public:
  BackgroundTask() = default;
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;
  ~BackgroundTask() { Wait(); }

  // Calls `work` once, on a new thread; it must not throw. It is destroyed, with what it holds,
  // before Wait returns. The error of StartThread; `work` was not called then, and is gone.
  // REQUIRES: !is_pending().
  absl::Status Start(std::function<T()> work) {
    MD2_ASSIGN_OR_RETURN(thread_, StartThread([this, moved = std::move(work)] { Set(moved()); }));
    is_pending_ = true;
    return absl::OkStatus();
  }

  // Work was started, and its value not taken yet.
  bool is_pending() const { return is_pending_; }

  // Whether Take has a value without blocking for the work.
  bool IsDone() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return value_.has_value();
  }

  // Blocks until the work is done; nothing can cancel that. Does nothing when none is.
  void Wait() {
    if (thread_.joinable()) thread_.join();
  }

  // Waits, and gives the value. REQUIRES: is_pending().
  T Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    Wait();
    is_pending_ = false;
    MutexLock lock(mutex_);
    T value = *std::move(value_);
    value_.reset();
    return value;
  }

 private:
  void Set(T value) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    value_ = std::move(value);
  }

  bool is_pending_ = false;
  mutable Mutex mutex_;
  std::optional<T> value_ ABSL_GUARDED_BY(mutex_);  // while the work's value was not taken
  std::thread thread_;
};

}  // namespace md2::base

#endif  // MD2_CORE_BASE_BACKGROUND_TASK_H_
