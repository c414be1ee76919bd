#include "core/model/config.h"

#include <string>

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
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::TinySizes;

void ExpectError(absl::string_view text, Reason reason, const std::string& message) {
  const absl::Status status = ParseModelConfig(text, "m/config.json").status();
  EXPECT_THAT(status, HasReason(reason));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, message));
}

TEST(ParseModelConfigTest, ThePublishedFileMeansTheRealSizes) {
  MD2_ASSERT_OK_AND_ASSIGN(
      const ModelConfig config,
      ParseModelConfig(R"({"architectures": ["Moondream"], "model_type": "moondream1",
                           "text_config": {"model_type": "phi"}, "torch_dtype": "float16"})",
                       "m/config.json"));
  EXPECT_EQ(config.sizes, RealSizes());
  EXPECT_FALSE(config.sizes_from_config);
  EXPECT_EQ(config.document.at("torch_dtype"), "float16");
}

TEST(ParseModelConfigTest, SizesOfTheFileWinOverTheBuiltInOnes) {
  const Json file = {{"model_type", "moondream1"}, {"md2_sizes", SizesToJson(TinySizes())}};
  MD2_ASSERT_OK_AND_ASSIGN(const ModelConfig config, ParseModelConfig(file.dump(), "c"));
  EXPECT_EQ(config.sizes, TinySizes());
  EXPECT_TRUE(config.sizes_from_config);
}

TEST(ParseModelConfigTest, SizesOfTheFileNeedNoModelType) {
  const Json file = {{"md2_sizes", SizesToJson(TinySizes())}};
  MD2_ASSERT_OK_AND_ASSIGN(const ModelConfig config, ParseModelConfig(file.dump(), "c"));
  EXPECT_EQ(config.sizes, TinySizes());
}

TEST(ParseModelConfigTest, WithoutAKnownRevisionItIsRefused) {
  const std::string expected =
      "no known revision: expected model_type \"moondream1\", or the sizes of the model as "
      "md2_sizes, found ";
  ExpectError("{}", Reason::kModelConfigInvalid, expected + "no model_type: m/config.json");
  ExpectError(R"({"model_type": "phi\n"})", Reason::kModelConfigInvalid,
              expected + "model_type \"phi\\n\": m/config.json");
  ExpectError(R"({"model_type": 1})", Reason::kModelConfigInvalid,
              expected + "a model_type that is no string: m/config.json");
}

TEST(ParseModelConfigTest, BadSizesAreNamedAllAtOnce) {
  Json file = {{"md2_sizes", SizesToJson(TinySizes())}};
  file["md2_sizes"]["text"].erase("dim");
  file["md2_sizes"]["eos_id"] = "x";
  ExpectError(file.dump(), Reason::kModelConfigInvalid,
              "invalid sizes in md2_sizes of m/config.json:\n  missing key: \"text.dim\"\n  "
              "eos_id: expected an integer, found a string");
  ExpectError(R"({"md2_sizes": null, "model_type": "moondream1"})", Reason::kModelConfigInvalid,
              "invalid sizes in md2_sizes of m/config.json:\n  expected an object, found null");
}

TEST(ParseModelConfigTest, SaysHowTheModelMustBeAsked) {
  const auto usual = ParseModelConfig(R"({"model_type":"moondream1"})", "c");
  ASSERT_THAT(usual, IsOk());
  EXPECT_TRUE(usual->tiles);
  EXPECT_FALSE(usual->prefix_attention);
  const auto other =
      ParseModelConfig(R"({"model_type":"moondream1","tiles":"off","attention":"prefix"})", "c");
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE(other->tiles);
  EXPECT_TRUE(other->prefix_attention);
  EXPECT_THAT(ParseModelConfig(R"({"model_type":"moondream1","tiles":false})", "c").status(),
              StatusIs(StatusCode::kInvalidArgument,
                       "tiles: expected \"auto\" or \"off\", found \"boolean\": c"));
}

TEST(ParseModelConfigTest, TextThatIsNoObjectIsRefused) {
  ExpectError("[]", Reason::kModelConfigInvalid,
              "expected a JSON object, found another value (array): m/config.json");
}

TEST(ParseModelConfigTest, JsonLimitsHold) {
  ExpectError(
      R"({"a": 1, "a": 2})", Reason::kJsonInvalid,
      "invalid JSON in m/config.json at byte 12: expected each key once in an object, found "
      "this one again: \"a\"");
  ExpectError("", Reason::kJsonInvalid,
              "invalid JSON in m/config.json at byte 0: syntax error while parsing value - "
              "unexpected end of input; expected '[', '{', or a literal");
  ExpectError(
      std::string(kMaxConfigBytes + 1, ' '), Reason::kJsonInvalid,
      "invalid JSON in m/config.json at byte 1048576: expected at most 1048576 bytes, found "
      "1048577");
  ExpectError(std::string(17, '['), Reason::kJsonInvalid,
              "invalid JSON in m/config.json at byte 17: expected at most 16 nested levels, found "
              "more");
  std::string many = "[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  ExpectError(many + "]", Reason::kJsonInvalid,
              "invalid JSON in m/config.json at byte 200001: expected at most 100000 values, found "
              "more");
}

TEST(ModelConfigTextTest, KeepsTheBaseAndReplacesItsSizes) {
  const Json base = {{"model_type", "moondream1"}, {"torch_dtype", "float16"}, {"md2_sizes", 1}};
  const std::string text = ModelConfigText(TinySizes(), base);
  EXPECT_EQ(text.back(), '\n');
  MD2_ASSERT_OK_AND_ASSIGN(const ModelConfig config, ParseModelConfig(text, "c"));
  EXPECT_EQ(config.sizes, TinySizes());
  EXPECT_EQ(config.document.at("torch_dtype"), "float16");
}

TEST(ModelConfigTextTest, WithoutABaseItHasModelTypeAndSizes) {
  const Json expected = {{"model_type", "moondream1"}, {"md2_sizes", SizesToJson(TinySizes())}};
  EXPECT_EQ(Json::parse(ModelConfigText(TinySizes(), nullptr)), expected);
}

TEST(ModelConfigTextTest, TheBasesModelTypeStays) {
  const Json written = Json::parse(ModelConfigText(TinySizes(), {{"model_type", "other"}}));
  EXPECT_EQ(written.at("model_type"), "other");
}

TEST(ParseSizesTextTest, TakesSizesBareOrInAConfig) {
  const Json sizes = SizesToJson(TinySizes());
  const Json config = {{"md2_sizes", sizes}};
  EXPECT_THAT(ParseSizesText(sizes.dump(), "s"), IsOkAndHolds(TinySizes()));
  EXPECT_THAT(ParseSizesText(config.dump(), "s"), IsOkAndHolds(TinySizes()));
}

TEST(ParseSizesTextTest, NeverMeansTheBuiltInSizes) {
  const absl::Status status = ParseSizesText(R"({"model_type": "moondream1"})", "s").status();
  EXPECT_THAT(status, HasReason(Reason::kModelConfigInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "invalid sizes in s:\n  missing key: \"vision\"\n  missing key: "
                               "\"projector_dim\"\n  missing key: \"text\"\n  missing key: "
                               "\"bos_id\"\n  missing key: \"eos_id\"\n  unknown key: "
                               "\"model_type\""));
}

}  // namespace
}  // namespace md2::model
