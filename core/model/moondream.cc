#include "core/model/moondream.h"

#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/adapter_folder.h"
#include "core/model/revision_table.h"
#include "core/model/torch_status.h"
#include "core/model/weights.h"

namespace md2::model {
absl::StatusOr<std::unique_ptr<const Moondream>> Moondream::Load(const ModelFolder& folder,
                                                                 const ModelOptions& options) {
  MD2_RETURN_IF_ERROR(CheckRunnable(folder.revision));
  MD2_ASSIGN_OR_RETURN(const Weights weights,
                       LoadWeights(folder, options.precision, options.device));
  return Create(folder.config.sizes, weights);
}

absl::StatusOr<std::unique_ptr<const Moondream>> Moondream::LoadWithAdapter(
    const ModelFolder& folder, const Adapter& adapter, const ModelOptions& options) {
  MD2_RETURN_IF_ERROR(CheckRunnable(folder.revision));
  MD2_ASSIGN_OR_RETURN(const Weights base, LoadWeights(folder, options.precision, options.device));
  std::map<std::string, at::Tensor, std::less<>> tensors = base.all();
  MD2_RETURN_IF_ERROR(CatchTorch("loading an adapter", [&] {
    const at::TensorOptions type =
        at::TensorOptions(options.device).dtype(ScalarTypeOf(options.precision));
    for (const auto& [name, tensor] : adapter.tensors) tensors[name] = tensor.to(type);
    return absl::OkStatus();
  }));
  return Create(folder.config.sizes, Weights(std::move(tensors), adapter.scale));
}

absl::StatusOr<std::unique_ptr<const Moondream>> Moondream::Create(const Sizes& sizes,
                                                                   const Weights& weights) {
  std::unique_ptr<const Moondream> model;
  MD2_RETURN_IF_ERROR(CatchTorch("building the model", [&] {
    model.reset(new Moondream(sizes, weights));
    return absl::OkStatus();
  }));
  return model;
}

absl::Status Moondream::CheckCrops(const image::Crops& crops) const {
  if (crops.side == sizes_.vision.crop) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal,
                         absl::StrCat("encoding an image: expected crops of ", sizes_.vision.crop,
                                      " pixels, found ", crops.side));
}

absl::StatusOr<at::Tensor> Moondream::EncodeImage(const image::Crops& crops) const {
  const image::Crops* const image = &crops;
  MD2_ASSIGN_OR_RETURN(const std::vector<at::Tensor> features, EncodeImages({&image, 1}));
  return features[0];
}

absl::StatusOr<std::vector<at::Tensor>> Moondream::EncodeImages(
    absl::Span<const image::Crops* const> images) const {
  for (const image::Crops* image : images) MD2_RETURN_IF_ERROR(CheckCrops(*image));
  std::vector<at::Tensor> features;
  MD2_RETURN_IF_ERROR(CatchTorch("encoding an image", [&] {
    const c10::InferenceMode guard;
    for (size_t first = 0; first < images.size();) {
      const auto together = images.subspan(first, NumReadTogether(images.subspan(first)));
      std::vector<at::Tensor> patches;
      for (const image::Crops* image : together) patches.push_back(vision_.Patches(*image));
      const at::Tensor maps =
          vision_.Encode(patches.size() == 1 ? patches[0] : at::cat(patches, 0));
      int64_t crop = 0;
      for (const image::Crops* image : together) {
        features.push_back(
            vision_.Project(maps.narrow(0, crop, image->count), image->rows, image->cols));
        crop += image->count;
      }
      first += together.size();
    }
    return absl::OkStatus();
  }));
  return features;
}

// How many of the first images one pass reads, at least one.
size_t Moondream::NumReadTogether(absl::Span<const image::Crops* const> images) const {
  int64_t crops = images[0]->count;
  size_t count = 1;
  if (!vision_.EncodesAlike(crops)) return count;
  for (; count < images.size(); ++count) {
    const int64_t more = images[count]->count;
    if ((crops + more) * sizes_.vision.patches() > kRowsReadTogether ||
        !vision_.EncodesAlike(more) || !vision_.EncodesAlike(crops + more)) {
      break;
    }
    crops += more;
  }
  return count;
}

absl::Status Moondream::CheckRoom(int64_t prefix_tokens, const Questions& questions) const {
  base::ErrorList errors;
  const int64_t room = sizes_.text.max_positions - prefix_tokens;
  for (size_t i = 0; i < questions.prompts.size(); ++i) {
    const auto num_ids = static_cast<int64_t>(questions.prompts[i].size());
    if (num_ids >= 1 && num_ids < room) continue;
    errors.Add(absl::StrCat("question ", i + 1, ": expected 1 to ", room - 1,
                            " tokens with its template, found ", num_ids));
  }
  return errors.ToStatus(
      absl::StatusCode::kInvalidArgument, base::Reason::kContextOverflow,
      absl::StrCat("question longer than the context of ", sizes_.text.max_positions,
                   " tokens, of which the image takes ", prefix_tokens, "; ask a shorter one"));
}

std::vector<Session> Moondream::MakeSessions(const std::shared_ptr<const Prefix>& prefix,
                                             const Questions& questions) const {
  std::vector<Session> sessions;
  const int64_t room = sizes_.text.max_positions - prefix->num_tokens();
  for (const std::vector<int64_t>& prompt : questions.prompts) {
    const int64_t wanted = static_cast<int64_t>(prompt.size()) + questions.max_new_tokens;
    sessions.emplace_back(prefix, text_.MakeCache(std::min(room, wanted)));
  }
  return sessions;
}

void Moondream::ReadQuestions(std::vector<at::Tensor> rows, std::vector<Span> spans,
                              const Questions& questions, std::vector<Session>& sessions) const {
  for (size_t i = 0; i < sessions.size(); ++i) {
    const std::vector<int64_t>& prompt = questions.prompts[i];
    Session& session = sessions[i];
    rows.push_back(text_.Embed(prompt));
    spans.push_back({.num_rows = static_cast<int64_t>(prompt.size()),
                     .position = session.prefix_->num_tokens(),
                     .num_wanted = 1,
                     .past = &session.prefix_->cache(),
                     .cache = &session.cache_});
  }
  const at::Tensor hidden = text_.Forward(rows.size() == 1 ? rows[0] : at::cat(rows, 0), spans);
  if (sessions.empty()) return;
  const at::Tensor logits = text_.Logits(hidden);
  for (size_t i = 0; i < sessions.size(); ++i) {
    sessions[i].logits_ = logits[static_cast<int64_t>(i)];
  }
}

absl::StatusOr<FirstReading> Moondream::Read(const at::Tensor& features, AttentionKind attention,
                                             const Questions& questions) const {
  MD2_RETURN_IF_ERROR(CheckRoom(sizes_.prefix_tokens(), questions));
  FirstReading reading;
  MD2_RETURN_IF_ERROR(CatchTorch("reading an image", [&] {
    const c10::InferenceMode guard;
    const auto prefix = std::make_shared<Prefix>(text_.MakeCache(sizes_.prefix_tokens()));
    reading.prefix = prefix;
    reading.sessions = MakeSessions(prefix, questions);
    const bool is_causal = attention == AttentionKind::kCausal;
    const Span image = {.num_rows = sizes_.prefix_tokens(),
                        .mask = is_causal ? Mask::kCausal : Mask::kNone,
                        .cache = &prefix->mutable_cache()};
    ReadQuestions({text_.Embed({sizes_.bos_id}), features}, {image}, questions, reading.sessions);
    return absl::OkStatus();
  }));
  return reading;
}

absl::StatusOr<std::vector<Session>> Moondream::Ask(std::shared_ptr<const Prefix> prefix,
                                                    const Questions& questions) const {
  MD2_RETURN_IF_ERROR(CheckRoom(prefix->num_tokens(), questions));
  std::vector<Session> sessions;
  if (questions.prompts.empty()) return sessions;
  MD2_RETURN_IF_ERROR(CatchTorch("reading a question", [&] {
    const c10::InferenceMode guard;
    sessions = MakeSessions(prefix, questions);
    ReadQuestions({}, {}, questions, sessions);
    return absl::OkStatus();
  }));
  return sessions;
}

absl::Status Moondream::Step(absl::Span<Session* const> sessions,
                             absl::Span<const int64_t> ids) const {
  return CatchTorch("generating a token", [&] {
    const c10::InferenceMode guard;
    std::vector<Span> spans;
    for (Session* session : sessions) {
      spans.push_back({.num_rows = 1,
                       .position = session->num_tokens(),
                       .num_wanted = 1,
                       .past = &session->prefix_->cache(),
                       .cache = &session->cache_});
    }
    const at::Tensor logits = text_.Logits(text_.Forward(text_.Embed(ids), spans));
    for (size_t i = 0; i < sessions.size(); ++i) {
      sessions[i]->logits_ = logits[static_cast<int64_t>(i)];
    }
    return absl::OkStatus();
  });
}

}  // namespace md2::model
