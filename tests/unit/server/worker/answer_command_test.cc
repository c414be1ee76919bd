#include "server/worker/answer_command.h"

#include "absl/strings/str_split.h"
#include "core/base/json.h"
#include "core/text/clean_up.h"
#include "core/text/prompt.h"
#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/answer_stream.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/model_run.h"

namespace md2::worker {
namespace {

using base::Json;
using ::testing::UnorderedElementsAre;

class AnswerCommandTest : public ::testing::Test {
 protected:
  // `answer --model m` with one thread.
  Ran Answer(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"answer", "--model=m", "--threads=1", "--device=cpu"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  // The only object on stdout.
  Json AnswerJson(const std::string& image, const std::string& question) {
    const Ran ran = Answer({"--image", image, "--question", question, "-o", "json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.notes;
    return Json::parse(ran.out);
  }

  static std::vector<Json> ParseLines(const std::string& out) {
    std::vector<Json> lines;
    for (const absl::string_view line : absl::StrSplit(out, '\n', absl::SkipEmpty())) {
      lines.push_back(Json::parse(line.begin(), line.end()));
    }
    return lines;
  }

  ModelRun run_;
};

std::vector<std::string> KeysOf(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST_F(AnswerCommandTest, JsonTellsTokensAndTimes) {
  const Json answer = AnswerJson("small.png", "Who?");
  EXPECT_THAT(KeysOf(answer), UnorderedElementsAre("answer", "tokens", "finish_reason",
                                                   "prompt_tokens", "seconds"));
  EXPECT_THAT(KeysOf(answer["seconds"]),
              UnorderedElementsAre("load", "decode_image", "encode", "prefill", "decode"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                           text::Tokenizer::FromJson(TinyTokenizerJson(), "tiny"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto prompt,
                           text::BuildPrompt(*tokenizer, base::Revision::k2024_07_23, "Who?"));
  EXPECT_EQ(answer["prompt_tokens"], WorkerModelSizes().prefix_tokens() + prompt.size());
  const std::string decoded = tokenizer->Decode(answer["tokens"].get<std::vector<text::TokenId>>());
  const absl::string_view stripped = text::StripWhiteSpace(decoded);
  EXPECT_EQ(answer["answer"], std::string(stripped.data(), stripped.size()));
}

TEST_F(AnswerCommandTest, TheContextEndsAnAnswerThatDoesNot) {
  const Json answer = AnswerJson("small.png", "Who?");
  ASSERT_EQ(answer["finish_reason"], "length");  // this seed's model does not stop by itself
  // The last id need not be read.
  EXPECT_EQ(answer["prompt_tokens"].get<size_t>() + answer["tokens"].size(),
            WorkerModelSizes().text.max_positions + 1);
}

TEST_F(AnswerCommandTest, MaxNewTokensCutsTheAnswer) {
  const Json whole = AnswerJson("small.png", "Who?");
  const Ran ran = Answer({"--image=small.png", "--question=Who?", "--max-new-tokens=3", "-ojson"});
  const Json cut = Json::parse(ran.out);
  EXPECT_EQ(cut["finish_reason"], "length");
  EXPECT_EQ(cut["tokens"],
            Json(std::vector<Json>(whole["tokens"].begin(), whole["tokens"].begin() + 3)));
}

TEST_F(AnswerCommandTest, APipeGetsTheAnswerAlone) {
  const std::string answer = AnswerJson("small.png", "Who?")["answer"];
  EXPECT_THAT(Answer({"--image=small.png", "--question=Who?"}), Succeeded(answer + "\n", ""));
}

TEST_F(AnswerCommandTest, ATerminalIsShownTheSameAnswerWithoutControls) {
  const std::string answer = AnswerJson("small.png", "Who?")["answer"];
  run_.out_is_terminal = true;
  EXPECT_THAT(Answer({"--image=small.png", "--question=Who?"}),
              Succeeded(WithoutControls(answer) + "\n", ""));
}

TEST_F(AnswerCommandTest, ASecondQuestionAboutAnImageIsAnsweredAsTheFirst) {
  run_.files.Put("d/small.png", run_.files.Get("small.png").value());
  run_.files.Put("d/rows.jsonl",
                 R"({"image": "/wide.png", "question": "Who?"}
{"image": "/wide.png", "question": "And why?"}
{"image": "small.png", "question": "And why?"}
{"image": "/wide.png", "question": "And why?"}
)");
  const Ran ran = Answer({"--questions=d/rows.jsonl"});
  EXPECT_EQ(ran.exit_code, 0) << ran.notes;
  EXPECT_EQ(ran.notes, "");
  const std::vector<Json> rows = ParseLines(ran.out);
  ASSERT_EQ(rows.size(), 4u);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i]["row"], i + 1);
  EXPECT_EQ(rows[0]["tokens"], AnswerJson("wide.png", "Who?")["tokens"]);
  EXPECT_EQ(rows[1]["tokens"], AnswerJson("wide.png", "And why?")["tokens"]);
  EXPECT_EQ(rows[2]["tokens"], AnswerJson("small.png", "And why?")["tokens"]);
  EXPECT_EQ(rows[3]["tokens"], rows[1]["tokens"]);
}

TEST_F(AnswerCommandTest, ABadRowIsAnErrorObjectAndTheRestIsAnswered) {
  run_.files.Put("rows.jsonl",
                 "{\"image\": \"none.png\", \"question\": \"Who?\"}\n"
                 "nonsense\n"
                 "{\"image\": \"small.png\", \"question\": \"Is <image> one?\"}\n"
                 "{\"image\": \"tiny.json\", \"question\": \"Who?\"}\n"
                 "{\"image\": \"small.png\", \"question\": \"Who?\"}\n");
  const Ran ran = Answer({"--questions=rows.jsonl"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(ran.notes,
            "md2-worker: 4 of 5 rows have an error instead of an answer; see the output\n");
  const std::vector<Json> rows = ParseLines(ran.out);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0],
            Json({{"row", 1},
                  {"error",
                   {{"reason", "FILE_NOT_FOUND"},
                    {"message", "cannot open for reading, no such file or folder: none.png"}}}}));
  EXPECT_EQ(rows[1]["error"]["reason"], "JSON_INVALID");
  EXPECT_EQ(rows[2]["error"]["reason"], "QUESTION_INVALID");
  EXPECT_EQ(rows[3]["error"]["reason"], "IMAGE_UNSUPPORTED");
  EXPECT_FALSE(rows[4].contains("error"));
  EXPECT_EQ(rows[4]["row"], 5);
}

TEST_F(AnswerCommandTest, AQuestionThatCannotBeAskedIsRefused) {
  EXPECT_THAT(Answer({"--image=small.png", "--question=<image>"}),
              Failed(3,
                     "expected a question without reserved markers; take out \"<image>\" at "
                     "byte 0"));
  EXPECT_THAT(Answer({"--image=small.png", "--question= "}),
              Failed(3, "expected a question, found white space only"));
  const Ran ran = Answer({"--image=small.png", "--question", std::string(200, '?')});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.notes, ::testing::StartsWith(
                             "md2-worker: question longer than the context of 64 tokens, of which "
                             "the image takes 5; ask a shorter one:\n"
                             "  question 1: expected 1 to 58 tokens with its template, found "));
}

TEST_F(AnswerCommandTest, AnImageThatCannotBeReadIsRefused) {
  EXPECT_THAT(Answer({"--image=none.png", "--question=Who?"}),
              Failed(5, "cannot open for reading, no such file or folder: none.png"));
  EXPECT_EQ(Answer({"--image=m", "--question=Who?"}).exit_code, 6);
  EXPECT_EQ(Answer({"--image=tiny.json", "--question=Who?"}).exit_code, 3);
}

TEST_F(AnswerCommandTest, AFolderWithoutATokenizerIsRefused) {
  ASSERT_TRUE(run_.files.RemoveFile("m/tokenizer.json").ok());
  EXPECT_THAT(Answer({"--image=small.png", "--question=Who?"}),
              Failed(5, "cannot open for reading, no such file or folder: m/tokenizer.json"));
}

TEST_F(AnswerCommandTest, AnAdapterThatIsNotThereIsNamed) {
  EXPECT_EQ(Answer({"--image=small.png", "--question=Who?", "--adapter=none"}).exit_code, 5);
}

TEST_F(AnswerCommandTest, OneQuestionOrAFileOfThem) {
  EXPECT_THAT(
      Answer({}),
      Failed(3,
             "command line of \"answer\" that cannot be used (its --help says what can):\n"
             "  image: expected --image FILE or the variable MD2_IMAGE, or --questions, found "
             "none\n"
             "  question: expected --question TEXT or the variable MD2_QUESTION, or "
             "--questions, found none"));
  EXPECT_THAT(Answer({"--questions=q", "--question=Who?"}),
              Failed(3,
                     "command line of \"answer\" that cannot be used (its --help says what can):\n"
                     "  questions: expected either --questions or --question, found both"));
}

TEST_F(AnswerCommandTest, AnInterruptEndsItWithExitCode2) {
  run_.files.Put("rows.jsonl", "{\"image\": \"small.png\", \"question\": \"Who?\"}\n");
  run_.interrupt.Cancel();
  EXPECT_THAT(Answer({"--image=small.png", "--question=Who?"}), Failed(2, "cancelled"));
  EXPECT_THAT(Answer({"--questions=rows.jsonl"}), Failed(2, "cancelled"));
}

}  // namespace
}  // namespace md2::worker
