// The object `md2_sizes`; see sizes.h.

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/model/sizes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Json;
using base::Reason;
using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::TinySizes;

// The error of the tiny sizes' object after that change, with these lines after the heading.
void ExpectProblems(const std::function<void(Json&)>& change, const std::string& lines) {
  Json json = SizesToJson(TinySizes());
  change(json);
  const absl::Status status = SizesFromJson(json, "s.json").status();
  EXPECT_THAT(status, HasReason(Reason::kModelConfigInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, "invalid sizes in s.json:" + lines));
}

TEST(SizesJsonTest, WritesTheKeysOfTheReference) {
  EXPECT_EQ(SizesToJson(TinySizes()), Json::parse(R"({
    "vision": {"dim": 6, "depth": 1, "heads": 3, "mlp_dim": 10, "patch": 2, "crop": 4, "eps": 1e-05},
    "projector_dim": 9,
    "text": {"dim": 8, "layers": 2, "heads": 2, "mlp_dim": 12, "vocab": 11, "max_positions": 16,
             "rotary_dim": 4, "rotary_theta": 10000.0, "eps": 1e-05},
    "bos_id": 7, "eos_id": 10})"));
}

TEST(SizesJsonTest, RoundTripsThroughText) {
  Sizes odd = TinySizes();
  odd.vision.eps = 0.1 + 0.2;
  odd.text.rotary_theta = 1.0 / 3;
  for (const Sizes& sizes : {RealSizes(), TinySizes(), odd}) {
    EXPECT_THAT(SizesFromJson(Json::parse(SizesToJson(sizes).dump()), "s.json"),
                IsOkAndHolds(sizes));
  }
}

TEST(SizesJsonTest, ARealMayBeWrittenAsAnInteger) {
  Json json = SizesToJson(TinySizes());
  json["text"]["rotary_theta"] = 500;
  MD2_ASSERT_OK_AND_ASSIGN(const Sizes sizes, SizesFromJson(json, "s.json"));
  EXPECT_EQ(sizes.text.rotary_theta, 500.0);
}

TEST(SizesJsonTest, EveryKeyIsNeeded) {
  const Json whole = SizesToJson(TinySizes());
  for (const auto& outer : whole.items()) {
    const std::string& key = outer.key();
    ExpectProblems([&key](Json& json) { json.erase(key); },
                   absl::StrCat("\n  missing key: \"", key, "\""));
    if (!outer.value().is_object()) continue;
    for (const auto& inner : outer.value().items()) {
      ExpectProblems([&key, &inner](Json& json) { json[key].erase(inner.key()); },
                     absl::StrCat("\n  missing key: \"", key, ".", inner.key(), "\""));
    }
  }
}

TEST(SizesJsonTest, MissingUnknownAndMistypedKeysAreNamedAtOnce) {
  ExpectProblems(
      [](Json& json) {
        json["vision"]["dim"] = "6";
        json["vision"]["depth"] = 1.0;
        json["vision"].erase("crop");
        json["vision"]["Crop"] = 4;
        json["projector_dim"] = nullptr;
        json["text"]["heads"] = Json::array();
        json["text"]["layers"] = Json::object();
        json["text"]["vocab"] = uint64_t{1} << 63;
        json["text"]["eps"] = true;
        json.erase("bos_id");
        json["surprise\n"] = 1;
      },
      "\n  vision.dim: expected an integer, found a string"
      "\n  vision.depth: expected an integer, found 1.0"
      "\n  missing key: \"vision.crop\""
      "\n  unknown key: \"vision.Crop\""
      "\n  projector_dim: expected an integer, found null"
      "\n  text.layers: expected an integer, found an object"
      "\n  text.heads: expected an integer, found a list"
      "\n  text.vocab: expected an integer, found 9223372036854775808"
      "\n  text.eps: expected a number, found true"
      "\n  missing key: \"bos_id\""
      "\n  unknown key: \"surprise\\n\"");
}

TEST(SizesJsonTest, SectionsAreObjects) {
  ExpectProblems(
      [](Json& json) {
        json["vision"] = 3;
        json["text"] = "x";
      },
      "\n  vision: expected an object, found 3\n  text: expected an object, found a string");
  ExpectProblems([](Json& json) { json = Json::array(); }, "\n  expected an object, found a list");
}

TEST(SizesJsonTest, WhatValidateSizesFindsIsNamedAtOnce) {
  ExpectProblems(
      [](Json& json) {
        json["vision"]["heads"] = 4;
        json["text"]["vocab"] = 0;
        json["projector_dim"] = -9;
      },
      "\n  projector_dim: expected 1 to 262144, found -9"
      "\n  text.vocab: expected 1 to 4194304, found 0"
      "\n  vision.dim: expected a multiple of vision.heads, which is 4, found 6");
}

}  // namespace
}  // namespace md2::model
