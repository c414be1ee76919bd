#include "server/worker/answerer.h"

#include "absl/time/time.h"
#include "core/base/status_macros.h"
#include "core/text/prompt.h"

namespace md2::worker {

base::Json AnswerToJson(const AnswerResult& result) {
  const StageSeconds& seconds = result.seconds;
  const bool is_stop = result.finish_reason == model::FinishReason::kStop;
  return {{"answer", result.answer},
          {"tokens", result.tokens},
          {"finish_reason", is_stop ? "stop" : "length"},
          {"prompt_tokens", result.prompt_tokens},
          {"seconds",
           {{"load", seconds.load},
            {"decode_image", seconds.decode_image},
            {"encode", seconds.encode},
            {"prefill", seconds.prefill},
            {"decode", seconds.decode}}}};
}

absl::StatusOr<AnswerResult> Answerer::Answer(const std::string& image_path,
                                              const std::string& question,
                                              const OnToken& on_token) {
  AnswerResult result;
  MD2_ASSIGN_OR_RETURN(model::Session session, Read(image_path, question, result.seconds));
  result.prompt_tokens = session.num_tokens();
  model::GenerateOptions options;
  options.max_new_tokens = options_.max_new_tokens;
  options.cancel = options_.cancel;
  if (on_token) {
    options.on_token = [&on_token](size_t, int64_t id) {
      on_token(static_cast<text::TokenId>(id));
    };
  }
  Stopwatch watch(clock_);
  MD2_ASSIGN_OR_RETURN(const std::vector<model::GeneratedAnswer> answers,
                       model::Generate(*model_.moondream, absl::MakeSpan(&session, 1), options));
  result.seconds.decode = watch.Lap();
  result.finish_reason = answers[0].finish_reason;
  result.tokens.assign(answers[0].ids.begin(), answers[0].ids.end());
  result.answer = text::AnswerText(*model_.tokenizer, result.tokens);
  return result;
}

absl::StatusOr<model::Session> Answerer::Read(const std::string& image_path,
                                              const std::string& question, StageSeconds& seconds) {
  MD2_ASSIGN_OR_RETURN(const std::vector<text::TokenId> prompt,
                       text::BuildPrompt(*model_.tokenizer, model_.revision, question));
  model::Questions questions;
  questions.prompts = {std::vector<int64_t>(prompt.begin(), prompt.end())};
  questions.max_new_tokens = options_.max_new_tokens;
  Stopwatch watch(clock_);
  MD2_ASSIGN_OR_RETURN(
      std::vector<model::Session> sessions,
      reader_.Read(image_path, questions, [&] { return Encode(image_path, watch, seconds); }));
  seconds.prefill = watch.Lap();
  return std::move(sessions[0]);
}

absl::StatusOr<at::Tensor> Answerer::Encode(const std::string& image_path, Stopwatch& watch,
                                            StageSeconds& seconds) {
  const model::Moondream& moondream = *model_.moondream;
  MD2_RETURN_IF_ERROR(options_.cancel.ToStatus());
  MD2_ASSIGN_OR_RETURN(const image::Crops crops, LoadCrops(files_, image_path, model_));
  seconds.decode_image = watch.Lap();
  MD2_RETURN_IF_ERROR(options_.cancel.ToStatus());
  MD2_ASSIGN_OR_RETURN(at::Tensor features, moondream.EncodeImage(crops));
  seconds.encode = watch.Lap();
  MD2_RETURN_IF_ERROR(options_.cancel.ToStatus());
  return features;
}

}  // namespace md2::worker
