// Defines Generate, greedy answers token by token.

#ifndef MD2_CORE_MODEL_GENERATE_H_
#define MD2_CORE_MODEL_GENERATE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/cancel.h"
#include "core/model/moondream.h"

namespace md2::model {

enum class FinishReason {
  kStop,    // the model ended its answer
  kLength,  // the limit on tokens or the end of the context
};

struct GeneratedAnswer {
  std::vector<int64_t> ids;  // without the end id
  FinishReason finish_reason = FinishReason::kLength;
};

struct GenerateOptions {
  int64_t max_new_tokens = 128;  // of each answer, 0 and up
  base::CancelToken cancel;      // looked at before every token
  // Called from the calling thread for every token of every answer, with the number of its session.
  std::function<void(size_t session, int64_t id)> on_token;
};

// The most likely token at every step, the lowest id of equals; sessions that are not finished step
// together. An answer a session, in their order. CANCELLED within one token; or the errors of Step.
// A session has not read the last id of an answer that the limit ended.
absl::StatusOr<std::vector<GeneratedAnswer>> Generate(const Moondream& model,
                                                      absl::Span<Session> sessions,
                                                      const GenerateOptions& options);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_GENERATE_H_
