#include "core/train/loss_pass.h"

#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include <utility>
#include <vector>

#include "core/model/torch_status.h"
#include "core/train/vision_pass.h"

namespace md2::train {
namespace {

using model::AttentionKind;
using model::Mask;
using model::Span;

// The rows of a micro-batch: of each sequence BOS, the image, and all ids but the last, after which
// nothing comes.
struct Packed {
  std::vector<int64_t> ids;  // that are embedded: of each sequence BOS and its ids
  std::vector<int64_t> num_ids;
  std::vector<Span> spans;
  std::vector<int64_t> targets;  // [W]
};

Packed Pack(const model::Sizes& sizes, absl::Span<const Example> examples,
            AttentionKind attention) {
  Packed packed;
  const int64_t prefix = sizes.prefix_tokens();
  for (const Example& example : examples) {
    const auto read = static_cast<int64_t>(example.ids.size()) - 1;
    packed.ids.push_back(sizes.bos_id);
    packed.ids.insert(packed.ids.end(), example.ids.begin(), example.ids.end() - 1);
    packed.num_ids.push_back(1 + read);
    packed.targets.insert(packed.targets.end(), example.ids.begin() + example.num_prompt_ids,
                          example.ids.end());
    const int64_t wanted = example.num_answer_ids();
    if (attention == AttentionKind::kCausal) {
      packed.spans.push_back({.num_rows = prefix + read, .num_wanted = wanted});
    } else {
      packed.spans.push_back({.num_rows = prefix, .mask = Mask::kNone});
      packed.spans.push_back(
          {.num_rows = read, .position = prefix, .num_wanted = wanted, .past_rows = prefix});
    }
  }
  return packed;
}

// [R, D]: embeddings and features in the order of the sequences.
at::Tensor JoinRows(const Packed& packed, const at::Tensor& embedded,
                    absl::Span<const at::Tensor> features) {
  std::vector<at::Tensor> parts;
  int64_t first = 0;
  for (size_t i = 0; i < features.size(); ++i) {
    const int64_t count = packed.num_ids[i];
    parts.push_back(embedded.narrow(0, first, 1));
    parts.push_back(features[i]);
    parts.push_back(embedded.narrow(0, first + 1, count - 1));
    first += count;
  }
  return at::cat(parts, 0);
}

// The gradient of JoinRows: of `embedded`, and of each image's features.
std::pair<at::Tensor, std::vector<at::Tensor>> SplitRows(const Packed& packed, const at::Tensor& d,
                                                         int64_t image_tokens) {
  std::vector<at::Tensor> embedded, features;
  int64_t row = 0;
  for (const int64_t count : packed.num_ids) {
    embedded.push_back(d.narrow(0, row, 1));
    features.push_back(d.narrow(0, row + 1, image_tokens));
    embedded.push_back(d.narrow(0, row + 1 + image_tokens, count - 1));
    row += image_tokens + count;
  }
  return {at::cat(embedded, 0), features};
}

}  // namespace

absl::StatusOr<LossSums> ComputeLoss(const model::Moondream& model,
                                     absl::Span<const Example> examples, AttentionKind attention) {
  LossSums sums;
  absl::Status status = model::CatchTorch("computing a loss", [&] {
    const c10::InferenceMode guard;
    const Packed packed = Pack(model.sizes(), examples, attention);
    const std::vector<at::Tensor> features = VisionPass(model.vision(), examples, {}).features();
    const at::Tensor x = JoinRows(packed, model.text().Embed(packed.ids), features);
    at::Tensor logits = model.text().Logits(model.text().Forward(x, packed.spans));
    sums = CrossEntropy(logits, packed.targets, 0);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return sums;
}

absl::StatusOr<LossSums> AccumulateGradients(const model::Moondream& model,
                                             absl::Span<const Example> examples,
                                             const PassOptions& options,
                                             const Gradients& gradients) {
  LossSums sums;
  const model::TextModel& text = model.text();
  absl::Status status = model::CatchTorch("computing gradients", [&] {
    const c10::InferenceMode guard;
    const Packed packed = Pack(model.sizes(), examples, options.attention);
    VisionPass vision(model.vision(), examples, gradients);
    const at::Tensor x = JoinRows(packed, text.Embed(packed.ids), vision.features());
    model::TextTape tape;
    tape.kept = options.kept;
    tape.dropout = options.dropout;
    const at::Tensor hidden = text.Forward(x, packed.spans, nullptr, &tape);
    at::Tensor logits = text.Logits(hidden, &tape);
    sums = CrossEntropy(logits, packed.targets, options.factor);
    const at::Tensor d_hidden =
        text.LogitsBackward(tape, logits.to(hidden.scalar_type()), gradients.text);
    const at::Tensor dx = text.Backward(tape, packed.spans, d_hidden, gradients.text);
    const auto [d_embedded, d_features] = SplitRows(packed, dx, model.sizes().vision.patches());
    text.EmbedBackward(packed.ids, d_embedded, gradients.text);
    vision.Backward(d_features, gradients);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return sums;
}

}  // namespace md2::train
