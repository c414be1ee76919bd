#include "server/worker/datagen_model_command.h"

#include "core/base/json.h"
#include "core/model/sizes.h"
#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/byte_tokenizer.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatagenModelCommandTest : public ::testing::Test {
 protected:
  DatagenModelCommandTest() : run_({DatagenModelCommand()}) {
    run_.files.Put("tiny.json", model::SizesToJson(WorkerModelSizes()).dump());
    run_.files.Put("tokenizer.json", TinyTokenizerJson());
  }

  Ran Datagen(const std::string& out, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"datagen", "model", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  std::string Weights(const std::string& folder) {
    return run_.files.Get(folder + "/model.safetensors").value_or("none");
  }

  WorkerRun run_;
};

TEST_F(DatagenModelCommandTest, WritesAFolderAndSaysWhatItHolds) {
  const Ran ran = Datagen("m", {"--sizes", "tiny.json", "--tokenizer", "tokenizer.json"});
  EXPECT_THAT(ran, Succeeded(HasSubstr("dtype\tf16\n"), ""));
  EXPECT_EQ(run_.files.Get("m/tokenizer.json"), TinyTokenizerJson());
  const base::Json config = base::Json::parse(run_.files.Get("m/config.json").value_or(""));
  EXPECT_EQ(config["md2_sizes"], model::SizesToJson(WorkerModelSizes()));
}

TEST_F(DatagenModelCommandTest, WeightsFollowFromSeedAndDtypeNotFromThreads) {
  for (const char* threads : {"1", "3"}) {
    EXPECT_EQ(
        Datagen(std::string("m") + threads, {"--sizes=tiny.json", "--seed=5", "--threads", threads})
            .exit_code,
        0);
  }
  EXPECT_EQ(Datagen("other", {"--sizes=tiny.json", "--seed=6"}).exit_code, 0);
  EXPECT_EQ(Datagen("wide", {"--sizes=tiny.json", "--seed=5", "--dtype=f32"}).exit_code, 0);
  EXPECT_EQ(Weights("m1"), Weights("m3"));
  EXPECT_NE(Weights("m1"), Weights("other"));
  EXPECT_GT(Weights("wide").size(), Weights("m1").size());
}

TEST_F(DatagenModelCommandTest, ConfigOfAnotherModelGivesItsSizes) {
  ASSERT_EQ(Datagen("m", {"--sizes=tiny.json"}).exit_code, 0);
  EXPECT_EQ(Datagen("twin", {"--sizes=m/config.json"}).exit_code, 0);
  EXPECT_EQ(Weights("m"), Weights("twin"));
}

TEST_F(DatagenModelCommandTest, NanoTakesItsVocabularyFromTheTokenizer) {
  const Ran ran = Datagen("m", {"--sizes=nano", "--tokenizer=tokenizer.json", "-o", "json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.notes;
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                           text::Tokenizer::FromJson(TinyTokenizerJson(), "tiny"));
  const base::Json report = base::Json::parse(ran.out);
  EXPECT_EQ(report["sizes"]["text"]["vocab"], tokenizer->num_ids());
  EXPECT_EQ(report["image_tokens"], 81);
}

TEST_F(DatagenModelCommandTest, WithoutATokenizerTheFolderGetsOneOfBytes) {
  const Ran ran = Datagen("m", {"--sizes=tiny.json"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.notes, "no --tokenizer: writing one of 256 bytes and <|endoftext|>\n");
  EXPECT_EQ(run_.files.Get("m/tokenizer.json"), ByteTokenizerJson());
}

TEST_F(DatagenModelCommandTest, WhatIsNeitherNameNorFileIsRefused) {
  const Ran ran = Datagen("m", {"--sizes=reel", "--tokenizer=tokenizer.json"});
  EXPECT_THAT(ran, Failed(5,
                          "--sizes is none of real, middle and nano, and not a file of sizes: "
                          "cannot open for reading, no such file or folder: reel"));
}

TEST_F(DatagenModelCommandTest, ATokenizerLargerThanTheVocabularyIsRefused) {
  model::Sizes sizes = WorkerModelSizes();
  sizes.text.vocab = 100;
  run_.files.Put("small.json", model::SizesToJson(sizes).dump());
  EXPECT_THAT(Datagen("m", {"--sizes=small.json", "--tokenizer=tokenizer.json"}),
              Failed(3,
                     "expected a tokenizer of at most 100 ids, the vocabulary of small.json, "
                     "found one of 420; name another, or larger sizes: tokenizer.json"));
}

TEST_F(DatagenModelCommandTest, NanoNeedsAnEndOfText) {
  base::Json tokenizer = base::Json::parse(ByteTokenizerJson());
  tokenizer["added_tokens"] = base::Json::array();
  run_.files.Put("endless.json", tokenizer.dump());
  EXPECT_THAT(Datagen("m", {"--sizes=nano", "--tokenizer=endless.json"}),
              Failed(3,
                     "expected a tokenizer with the token <|endoftext|>, by which nano ends "
                     "answers, found none: endless.json"));
}

TEST_F(DatagenModelCommandTest, AModelIsNeverOverwritten) {
  ASSERT_EQ(Datagen("m", {"--sizes=tiny.json"}).exit_code, 0);
  EXPECT_THAT(Datagen("m", {"--sizes=tiny.json", "--tokenizer=tokenizer.json"}),
              Failed(6,
                     "expected a folder without a model, name another; found in m:\n"
                     "  model.safetensors\n"
                     "  tokenizer.json\n"
                     "  config.json"));
}

TEST_F(DatagenModelCommandTest, AFullDiskLeavesNothingBehind) {
  run_.files.SetCapacity(60'000);
  const Ran ran = Datagen("m", {"--sizes=tiny.json", "--tokenizer=tokenizer.json"});
  EXPECT_EQ(ran.exit_code, 8);
  EXPECT_THAT(run_.files.Files(), ElementsAre("/tiny.json", "/tokenizer.json"));
}

TEST_F(DatagenModelCommandTest, AnInterruptEndsItWithExitCode2AndLeavesNoFile) {
  run_.interrupt.Cancel();
  EXPECT_THAT(Datagen("m", {"--sizes=tiny.json", "--tokenizer=tokenizer.json"}),
              Failed(2, "cancelled"));
  EXPECT_THAT(run_.files.Files(), ElementsAre("/tiny.json", "/tokenizer.json"));
}

TEST_F(DatagenModelCommandTest, AllThatIsMissingIsNamed) {
  EXPECT_THAT(
      run_({"datagen", "model", "--seed=-1", "--dtype=bf16"}),
      Failed(3,
             "command line of \"datagen model\" that cannot be used (its --help says what can):\n"
             "  seed: expected a whole number from 0 up, found \"-1\" in flag --seed\n"
             "  dtype: expected f16 or f32, found \"bf16\" in flag --dtype\n"
             "  sizes: expected --sizes real|middle|nano|FILE or the variable MD2_SIZES, found "
             "none\n"
             "  out: expected --out DIR or the variable MD2_OUT, found none"));
  EXPECT_THAT(run_.files.Files(), ElementsAre("/tiny.json", "/tokenizer.json"));
}

}  // namespace
}  // namespace md2::worker
