#include "core/model/weight_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::EndsWith;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using testing::TinySizes;

std::vector<TensorEntry> EntriesOf(const std::vector<WeightSpec>& table) {
  std::vector<TensorEntry> entries;
  for (const WeightSpec& spec : table) {
    entries.push_back({.name = spec.name, .dtype = Dtype::kF16, .shape = spec.shape});
  }
  return entries;
}

TEST(CheckWeightsTest, TakesWhatFitsInAnyOrderAndWeightDtype) {
  const std::vector<WeightSpec> table = WeightTable(TinySizes());
  std::vector<TensorEntry> entries = EntriesOf(table);
  std::swap(entries.front(), entries.back());
  entries[0].dtype = Dtype::kF32;
  entries[1].dtype = Dtype::kBF16;
  EXPECT_THAT(CheckWeights(entries, table, "m"), IsOk());
}

TEST(CheckWeightsTest, IgnoresTheRegionModel) {
  const std::vector<WeightSpec> table = WeightTable(TinySizes());
  std::vector<TensorEntry> entries = EntriesOf(table);
  entries.push_back({.name = "region_model.coordinate_encoder.weight", .shape = {1, 2, 3}});
  entries.push_back(
      {.name = "region_model.coordinate_encoder.weight", .dtype = Dtype::kI8, .shape = {}});
  EXPECT_THAT(CheckWeights(entries, table, "m"), IsOk());
}

TEST(CheckWeightsTest, OneErrorNamesMissingSurplusMisshapenMistypedAndTwice) {
  const std::vector<WeightSpec> table = {
      {"a", {2, 3}}, {"b", {4}}, {"c", {5}}, {"d", {6}}, {"e", {7}}};
  const std::vector<TensorEntry> entries = {{.name = "z\n", .shape = {9}},
                                            {.name = "a", .shape = {3, 2}},
                                            {.name = "c", .dtype = Dtype::kI32, .shape = {5}},
                                            {.name = "d", .shape = {6, 1}},
                                            {.name = "e", .shape = {7}},
                                            {.name = "e", .shape = {7}},
                                            {.name = "y", .shape = {}}};
  const absl::Status status = CheckWeights(entries, table, "m/");
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "tensors that do not fit the sizes of the model in m/:"
                               "\n  expected one tensor of a name, found two: \"e\""
                               "\n  misshapen: expected a [2, 3], found [3, 2]"
                               "\n  missing: expected b [4]"
                               "\n  wrong dtype: expected c as F32, F16 or BF16, found I32"
                               "\n  misshapen: expected d [6], found [6, 1]"
                               "\n  surplus: found \"y\" []"
                               "\n  surplus: found \"z\\n\" [9]"));
}

TEST(CheckWeightsTest, TheFirstFiftyProblemsAreWrittenOut) {
  const std::vector<WeightSpec> table = WeightTable(RealSizes());
  const absl::Status status = CheckWeights({}, table, "m");
  const std::string text(status.message());
  EXPECT_THAT(text, EndsWith("\n  and 528 more"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 51);
}

}  // namespace
}  // namespace md2::model
