#include "server/worker/probe_command.h"

#include <cstring>
#include <memory>

#include "core/base/json.h"
#include "core/model/safetensors_reader.h"
#include "core/text/prompt.h"
#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/loaded_model.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/model_run.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;

class ProbeCommandTest : public ::testing::Test {
 protected:
  // `probe --model m` with one thread.
  Ran Probe(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"probe", "--model=m", "--threads=1", "--device=cpu"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  std::unique_ptr<model::SafetensorsReader> Open(const std::string& path) {
    auto reader = model::SafetensorsReader::OpenFile(run_.files, path);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return reader.ok() ? *std::move(reader) : nullptr;
  }

  template <typename Value>
  static std::vector<Value> Values(const model::SafetensorsReader& reader, const char* name) {
    const auto bytes = reader.Bytes(*reader.Find(name));
    std::vector<Value> values(bytes.size() / sizeof(Value));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  ModelRun run_;
};

TEST_F(ProbeCommandTest, WritesWhatTheModelSawAndComputed) {
  EXPECT_THAT(Probe({"--image=wide.png", "--tokens=1,2,3", "--out=p"}),
              Succeeded("out\tp\ncrops\t3x3x28x28\ntiles\t2\nvit\t3x4x24\nfeatures\t4x32\n"
                        "hidden\t8x32\nlast_logits\t600\n",
                        ""));
  const auto reader = Open("p");
  for (const model::TensorEntry& entry : reader->entries()) {
    EXPECT_EQ(entry.dtype, entry.name == "tiles" ? model::Dtype::kI64 : model::Dtype::kF32)
        << entry.name;
  }
  EXPECT_THAT(Values<int64_t>(*reader, "tiles"), ElementsAre(1, 2));
  MD2_ASSERT_OK_AND_ASSIGN(const LoadedModel model,
                           LoadModel(run_.files, {"m", "", false}, {"fp32", "cpu", 1}));
  MD2_ASSERT_OK_AND_ASSIGN(const image::Crops crops, LoadCrops(run_.files, "wide.png", model));
  EXPECT_EQ(Values<float>(*reader, "crops"), crops.pixels);
}

TEST_F(ProbeCommandTest, AnImageOfOneCropHasNoTiles) {
  ASSERT_EQ(Probe({"--image=small.png", "--tokens=1", "--out=p"}).exit_code, 0);
  EXPECT_THAT(Values<int64_t>(*Open("p"), "tiles"), ElementsAre(0, 0));
}

TEST_F(ProbeCommandTest, WithoutTokensTheImageIsTheLast) {
  const Ran ran = Probe({"--image=small.png", "--out=p", "-o", "json"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(base::Json::parse(ran.out), base::Json({{"out", "p"},
                                                    {"shapes",
                                                     {{"crops", {1, 3, 28, 28}},
                                                      {"tiles", {2}},
                                                      {"vit", {1, 4, 24}},
                                                      {"features", {4, 32}},
                                                      {"hidden", {5, 32}},
                                                      {"last_logits", {600}}}}}));
}

TEST_F(ProbeCommandTest, AQuestionIsAskedInItsTemplate) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                           text::Tokenizer::FromJson(TinyTokenizerJson(), "tiny"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto prompt,
                           text::BuildPrompt(*tokenizer, base::Revision::k2024_07_23, "Who?"));
  std::string tokens;
  for (const text::TokenId id : prompt) tokens += (tokens.empty() ? "" : ",") + std::to_string(id);
  ASSERT_EQ(Probe({"--image=small.png", "--question=Who?", "--out=a"}).exit_code, 0);
  ASSERT_EQ(Probe({"--image=small.png", "--tokens", tokens, "--out=b"}).exit_code, 0);
  EXPECT_EQ(run_.files.Get("a"), run_.files.Get("b"));
}

TEST_F(ProbeCommandTest, LogitsAreThoseThatAnswersAreMadeFrom) {
  ASSERT_EQ(Probe({"--image=wide.png", "--tokens=1,2,3", "--out=p"}).exit_code, 0);
  const std::vector<float> logits = Values<float>(*Open("p"), "last_logits");
  MD2_ASSERT_OK_AND_ASSIGN(const LoadedModel model,
                           LoadModel(run_.files, {"m", "", false}, {"fp32", "cpu", 1}));
  MD2_ASSERT_OK_AND_ASSIGN(const image::Crops crops, LoadCrops(run_.files, "wide.png", model));
  MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features, model.moondream->EncodeImage(crops));
  MD2_ASSERT_OK_AND_ASSIGN(
      const model::FirstReading reading,
      model.moondream->Read(features, model::AttentionKind::kCausal, {{{1, 2, 3}}, 1}));
  const at::Tensor expected = reading.sessions[0].logits();
  for (size_t i = 0; i < logits.size(); ++i) {
    EXPECT_NEAR(logits[i], expected.const_data_ptr<float>()[i], 1e-5) << i;
  }
}

TEST_F(ProbeCommandTest, AttentionChangesTheImageAndWhatFollows) {
  ASSERT_EQ(Probe({"--image=wide.png", "--tokens=1", "--out=causal"}).exit_code, 0);
  ASSERT_EQ(
      Probe({"--image=wide.png", "--tokens=1", "--attention=prefix", "--out=prefix"}).exit_code, 0);
  const auto causal = Open("causal");
  const auto prefix = Open("prefix");
  EXPECT_EQ(Values<float>(*causal, "features"), Values<float>(*prefix, "features"));
  EXPECT_NE(Values<float>(*causal, "hidden"), Values<float>(*prefix, "hidden"));
}

TEST_F(ProbeCommandTest, OtherPrecisionsAreWrittenAsFloat32) {
  ASSERT_EQ(Probe({"--image=wide.png", "--tokens=1", "--out=fp32"}).exit_code, 0);
  const std::vector<float> exact = Values<float>(*Open("fp32"), "hidden");
  for (const char* precision : {"bf16", "fp16"}) {
    ASSERT_EQ(
        Probe({"--image=wide.png", "--tokens=1", "--precision", precision, "--out=half"}).exit_code,
        0);
    const std::vector<float> rough = Values<float>(*Open("half"), "hidden");
    ASSERT_EQ(rough.size(), exact.size());
    EXPECT_NE(rough, exact);
    for (size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(rough[i], exact[i], 0.1);
  }
}

TEST_F(ProbeCommandTest, OnlyAQuestionNeedsTheTokenizer) {
  ASSERT_TRUE(run_.files.RemoveFile("m/tokenizer.json").ok());
  EXPECT_EQ(Probe({"--image=wide.png", "--tokens=1", "--out=p"}).exit_code, 0);
  EXPECT_THAT(Probe({"--image=wide.png", "--question=Who?", "--out=p"}),
              Failed(5, "cannot open for reading, no such file or folder: m/tokenizer.json"));
}

TEST_F(ProbeCommandTest, WhatTheModelCannotReadIsRefused) {
  EXPECT_THAT(Probe({"--image=wide.png", "--tokens=1,600", "--out=p"}),
              Failed(3,
                     "expected token ids from 0 to 599, the rows of the model's vocabulary, "
                     "found 600"));
  std::string many = "1";
  for (int i = 1; i < 60; ++i) many += ",1";
  EXPECT_THAT(Probe({"--image=wide.png", "--tokens", many, "--out=p"}),
              Failed(3, "expected at most 59 tokens after the image, found 60"));
  EXPECT_THAT(Probe({"--image=none.png", "--out=p"}),
              Failed(5, "cannot open for reading, no such file or folder: none.png"));
  EXPECT_FALSE(run_.files.Get("p").has_value());
}

TEST_F(ProbeCommandTest, QuestionAndTokensExcludeEachOther) {
  EXPECT_THAT(
      Probe({"--question=Who?", "--tokens=1,x"}),
      Failed(3,
             "command line of \"probe\" that cannot be used (its --help says what can):\n"
             "  tokens: expected token ids with commas between, such as 1,2,3, found \"1,x\" in "
             "flag --tokens\n"
             "  image: expected --image FILE or the variable MD2_IMAGE, found none\n"
             "  out: expected --out FILE or the variable MD2_OUT, found none\n"
             "  question: expected either --question or --tokens, found both"));
}

TEST_F(ProbeCommandTest, AnInterruptedProbeLeavesNoFile) {
  run_.interrupt.Cancel();
  EXPECT_THAT(Probe({"--image=wide.png", "--tokens=1", "--out=p"}), Failed(2, "cancelled"));
  EXPECT_FALSE(run_.files.Get("p").has_value());
}

}  // namespace
}  // namespace md2::worker
