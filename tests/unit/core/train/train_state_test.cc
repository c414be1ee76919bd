#include "core/train/train_state.h"

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using base::Json;
using base::Reason;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;

TEST(TrainStateTest, ReadingWhatWasWrittenGivesTheSameToTheLastBit) {
  EXPECT_THAT(ParseState(StateText(SomeState()), "state.json"), IsOkAndHolds(SomeState()));
  TrainState begin;
  EXPECT_THAT(ParseState(StateText(begin), "state.json"), IsOkAndHolds(begin));
}

TEST(TrainStateTest, EveryProblemIsNamed) {
  Json json = Json::parse(StateText(SomeState()));
  json["update"] = -1;
  json["best"]["value"] = nullptr;
  json["loss_scale"].erase("scale");
  json["version"] = 2;
  const absl::Status status = ParseState(json.dump(), "/c/state.json").status();
  EXPECT_THAT(status, HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(status, HasMessage("a state that this build cannot go on from, /c/state.json:\n"
                                 "  version: only 1 is supported, found 2\n"
                                 "  update: expected an integer from 0 up, found -1\n"
                                 "  loss_scale.scale: missing\n"
                                 "  best.value: expected a number, found null"));
  EXPECT_THAT(ParseState("{", "/c/state.json"), HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(ParseState("[]", "/c/state.json"),
              HasMessage(HasSubstr("the file: expected an object, found a list")));
}

}  // namespace
}  // namespace md2::train
