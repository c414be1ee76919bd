#include "core/base/cancel.h"

#include <signal.h>

#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

TEST(CancelToken, IsNeverCancelledWithoutASource) {
  const CancelToken token;
  EXPECT_FALSE(token.cancelled());
  EXPECT_THAT(token.ToStatus(), IsOk());
}

TEST(CancelToken, SaysCancelledOnceItsSourceDid) {
  CancelSource source;
  const CancelToken before = source.token();
  EXPECT_THAT(before.ToStatus(), IsOk());
  source.Cancel();
  source.Cancel();
  EXPECT_TRUE(source.cancelled());
  for (const CancelToken& token : {before, source.token(), CancelToken(before)}) {
    EXPECT_TRUE(token.cancelled());
    EXPECT_THAT(token.ToStatus(), StatusIs(absl::StatusCode::kCancelled, "cancelled"));
    EXPECT_THAT(token.ToStatus(), HasReason(Reason::kCancelled));
  }
}

TEST(CancelToken, OutlivesItsSource) {
  std::optional<CancelSource> source(std::in_place);
  const CancelToken left = source->token();
  source.reset();
  EXPECT_FALSE(left.cancelled());
  source.emplace();
  const CancelToken cancelled = source->token();
  source->Cancel();
  source.reset();
  EXPECT_TRUE(cancelled.cancelled());
}

TEST(CancelToken, ShowsWhatWasWrittenBeforeCancel) {
  for (int round = 0; round < 200; ++round) {
    CancelSource source;
    int written = 0;  // plain on purpose: ThreadSanitizer checks the order
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([token = source.token(), &written, round] {
        while (!token.cancelled()) std::this_thread::yield();
        EXPECT_EQ(written, round + 1);
      });
    }
    written = round + 1;
    source.Cancel();
    for (std::thread& reader : readers) reader.join();
  }
}

CancelSource* signalled_source = nullptr;

TEST(CancelSource, MayBeCancelledFromASignalHandler) {
  CancelSource source;
  signalled_source = &source;
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) { signalled_source->Cancel(); };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  ASSERT_EQ(::raise(SIGUSR1), 0);
  ASSERT_EQ(::sigaction(SIGUSR1, &before, nullptr), 0);
  EXPECT_TRUE(source.token().cancelled());
}

}  // namespace
}  // namespace md2::base
