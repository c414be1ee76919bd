#include "core/base/mutex.h"

#include <deque>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace md2::base {
namespace {

class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++count_;
  }
  int count() const {
    MutexLock lock(mutex_);
    return count_;
  }

 private:
  mutable Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(Mutex, LetsOneThreadInAtATime) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counter] {
      for (int j = 0; j < 10000; ++j) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.count(), 40000);
}

TEST(Mutex, TryLockFailsWhileAnotherThreadHoldsIt) {
  Mutex mutex;
  const auto try_elsewhere = [&mutex] {
    bool was_free = false;
    std::thread([&mutex, &was_free] {
      if (mutex.TryLock()) {
        was_free = true;
        mutex.Unlock();
      }
    }).join();
    return was_free;
  };
  {
    MutexLock lock(mutex);
    EXPECT_FALSE(try_elsewhere());
  }
  EXPECT_TRUE(try_elsewhere());
}

// A queue for one item; each side waits for the other.
class Handover {
 public:
  void Give(int item) {
    MutexLock lock(mutex_);
    while (has_item_) changed_.Wait(mutex_);
    item_ = item;
    has_item_ = true;
    changed_.SignalAll();
  }
  int Take() {
    MutexLock lock(mutex_);
    while (!has_item_) changed_.Wait(mutex_);
    has_item_ = false;
    changed_.SignalAll();
    return item_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool has_item_ ABSL_GUARDED_BY(mutex_) = false;
  int item_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(CondVar, WakesTheThreadThatWaitsForTheChange) {
  Handover handover;
  std::thread giver([&handover] {
    for (int i = 0; i < 1000; ++i) handover.Give(i);
  });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(handover.Take(), i);
  giver.join();
}

TEST(CondVar, WaitForEndsWithoutASignal) {
  Mutex mutex;
  CondVar changed;
  MutexLock lock(mutex);
  while (changed.WaitFor(mutex, absl::Milliseconds(1))) {
  }
  EXPECT_FALSE(changed.WaitFor(mutex, absl::ZeroDuration()));
}

TEST(CondVar, WaitForSeesASignalBeforeItsEnd) {
  Mutex mutex;
  CondVar changed;
  bool is_done = false;
  std::thread signaller([&] {
    MutexLock lock(mutex);
    is_done = true;
    changed.Signal();
  });
  {
    MutexLock lock(mutex);
    bool is_in_time = true;
    while (!is_done && is_in_time) is_in_time = changed.WaitFor(mutex, absl::Minutes(5));
    EXPECT_TRUE(is_done);
  }
  signaller.join();
}

}  // namespace
}  // namespace md2::base
