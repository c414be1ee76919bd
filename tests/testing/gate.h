// Defines Gate, at which the threads of a test wait for each other.

#ifndef MD2_TESTS_TESTING_GATE_H_
#define MD2_TESTS_TESTING_GATE_H_

#include "absl/base/thread_annotations.h"
#include "core/base/mutex.h"

namespace md2::testing {

// Opens once, for all who wait. Safe for concurrent use.
class Gate {
 public:
  void Open() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    is_open_ = true;
    opened_.SignalAll();
  }

  void Wait() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    while (!is_open_) opened_.Wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar opened_;
  bool is_open_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_GATE_H_
