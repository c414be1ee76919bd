#include "server/worker/check_command.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/datagen_model_command.h"
#include "tests/unit/core/data/check_run.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

using absl::StrCat;
using base::Json;
using data::PictureOf;
using data::RowLine;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CheckCommandTest : public ::testing::Test {
 protected:
  CheckCommandTest()
      : run_({CheckCommand({[](train::ComputePrecision, int) { return 1e9; },
                            [this] { return available_bytes_; },
                            [this](const std::string& device) -> absl::StatusOr<bool> {
                              if (device != "cuda") return has_bf16_;
                              return base::MakeError(absl::StatusCode::kFailedPrecondition,
                                                     base::Reason::kDeviceUnavailable, "no GPU");
                            }}),
              DatagenModelCommand()}) {
    run_.files.Put("tiny.json", model::SizesToJson(WorkerModelSizes()).dump());
    run_.files.Put("tokenizer.json", TinyTokenizerJson());
    const Ran made = run_({"datagen", "model", "--sizes=tiny.json", "--tokenizer=tokenizer.json",
                           "--seed=3", "--dtype=f32", "--out=m"});
    EXPECT_EQ(made.exit_code, 0) << made.notes;
    for (const char name : {'a', 'b', 'c'}) {
      run_.files.Put(StrCat("d/", std::string(1, name), ".png"), PictureOf(20, 10, name));
    }
    run_.files.Put("d/train.jsonl", RowLine("a.png") + RowLine("b.png", "Why?", "so"));
    run_.files.Put("d/val.jsonl", RowLine("c.png"));
  }

  Ran Check(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"check", "--model=m", "--data=d/train.jsonl",
                                          "--threads=2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  Json CheckJson(std::vector<std::string> more = {}) {
    more.push_back("--output=json");
    const Ran ran = Check(more);
    return Json::parse(ran.out, nullptr, false);
  }

  uint64_t available_bytes_ = uint64_t{8} << 30;
  bool has_bf16_ = true;
  WorkerRun run_;
};

TEST_F(CheckCommandTest, TheReportHoldsWhatProgramsRelyOn) {
  const Json report = CheckJson({"--val=d/val.jsonl", "--grad-accum=1", "--epochs=5"});
  EXPECT_EQ(report["rows"], 2);
  EXPECT_EQ(report["train_rows"], 2);
  EXPECT_EQ(report["val_rows"], 1);
  EXPECT_EQ(report["errors"], Json::array());
  EXPECT_EQ(report["warnings"], Json::array());
  EXPECT_EQ(report["updates"], 10);
  EXPECT_EQ(report["images"], 3);
  EXPECT_GT(report["tokens"]["longest"], 0);
  EXPECT_GT(report["predicted"]["seconds"], 0.0);
  EXPECT_GT(report["predicted"]["peak_bytes"], 260'000'000);
  EXPECT_GT(report["predicted"]["disk_bytes"], 0);
  EXPECT_EQ(report["predicted"]["full"]["fits"], true);
  EXPECT_EQ(report["predicted"]["lora"]["fits"], true);
  EXPECT_EQ(report["config"]["grad_accum"], 1);
  EXPECT_EQ(report["config"]["precision"], "fp32");
  EXPECT_EQ(report["chosen"][0]["name"], "learning_rate");
}

TEST_F(CheckCommandTest, APipeGetsLines) {
  const Ran ran = Check();
  EXPECT_THAT(ran, Succeeded(AllOf(StartsWith("rows\t2\ntrain rows\t2\nval rows\t0\n"),
                                   HasSubstr("\nupdates\t6\n"),
                                   HasSubstr("\nmethod lora\t328 MB, fits into 8.59 GB\n")),
                             ""));
}

TEST_F(CheckCommandTest, ErrorsAreReportedAndEndWithBadInput) {
  run_.files.Put("d/train.jsonl", RowLine("a.png") + "{\"image\":\"b.png\"}\n");
  const Ran ran = Check();
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.out, HasSubstr("error\ttrain\t2\tquestion\texpected one of question, prompt, "
                                 "found none: add it\n"));
  EXPECT_EQ(ran.notes,
            "md2-worker: expected data without errors, found 2 in 1 rows, which the report names: "
            "mend them, or leave so many rows out with --skip-bad-rows: d/train.jsonl\n");
  const Json report = CheckJson();
  EXPECT_EQ(report["errors"][0]["row"], 2);
  EXPECT_EQ(report["errors"][0]["field"], "question");
  EXPECT_EQ(report["errors"][0]["data"], "train");
}

TEST_F(CheckCommandTest, ErrorsOfTheDataAsAWholeAreNoRowsToBeLeftOut) {
  const Ran ran = Check({"--val-split=0.001"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.out, HasSubstr("error\ttrain\t0\t\tval_split: expected rows on both sides, found "
                                 "none of 2 held out by 0.001: raise it, or name a validation "
                                 "file\n"));
  EXPECT_EQ(ran.notes,
            "md2-worker: expected data without errors, found 1, which the report names: "
            "d/train.jsonl\n");
}

TEST_F(CheckCommandTest, AValidationPictureThatIsTrainedOnIsNamedAsOneOfVal) {
  run_.files.Put("d/val.jsonl", RowLine("c.png") + RowLine("b.png", "Who?"));
  EXPECT_THAT(
      Check({"--val=d/val.jsonl"}),
      Succeeded(HasSubstr("\nwarning\tval\t2\timage\texpected a picture that is not trained "
                          "on, found that of row 2 of the training data: take it out of "
                          "one of the two, or the evaluation flatters\n"),
                ""));
}

TEST_F(CheckCommandTest, BadRowsThatAreAllowedAreWarnings) {
  run_.files.Put("d/train.jsonl", RowLine("a.png") + RowLine("none.png"));
  EXPECT_EQ(Check().exit_code, 3);
  const Json report = CheckJson({"--skip-bad-rows=1"});
  EXPECT_EQ(report["errors"], Json::array());
  EXPECT_THAT(report["warnings"][0]["message"].get<std::string>(),
              HasSubstr("left out, as skip_bad_rows allows"));
  EXPECT_EQ(report["train_rows"], 1);
}

TEST_F(CheckCommandTest, DataThatMakesNoUpdateIsAnErrorWithoutPrediction) {
  run_.files.Put("d/train.jsonl", "{}\n");
  const Json report = CheckJson({"--skip-bad-rows=1"});
  EXPECT_EQ(report["updates"], 0);
  EXPECT_TRUE(report["predicted"].is_null());
  EXPECT_EQ(report["errors"][0]["row"], 0);
  EXPECT_EQ(report["errors"][0]["message"],
            "expected at least one row to train on, found none among 1, so that no update would "
            "be made: mend the rows");
  EXPECT_EQ(Check({"--skip-bad-rows=1"}).exit_code, 3);
}

TEST_F(CheckCommandTest, ATerminalGetsWordsWithoutControlCharacters) {
  run_.out_is_terminal = true;
  run_.files.Put("d/train.jsonl", RowLine("a.png") + RowLine("\\u001b[31mx.png"));
  const Ran ran = Check();
  EXPECT_THAT(ran.out, HasSubstr("error: train row 2, image: cannot open for reading"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\033")));
}

TEST_F(CheckCommandTest, MemoryThatDoesNotSufficeIsSaidForBothMethods) {
  available_bytes_ = 1000;
  const Json report = CheckJson();
  EXPECT_EQ(report["predicted"]["fits"], false);
  EXPECT_EQ(report["predicted"]["full"]["fits"], false);
  available_bytes_ = 0;
  EXPECT_TRUE(CheckJson()["predicted"]["fits"].is_null());
}

TEST_F(CheckCommandTest, ADiskThatDoesNotSufficeIsSaid) {
  Json disk = CheckJson()["predicted"]["disk"];
  const uint64_t bytes = disk["output_dir"]["bytes"];
  EXPECT_EQ(bytes, disk["checkpoints"].get<uint64_t>() + disk["model"].get<uint64_t>() +
                       disk["features"].get<uint64_t>() + disk["beside"].get<uint64_t>());
  EXPECT_EQ(disk["output_dir"]["fits"], true);
  EXPECT_TRUE(disk["feature_dir"].is_null());
  run_.files.SetCapacity(run_.files.Get("m/model.safetensors")->size() + 1'000'000);
  disk = CheckJson()["predicted"]["disk"];
  EXPECT_EQ(disk["output_dir"]["fits"], false);
  EXPECT_LT(disk["output_dir"]["free_bytes"], 1'000'000);
  EXPECT_THAT(Check().out, ::testing::ContainsRegex("\ndisk of output_dir\t.* MB, does not fit "
                                                    "into .* kB\n"));
}

TEST_F(CheckCommandTest, FeaturesAreBoundedAsTheirStoreIs) {
  std::string rows;
  for (int i = 0; i < 2100; ++i) {
    const std::string name = StrCat(i, ".png");
    run_.files.Put("d/" + name, PictureOf(1 + i % 80, 1 + i / 80, 7));
    rows += RowLine(name);
  }
  run_.files.Put("d/train.jsonl", rows);
  EXPECT_GT(CheckJson()["predicted"]["disk"]["features"], 1 << 20);
  EXPECT_EQ(CheckJson({"--feature-store-bytes=1MiB"})["predicted"]["disk"]["features"], 1 << 20);
}

TEST_F(CheckCommandTest, TheDeviceDecidesAsItDoesForTrain) {
  EXPECT_THAT(Check({"--device=cuda"}), Failed(6, "no GPU"));
  model::Sizes large = WorkerModelSizes();
  large.text.vocab = 800'000;  // 51 million parameters
  run_.files.Put("large.json", model::SizesToJson(large).dump());
  ASSERT_EQ(
      run_({"datagen", "model", "--sizes=large.json", "--tokenizer=tokenizer.json", "--out=large"})
          .exit_code,
      0);
  const auto precision = [&] {
    const Ran ran = run_({"check", "--model=large", "--data=d/train.jsonl", "--output=json"});
    return Json::parse(ran.out, nullptr, false)["config"]["precision"];
  };
  EXPECT_EQ(precision(), "bf16");
  has_bf16_ = false;
  EXPECT_EQ(precision(), "fp32");
}

TEST_F(CheckCommandTest, AnEmptyFileIsRefused) {
  run_.files.Put("d/train.jsonl", "");
  EXPECT_THAT(Check(), Failed(3,
                              "d/train.jsonl: expected at least one row, found an empty file: "
                              "write one JSON object a line"));
}

TEST_F(CheckCommandTest, AMissingFileOrModelIsNamed) {
  EXPECT_THAT(run_({"check", "--model=m", "--data=none.jsonl"}),
              Failed(5, "cannot look up, no such file or folder: none.jsonl"));
  EXPECT_EQ(run_({"check", "--model=none", "--data=d/train.jsonl"}).exit_code, 5);
}

TEST_F(CheckCommandTest, FlagsOfTrainAreHeldToTheirRules) {
  EXPECT_THAT(run_({"check", "--model=m"}),
              Failed(3,
                     "command line of \"check\" that cannot be used (its --help says what can):\n"
                     "  data: expected --data FILE or the variable MD2_DATA, found none"));
  const std::string heading =
      "command line of \"check\" that cannot be used (its --help says what can):\n  ";
  EXPECT_THAT(Check({"--lr=0"}),
              Failed(3, heading + "learning_rate: expected a number above 0 and up to 1, or auto, "
                                  "found \"0\" in flag --lr"));
  EXPECT_THAT(Check({"--learning-rate=-1e-3"}),
              Failed(3, heading + "learning_rate: expected a number above 0 and up to 1, or auto, "
                                  "found \"-1e-3\" in flag --learning-rate"));
  EXPECT_THAT(Check({"--lora-rank=0", "--method=lora"}),
              Failed(3, heading + "lora_rank: expected a whole number from 1 to 4096, found \"0\" "
                                  "in flag --lora-rank"));
  EXPECT_THAT(Check({"--epoch=3"}),
              Failed(3, heading + "epoch: no such setting, in flag --epoch; did you mean epochs?"));
  EXPECT_THAT(Check({"--epochs=0"}),
              Failed(3, heading + "epochs: expected a whole number from 1 to 1000000, found \"0\" "
                                  "in flag --epochs"));
}

TEST_F(CheckCommandTest, AnInterruptEndsIt) {
  run_.interrupt.Cancel();
  EXPECT_THAT(Check(), Failed(2, "cancelled"));
}

}  // namespace
}  // namespace md2::worker
