#include "core/train/run_identity.h"

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using absl::StatusCode;
using base::ErrorList;
using base::Json;
using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

absl::Status StatusOf(const ErrorList& problems) {
  return problems.ToStatus(StatusCode::kInvalidArgument, Reason::kCheckpointInvalid, "found");
}

TEST(RunIdentityTest, ReadingWhatWasWrittenGivesTheSame) {
  const RunIdentity run = SomeRun();
  ErrorList problems;
  const RunIdentity read =
      ReadIdentity(*base::ParseJson(IdentityToJson(run).dump(), {}, "it"), "run", problems);
  EXPECT_THAT(StatusOf(problems), IsOk());
  EXPECT_EQ(read, run);
}

TEST(RunIdentityTest, EveryProblemIsNamedWithItsPath) {
  Json json = IdentityToJson(SomeRun());
  json["base"]["sha256"] = 1;
  json["more"] = true;
  json.erase("data");
  json["config"].erase("epochs");
  ErrorList problems;
  ReadIdentity(json, "run", problems);
  EXPECT_THAT(StatusOf(problems), StatusIs(StatusCode::kInvalidArgument,
                                           "found:\n"
                                           "  run.base.sha256: expected a string, found 1\n"
                                           "  run.data: missing\n"
                                           "  hyperparameters that cannot be used in run.config:\n"
                                           "    missing key: \"epochs\"\n"
                                           "  run: unknown field \"more\" = true"));
}

TEST(CheckSameRunTest, FilesMayMoveAndFreeFieldsMayChange) {
  RunIdentity current = SomeRun();
  current.base.path = "/elsewhere/base";
  current.config.keep_last = 7;
  current.config.learning_rate = std::nullopt;  // auto: what was recorded is the choice
  EXPECT_THAT(CheckSameRun(SomeRun(), current), IsOk());
}

TEST(CheckSameRunTest, NamesEverythingThatDiffers) {
  RunIdentity current = SomeRun();
  current.base.sha256 = std::string(64, 'b');
  current.tokenizer.sha256 = std::string(64, 'c');
  current.data = {"/data/other.jsonl", std::string(64, 'd')};
  current.val = {};
  current.config.batch_size = 4;
  const absl::Status status = CheckSameRun(SomeRun(), current);
  EXPECT_THAT(status, HasReason(Reason::kRunChanged));
  EXPECT_THAT(
      status,
      StatusIs(StatusCode::kFailedPrecondition,
               "cannot go on with a run whose inputs changed (give those it began with, or begin "
               "anew in another output_dir):\n"
               "  the base model: begun with /models/base (SHA-256 111111111111...), found "
               "/models/base (SHA-256 bbbbbbbbbbbb...)\n"
               "  the tokenizer: begun with /models/base/tokenizer.json (SHA-256 222222222222...), "
               "found /models/base/tokenizer.json (SHA-256 cccccccccccc...)\n"
               "  the data: begun with /data/train.jsonl (SHA-256 333333333333...), found "
               "/data/other.jsonl (SHA-256 dddddddddddd...)\n"
               "  the validation data: begun with /data/val.jsonl (SHA-256 444444444444...), found "
               "none\n"
               "  batch_size: begun with 2, asked to go on with 4"));
}

}  // namespace
}  // namespace md2::train
