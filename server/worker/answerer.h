// Defines
//   AnswerResult, AnswerToJson   an answer and what it took
//   Answerer                     questions about images, one after another

#ifndef MD2_SERVER_WORKER_ANSWERER_H_
#define MD2_SERVER_WORKER_ANSWERER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/file_env.h"
#include "core/base/json.h"
#include "core/model/generate.h"
#include "core/model/moondream.h"
#include "core/model/prefix_reader.h"
#include "core/text/token_id.h"
#include "server/worker/loaded_model.h"
#include "server/worker/stopwatch.h"

namespace md2::worker {

struct StageSeconds {
  double load = 0;          // the model; once for all questions
  double decode_image = 0;  // file to crops; 0 when the image was that of the question before
  double encode = 0;        // crops to embeddings; 0 likewise
  double prefill = 0;       // the image's embeddings and the question, or the question alone
  double decode = 0;        // all tokens of the answer
};

struct AnswerResult {
  std::string answer;
  std::vector<text::TokenId> tokens;  // without the end token
  model::FinishReason finish_reason = model::FinishReason::kLength;
  int64_t prompt_tokens = 0;  // BOS, the image's, and those of the question in its template
  StageSeconds seconds;
};

// {"answer","tokens","finish_reason","prompt_tokens","seconds":{..}}
base::Json AnswerToJson(const AnswerResult& result);

struct AnswererOptions {
  int64_t max_new_tokens = 128;
  base::CancelToken cancel = {};  // looked at between stages and before every token
};

// Keeps the image of the last question, so that the next one about it is answered sooner. The
// model, files and clock must outlive it. One thread at a time.
class Answerer {
 public:
  Answerer(const LoadedModel& model, base::FileEnv& files, const base::Clock& clock,
           AnswererOptions options)
      : model_(model),
        files_(files),
        clock_(clock),
        options_(std::move(options)),
        reader_(*model.moondream, model.attention) {}

  using OnToken = std::function<void(text::TokenId id)>;

  // `on_token` may be null; it is called for each token of the answer. Errors of the question
  // (QUESTION_INVALID, CONTEXT_OVERFLOW), of the image, CANCELLED, or the model's.
  absl::StatusOr<AnswerResult> Answer(const std::string& image_path, const std::string& question,
                                      const OnToken& on_token);

 private:
  // The session has read the question.
  absl::StatusOr<model::Session> Read(const std::string& image_path, const std::string& question,
                                      StageSeconds& seconds);
  absl::StatusOr<at::Tensor> Encode(const std::string& image_path, Stopwatch& watch,
                                    StageSeconds& seconds);

  const LoadedModel& model_;
  base::FileEnv& files_;
  const base::Clock& clock_;
  const AnswererOptions options_;
  model::PrefixReader reader_;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_ANSWERER_H_
