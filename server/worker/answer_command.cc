#include "server/worker/answer_command.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/text/stream_decoder.h"
#include "server/worker/answer_rows.h"
#include "server/worker/answer_stream.h"
#include "server/worker/answerer.h"
#include "server/worker/compute_settings.h"
#include "server/worker/json_line.h"
#include "server/worker/question_rows.h"
#include "server/worker/stopwatch.h"

namespace md2::worker {
namespace {

using base::SettingKind;

// No context is that long; the model's own limit ends an answer sooner.
constexpr int64_t kMaxNewTokens = 1'000'000;

struct AnswerOptions {
  std::string model_dir;
  std::string adapter_dir;  // empty: none
  std::string image;
  std::string question;
  std::string questions;  // a file; empty: the one question above
  int64_t max_new_tokens = 0;
  ComputeOptions compute;
  bool as_json = false;
};

absl::StatusOr<AnswerOptions> ReadOptions(const base::ResolvedSettings& settings) {
  AnswerOptions options;
  MD2_ASSIGN_OR_RETURN(options.model_dir, settings.GetString("model"));
  MD2_ASSIGN_OR_RETURN(options.adapter_dir, settings.GetString("adapter"));
  MD2_ASSIGN_OR_RETURN(options.image, settings.GetString("image"));
  MD2_ASSIGN_OR_RETURN(options.question, settings.GetString("question"));
  MD2_ASSIGN_OR_RETURN(options.questions, settings.GetString("questions"));
  MD2_ASSIGN_OR_RETURN(options.max_new_tokens, settings.GetInt("max_new_tokens"));
  MD2_ASSIGN_OR_RETURN(options.compute, ReadComputeOptions(settings));
  MD2_ASSIGN_OR_RETURN(options.as_json, WantsJson(settings));
  return options;
}

// On a terminal the answer is shown as it comes.
absl::Status AnswerOnTerminal(const AnswerOptions& options, const text::Tokenizer& tokenizer,
                              Answerer& answerer, Surroundings& surroundings) {
  text::StreamDecoder decoder(tokenizer);
  AnswerStream stream(surroundings.out);
  absl::Status status = answerer
                            .Answer(options.image, options.question,
                                    [&](text::TokenId id) { stream.Feed(decoder.Feed(id)); })
                            .status();
  stream.Feed(decoder.Finish());
  if (status.ok() || stream.is_begun()) stream.Finish();
  return status;
}

absl::Status AnswerOne(const AnswerOptions& options, double load_seconds,
                       const text::Tokenizer& tokenizer, Answerer& answerer,
                       Surroundings& surroundings) {
  if (surroundings.out_is_terminal && !options.as_json) {
    return AnswerOnTerminal(options, tokenizer, answerer, surroundings);
  }
  MD2_ASSIGN_OR_RETURN(AnswerResult result,
                       answerer.Answer(options.image, options.question, nullptr));
  result.seconds.load = load_seconds;
  surroundings.out << (options.as_json ? JsonLine(AnswerToJson(result)) : result.answer + "\n");
  return absl::OkStatus();
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const AnswerOptions options, ReadOptions(settings));
  const base::CancelToken cancel = surroundings.catch_interrupt();
  std::vector<QuestionRow> rows;
  if (!options.questions.empty()) {
    MD2_ASSIGN_OR_RETURN(rows, ReadQuestionRows(surroundings.files, options.questions));
  }
  Stopwatch watch(surroundings.clock);
  MD2_ASSIGN_OR_RETURN(
      const LoadedModel model,
      LoadModel(surroundings.files, {options.model_dir, options.adapter_dir}, options.compute));
  const double load_seconds = watch.Lap();
  Answerer answerer(model, surroundings.files, surroundings.clock,
                    {.max_new_tokens = options.max_new_tokens, .cancel = cancel});
  if (options.questions.empty()) {
    return AnswerOne(options, load_seconds, *model.tokenizer, answerer, surroundings);
  }
  return AnswerRows(rows, load_seconds, answerer, surroundings);
}

std::vector<CommandSetting> Settings() {
  std::vector<CommandSetting> settings = {
      ModelSetting("all of it is read"),
      Flag("adapter", "DIR", "a low-rank adapter for that model, as train and export leave it"),
      RequiredUnless("questions", Flag("image", "FILE", "a JPEG or PNG")),
      RequiredUnless("questions", Flag("question", "TEXT", "asked in the revision's template")),
      Excluding({"image", "question"},
                Flag("questions", "FILE", "a JSONL of images and questions")),
      WithDefault("128", Flag("max_new_tokens", "N", SettingKind::Int(1, kMaxNewTokens),
                              "longer answers are cut off")),
  };
  for (CommandSetting& setting : ComputeSettings()) settings.push_back(std::move(setting));
  settings.push_back(OutputSetting());
  return settings;
}

}  // namespace

Command AnswerCommand() {
  return {
      .name = "answer",
      .summary = "answers questions about images",
      .description =
          "Prints the answer alone, or with -o json also its tokens, why it ended (stop: the model "
          "ended\n"
          "it; length: the limit or the context did), how many tokens were read before it (BOS and "
          "image\n"
          "included) and the seconds of each stage. The most likely token is taken at every step.\n"
          "\n"
          "--questions takes a JSONL with `image` (relative to the file) and `question` in each "
          "row, and\n"
          "prints a JSON object for each, with its line as `row`; a row that cannot be answered "
          "has\n"
          "`error` {reason, message} instead, and the exit code is then 3. Rows about the same "
          "image that\n"
          "follow each other read it once. `load` is said again in every row.\n"
          "\n"
          "Ctrl-C ends it within one token, with exit code 2.\n",
      .examples = {"md2-worker answer --model base --image a.png --question 'What is this?'",
                   "md2-worker answer --model base --image a.png --question 'How many?' "
                   "--max-new-tokens 8 -o json",
                   "md2-worker answer --model base --questions test.jsonl > answers.jsonl"},
      .settings = Settings(),
      .run = Run,
  };
}

}  // namespace md2::worker
