#include "core/base/error.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using testing::HasReason;
using testing::StatusIs;

TEST(MakeError, CarriesCodeReasonAndText) {
  const absl::Status status =
      MakeError(StatusCode::kNotFound, Reason::kFileNotFound, "expected a file");
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound, "expected a file"));
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
}

TEST(ReasonName, IsTheConstantInCapitalsAndUnique) {
  EXPECT_EQ(ReasonName(Reason::kUnknown), "UNKNOWN");
  EXPECT_EQ(ReasonName(Reason::kFileTooLarge), "FILE_TOO_LARGE");
  EXPECT_EQ(ReasonName(Reason::kFileTruncated), "FILE_TRUNCATED");
  EXPECT_EQ(ReasonName(Reason::kTokenizerInvalid), "TOKENIZER_INVALID");
  EXPECT_EQ(ReasonName(Reason::kInternal), "INTERNAL");
  std::set<std::string> names;
  const int last = static_cast<int>(Reason::kInternal);
  for (int i = 0; i <= last; ++i) names.emplace(ReasonName(static_cast<Reason>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(last) + 1);
}

TEST(ReasonOf, FindsEveryReasonAgain) {
  for (int i = 0; i <= static_cast<int>(Reason::kInternal); ++i) {
    const Reason reason = static_cast<Reason>(i);
    EXPECT_THAT(MakeError(StatusCode::kUnknown, reason, ""), HasReason(reason));
  }
}

TEST(ReasonOf, IsUnknownWithoutAReason) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), Reason::kUnknown);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("plain")), Reason::kUnknown);
}

TEST(WithContext, KeepsCodeAndReason) {
  const absl::Status status =
      WithContext(MakeError(StatusCode::kNotFound, Reason::kFileNotFound, "no file"), "row 3");
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound, "row 3: no file"));
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
}

TEST(WithContext, LeavesOkAlone) { EXPECT_TRUE(WithContext(absl::OkStatus(), "row 3").ok()); }

TEST(ErrorList, IsOkWhenEmpty) {
  const ErrorList problems;
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(problems.ToStatus(StatusCode::kInvalidArgument, Reason::kUnknown, "x").ok());
}

TEST(ErrorList, NamesEachProblemOnItsLine) {
  ErrorList problems;
  problems.Add("missing a");
  problems.Add("surplus b");
  const absl::Status status =
      problems.ToStatus(StatusCode::kInvalidArgument, Reason::kModelWeightsInvalid, "weights");
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, "weights:\n  missing a\n  surplus b"));
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
}

TEST(ErrorList, SetsInTheLinesOfAnErrorThatIsOneProblem) {
  ErrorList inner;
  inner.Add("missing a");
  ErrorList outer;
  outer.Add(inner.ToStatus(StatusCode::kNotFound, Reason::kFileNotFound, "one file"));
  outer.Add("no other");
  EXPECT_EQ(outer.size(), 2u);
  EXPECT_EQ(outer.ToStatus(StatusCode::kUnknown, Reason::kUnknown, "found").message(),
            "found:\n  one file:\n    missing a\n  no other");
}

TEST(ErrorList, CountsWhatItDoesNotShow) {
  ErrorList problems(/*max_shown=*/1);
  for (int i = 0; i < 3; ++i) problems.Add("p" + std::to_string(i));
  EXPECT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems.ToStatus(StatusCode::kUnknown, Reason::kUnknown, "found").message(),
            "found:\n  p0\n  and 2 more");
}

TEST(ExitCodeOf, FollowsTheTable) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::UnknownError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::OutOfRangeError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::AlreadyExistsError("")), 6);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 6);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), 6);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 7);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), 8);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 9);
}

}  // namespace
}  // namespace md2::base
