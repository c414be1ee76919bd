#include "core/base/background_task.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/gate.h"
#include "tests/testing/no_threads.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using testing::Gate;
using testing::HasReason;
using testing::IsOk;
using testing::NoThreads;

TEST(BackgroundTask, TheCallerGoesOnWhileItWorks) {
  Gate may_end;
  BackgroundTask<int> task;
  ASSERT_THAT(task.Start([&] {
    may_end.Wait();
    return 7;
  }),
              IsOk());
  EXPECT_TRUE(task.is_pending());
  EXPECT_FALSE(task.IsDone());
  may_end.Open();
  EXPECT_EQ(task.Take(), 7);
  EXPECT_FALSE(task.is_pending());
  EXPECT_FALSE(task.IsDone());
}

TEST(BackgroundTask, WorkThatIsDoneStaysPendingUntilItsValueIsTaken) {
  BackgroundTask<int> task;
  ASSERT_THAT(task.Start([] { return 7; }), IsOk());
  task.Wait();
  task.Wait();
  EXPECT_TRUE(task.is_pending());
  EXPECT_TRUE(task.IsDone());
  EXPECT_EQ(task.Take(), 7);
}

TEST(BackgroundTask, DoesOneAfterAnother) {
  BackgroundTask<std::unique_ptr<int>> task;
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(task.Start([i] { return std::make_unique<int>(i); }), IsOk());
    while (i % 2 == 0 && !task.IsDone()) std::this_thread::yield();
    EXPECT_EQ(*task.Take(), i);
  }
}

TEST(BackgroundTask, WhatTheWorkHoldsIsGivenBackBeforeWaitReturns) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  BackgroundTask<int> task;
  ASSERT_THAT(task.Start([held = std::move(held)] { return *held; }), IsOk());
  task.Wait();
  EXPECT_TRUE(watched.expired());
}

TEST(BackgroundTask, DestructionWaitsForTheWork) {
  std::atomic<bool> is_done{false};
  Gate may_end;
  {
    BackgroundTask<int> task;
    ASSERT_THAT(task.Start([&] {
      may_end.Wait();
      is_done.store(true);
      return 0;
    }),
                IsOk());
    may_end.Open();
  }
  EXPECT_TRUE(is_done.load());
}

TEST(BackgroundTask, AThreadThatCannotBeStartedIsAnError) {
  bool was_called = false;
  BackgroundTask<int> task;
  const auto work = [&] {
    was_called = true;
    return 7;
  };
  {
    const NoThreads none;
    EXPECT_THAT(task.Start(work), HasReason(Reason::kOutOfMemory));
    EXPECT_FALSE(task.is_pending());
    EXPECT_FALSE(was_called);
  }
  ASSERT_THAT(task.Start(work), IsOk());
  EXPECT_EQ(task.Take(), 7);
}

}  // namespace
}  // namespace md2::base
