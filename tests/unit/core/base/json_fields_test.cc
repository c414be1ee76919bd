#include "core/base/json_fields.h"

#include <string>

#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using testing::HasMessage;

absl::Status StatusOf(const ErrorList& problems) {
  return problems.ToStatus(absl::StatusCode::kInvalidArgument, Reason::kJsonInvalid, "found");
}

TEST(FieldReader, ReadsWhatIsThere) {
  const Json json = {{"n", 3}, {"x", 0.5}, {"s", "abc"}, {"b", true}, {"i", uint64_t{7}}};
  ErrorList problems;
  FieldReader fields(json, "state", problems);
  EXPECT_EQ(fields.RequiredCount("n"), 3);
  EXPECT_EQ(fields.RequiredCount("i"), 7);
  EXPECT_EQ(fields.RequiredNumber("x"), 0.5);
  EXPECT_EQ(fields.RequiredNumber("n"), 3.0);
  EXPECT_EQ(fields.RequiredString("s"), "abc");
  EXPECT_TRUE(fields.Boolean("b", false));
  EXPECT_EQ(fields.Optional("none"), nullptr);
  fields.RefuseOthers();
  EXPECT_TRUE(problems.empty());
}

TEST(FieldReader, NamesEveryProblemWithItsPath) {
  const Json json = {{"n", -3}, {"big", uint64_t{1} << 63}, {"x", "1"}, {"more", nullptr}};
  ErrorList problems;
  FieldReader fields(json, "state", problems);
  EXPECT_EQ(fields.RequiredCount("n"), 0);
  EXPECT_EQ(fields.RequiredCount("big"), 0);
  EXPECT_EQ(fields.RequiredNumber("x"), 0);
  EXPECT_EQ(fields.RequiredString("s"), "");
  fields.RefuseOthers();
  EXPECT_THAT(StatusOf(problems),
              HasMessage("found:\n"
                         "  state.n: expected an integer from 0 up, found -3\n"
                         "  state.big: expected an integer from 0 up, found 9223372036854775808\n"
                         "  state.x: expected a number, found \"1\"\n"
                         "  state.s: missing\n"
                         "  state: unknown field \"more\" = null"));
}

}  // namespace
}  // namespace md2::base
