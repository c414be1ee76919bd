#include "server/worker/probe.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/torch_status.h"

namespace md2::worker {
namespace {

absl::Status CheckIds(const model::Sizes& sizes, absl::Span<const int64_t> ids) {
  const int64_t room = sizes.text.max_positions - sizes.prefix_tokens();
  if (static_cast<int64_t>(ids.size()) > room) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kContextOverflow,
        absl::StrCat("expected at most ", room, " tokens after the image, found ", ids.size()));
  }
  for (const int64_t id : ids) {
    if (id >= 0 && id < sizes.text.vocab) continue;
    return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                           absl::StrCat("expected token ids from 0 to ", sizes.text.vocab - 1,
                                        ", the rows of the model's vocabulary, found ", id));
  }
  return absl::OkStatus();
}

at::Tensor OnCpuInFp32(const at::Tensor& x) { return x.to(at::kCPU, at::kFloat).contiguous(); }

at::Tensor CropsTensor(const image::Crops& crops) {
  // The blob is only read, and copied before it goes out of scope.
  return at::from_blob(const_cast<float*>(crops.pixels.data()),
                       {crops.count, image::kChannels, crops.side, crops.side}, at::kFloat)
      .clone();
}

// [T, D]: every row of the sequence.
at::Tensor ReadSequence(const model::Moondream& moondream, const at::Tensor& features,
                        absl::Span<const int64_t> ids, model::AttentionKind attention) {
  const model::TextModel& text = moondream.text();
  const int64_t num_prefix = moondream.sizes().prefix_tokens();
  const auto num_ids = static_cast<int64_t>(ids.size());
  model::KvCache prefix_cache = text.MakeCache(num_prefix);
  model::KvCache ids_cache = text.MakeCache(num_ids);
  const bool is_causal = attention == model::AttentionKind::kCausal;
  std::vector<at::Tensor> rows = {text.Embed({moondream.sizes().bos_id}), features};
  std::vector<model::Span> spans = {{.num_rows = num_prefix,
                                     .mask = is_causal ? model::Mask::kCausal : model::Mask::kNone,
                                     .num_wanted = num_prefix,
                                     .cache = &prefix_cache}};
  if (num_ids > 0) {
    rows.push_back(text.Embed(ids));
    spans.push_back({.num_rows = num_ids,
                     .position = num_prefix,
                     .num_wanted = num_ids,
                     .past = &prefix_cache,
                     .cache = &ids_cache});
  }
  return text.Forward(at::cat(rows, 0), spans);
}

}  // namespace

absl::StatusOr<ProbeTensors> Probe(const model::Moondream& moondream, const image::Crops& crops,
                                   absl::Span<const int64_t> ids, model::AttentionKind attention) {
  MD2_RETURN_IF_ERROR(CheckIds(moondream.sizes(), ids));
  ProbeTensors probe;
  MD2_RETURN_IF_ERROR(model::CatchTorch("probing a model", [&] {
    const c10::InferenceMode guard;
    const model::VisionTower& vision = moondream.vision();
    const at::Tensor vit = vision.Encode(vision.Patches(crops));
    const at::Tensor features = vision.Project(vit, crops.rows, crops.cols);
    const at::Tensor hidden = ReadSequence(moondream, features, ids, attention);
    const at::Tensor logits = moondream.text().Logits(hidden.narrow(0, hidden.size(0) - 1, 1));
    probe = {.crops = CropsTensor(crops),
             .tiles = at::tensor({crops.rows, crops.cols}, at::kLong),
             .vit = OnCpuInFp32(vit),
             .features = OnCpuInFp32(features),
             .hidden = OnCpuInFp32(hidden),
             .last_logits = OnCpuInFp32(logits[0])};
    return absl::OkStatus();
  }));
  return probe;
}

}  // namespace md2::worker
