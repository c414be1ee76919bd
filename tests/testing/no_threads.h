// Defines NoThreads, during whose life no thread can be started.

#ifndef MD2_TESTS_TESTING_NO_THREADS_H_
#define MD2_TESTS_TESTING_NO_THREADS_H_

#include <pthread.h>

#include <cstddef>

#include "gtest/gtest.h"

namespace md2::testing {

// Makes every new thread of the process ask for a stack that no address space holds. Threads that
// run go on. One at a time.
class NoThreads {
 public:
  NoThreads() {
    EXPECT_EQ(pthread_getattr_default_np(&usual_), 0);
    pthread_attr_t huge = usual_;
    EXPECT_EQ(pthread_attr_setstacksize(&huge, size_t{1} << 60), 0);
    EXPECT_EQ(pthread_setattr_default_np(&huge), 0);
  }
  ~NoThreads() { EXPECT_EQ(pthread_setattr_default_np(&usual_), 0); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_NO_THREADS_H_
