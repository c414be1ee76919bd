#include "core/model/generate.h"

#include <ATen/ops/argmax.h>

#include "core/base/status_macros.h"
#include "core/model/torch_status.h"

namespace md2::model {
namespace {

absl::StatusOr<int64_t> MostLikely(const Session& session) {
  int64_t id = 0;
  MD2_RETURN_IF_ERROR(CatchTorch("choosing a token", [&] {
    id = at::argmax(session.logits()).item<int64_t>();
    return absl::OkStatus();
  }));
  return id;
}

}  // namespace

absl::StatusOr<std::vector<GeneratedAnswer>> Generate(const Moondream& model,
                                                      absl::Span<Session> sessions,
                                                      const GenerateOptions& options) {
  std::vector<GeneratedAnswer> answers(sessions.size());
  if (options.max_new_tokens < 1) return answers;
  std::vector<size_t> open(sessions.size());  // whose answers are not finished
  for (size_t i = 0; i < open.size(); ++i) open[i] = i;
  while (!open.empty()) {
    MD2_RETURN_IF_ERROR(options.cancel.ToStatus());
    std::vector<size_t> next;
    std::vector<Session*> stepped;
    std::vector<int64_t> ids;
    for (const size_t i : open) {
      GeneratedAnswer& answer = answers[i];
      MD2_ASSIGN_OR_RETURN(const int64_t id, MostLikely(sessions[i]));
      if (id == model.sizes().eos_id) {
        answer.finish_reason = FinishReason::kStop;
        continue;
      }
      answer.ids.push_back(id);
      if (options.on_token) options.on_token(i, id);
      if (static_cast<int64_t>(answer.ids.size()) == options.max_new_tokens) continue;
      if (sessions[i].room() == 0) continue;
      next.push_back(i);
      stepped.push_back(&sessions[i]);
      ids.push_back(id);
    }
    open = std::move(next);
    if (!open.empty()) MD2_RETURN_IF_ERROR(model.Step(stepped, ids));
  }
  return answers;
}

}  // namespace md2::model
