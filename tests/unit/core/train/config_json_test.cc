#include "core/train/config_json.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/train/config_fields.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using absl::StatusCode;
using base::Json;
using base::Reason;
using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

TEST(ConfigJsonTest, EveryFieldHasItsType) {
  TrainConfig config;
  config.learning_rate = 3e-6;
  const Json json = ConfigToJson(config);
  EXPECT_EQ(json.size(), ConfigFields().size());
  EXPECT_EQ(json["learning_rate"].dump(), "3e-06");
  EXPECT_EQ(json["grad_accum"].dump(), "\"auto\"");
  EXPECT_EQ(json["epochs"].dump(), "3");
  EXPECT_EQ(json["moment_bits"].dump(), "32");
  EXPECT_EQ(json["shuffle"].dump(), "true");
  EXPECT_EQ(json["method"].dump(), "\"full\"");
}

TEST(ConfigJsonTest, ReadBackIsEqual) {
  TrainConfig config;
  config.method = Method::kLora;
  config.learning_rate = 1.0 / 3;
  config.grad_accum = 16;
  config.shuffle = false;
  config.seed = INT64_MAX;
  config.eval_every = 0;
  config.moment_bits = 8;
  config.activation_checkpointing = ActivationCheckpointing::kSelective;
  EXPECT_THAT(ConfigFromJson(ConfigToJson(config), "config.json"), IsOkAndHolds(config));
  const std::string text = ConfigToJson(config).dump();
  MD2_ASSERT_OK_AND_ASSIGN(const Json parsed, base::ParseJson(text, {}, "config.json"));
  EXPECT_THAT(ConfigFromJson(parsed, "config.json"), IsOkAndHolds(config));
}

TEST(ConfigJsonTest, AWholeNumberIsARealOneToo) {
  Json json = ConfigToJson({});
  json["clip_norm"] = 2;
  TrainConfig expected;
  expected.clip_norm = 2;
  EXPECT_THAT(ConfigFromJson(json, "config.json"), IsOkAndHolds(expected));
}

TEST(ConfigJsonTest, NamesAllProblemsAtOnce) {
  Json json = ConfigToJson({});
  json.erase("epochs");
  json["epoch"] = 3;
  json["zzz"] = nullptr;
  json["learning_rate"] = -1;
  json["batch_size"] = "1";
  json["grad_accum"] = 1.5;
  json["shuffle"] = "yes";
  json["method"] = "all";
  json["seed"] = nullptr;
  const absl::StatusOr<TrainConfig> config = ConfigFromJson(json, "config.json");
  EXPECT_THAT(config,
              StatusIs(StatusCode::kInvalidArgument,
                       "hyperparameters that cannot be used in config.json:\n"
                       "  method: expected full or lora, found \"all\"\n"
                       "  missing key: \"epochs\"\n"
                       "  batch_size: expected a whole number from 1 to 65536, found \"1\"\n"
                       "  grad_accum: expected a whole number from 1 to 1000000, or auto, found "
                       "1.5\n"
                       "  learning_rate: expected a number above 0 and up to 1, or auto, found -1\n"
                       "  shuffle: expected true or false, found \"yes\"\n"
                       "  seed: expected a whole number from 0 up, found null\n"
                       "  unknown key: \"epoch\"; did you mean epochs?\n"
                       "  unknown key: \"zzz\""));
  EXPECT_THAT(config, HasReason(Reason::kSettingInvalid));
}

TEST(ConfigJsonTest, ANumberBeyond64BitsIsOutOfRange) {
  Json json = ConfigToJson({});
  json["seed"] = UINT64_MAX;
  EXPECT_THAT(ConfigFromJson(json, "config.json"),
              StatusIs(StatusCode::kInvalidArgument,
                       "hyperparameters that cannot be used in config.json:\n"
                       "  seed: expected a whole number from 0 up, found 18446744073709551615"));
}

TEST(ConfigJsonTest, OnlyAnObjectHoldsFields) {
  EXPECT_THAT(ConfigFromJson(Json::array(), "config.json"),
              StatusIs(StatusCode::kInvalidArgument,
                       "hyperparameters that cannot be used in config.json:\n"
                       "  expected an object, found array"));
}

}  // namespace
}  // namespace md2::train
