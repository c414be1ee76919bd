#include "server/worker/interrupt.h"

#include <csignal>

#include "gtest/gtest.h"

namespace md2::worker {
namespace {

TEST(InterruptDeathTest, TheFirstSignalCancelsAndTheSecondEndsTheProcess) {
  const auto twice = [](int signal) {
    const base::CancelToken token = CatchInterrupt();
    std::raise(signal);
    if (token.cancelled() && CatchInterrupt().cancelled()) std::raise(signal);
  };
  EXPECT_EXIT(twice(SIGINT), ::testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(twice(SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace md2::worker
