// The way back through the text model.

#include <ATen/ops/empty.h>
#include <ATen/ops/index_add.h>

#include <utility>
#include <vector>

#include "core/model/attention_backward.h"
#include "core/model/gelu_kernel.h"
#include "core/model/layer_gradients.h"
#include "core/model/text_model.h"

namespace md2::model {
namespace {

// The rows [first, first + count) of x [rows, H * E] as [H, count, E], a view.
at::Tensor HeadsOf(const at::Tensor& x, int64_t heads, int64_t first, int64_t count) {
  return x.view({x.size(0), heads, x.size(1) / heads}).narrow(0, first, count).transpose(0, 1);
}

// A whole sequence of a pass: one span, or two of which the second sees the first without a mask.
struct SequenceRows {
  int64_t num_rows = 0;
  int64_t num_wanted = 0;
  int64_t prefix = 0;
};

std::vector<SequenceRows> SequencesOf(absl::Span<const Span> spans) {
  std::vector<SequenceRows> sequences;
  for (const Span& span : spans) {
    if (span.past_rows == 0) sequences.emplace_back();
    SequenceRows& sequence = sequences.back();
    sequence.num_rows += span.num_rows;
    sequence.num_wanted += span.num_wanted;
    if (span.mask == Mask::kNone) sequence.prefix = sequence.num_rows;
  }
  return sequences;
}

}  // namespace

void TextModel::AttendBackward(const TextBlockTape& tape, const at::Tensor& d, const TextPass& pass,
                               const Projected& out) const {
  const int64_t dim = sizes_.dim, heads = sizes_.heads;
  const at::Tensor k = tape.kv.narrow(1, 0, dim), v = tape.kv.narrow(1, dim, dim);
  const at::Tensor dk = out.kv.narrow(1, 0, dim), dv = out.kv.narrow(1, dim, dim);
  const bool wanted_only = tape.q.size(0) != tape.kv.size(0);
  std::vector<AttendedSequence> sequences;
  int64_t row = 0, query = 0;
  for (const SequenceRows& rows : SequencesOf(pass.spans)) {
    const int64_t count = wanted_only ? rows.num_wanted : rows.num_rows;
    const auto queries = [&](const at::Tensor& x) { return HeadsOf(x, heads, query, count); };
    const auto keys = [&](const at::Tensor& x) { return HeadsOf(x, heads, row, rows.num_rows); };
    sequences.push_back({queries(tape.q), keys(k), keys(v), rows.prefix, queries(d), queries(out.q),
                         keys(dk), keys(dv)});
    row += rows.num_rows;
    query += count;
  }
  model::AttendBackward(sequences);
}

at::Tensor TextModel::BlockBackward(int64_t layer, const TextBlockTape& tape, const at::Tensor& dy,
                                    const TextPass& pass, const TextBlock& gradients,
                                    const DropoutKey& dropout) const {
  const TextBlock& block = layers_.blocks[layer];
  const int64_t d = sizes_.dim, rows = tape.x.size(0), width = sizes_.head_dim();
  const bool prunes = Prunes(layer, pass);
  const at::Tensor n_wanted = prunes ? tape.n.index_select(0, pass.wanted) : tape.n;
  at::Tensor dn_wanted = MlpBackward(block.mlp, gradients.mlp, n_wanted, tape.mlp, dy, dropout);
  const at::Tensor d_attended =
      LinearBackward(block.out_proj, gradients.out_proj, tape.attended, dy, dropout);
  at::Tensor dn, dx;
  if (prunes) {
    const Projected out = {at::empty({dy.size(0), d}, dy.options()),
                           at::empty({rows, 2 * d}, dy.options())};
    AttendBackward(tape, d_attended, pass, out);
    at::Tensor dq = out.q.view({dy.size(0), sizes_.heads, width});
    rotary_.RotateBack(dq, pass.wanted_positions);
    at::Tensor dk = out.kv.narrow(1, 0, d).view({rows, sizes_.heads, width});
    rotary_.RotateBack(dk, pass.positions);
    dn_wanted.add_(LinearBackward(block.qkv.Outputs(0, d), gradients.qkv.Outputs(0, d), n_wanted,
                                  out.q, dropout));
    dn = LinearBackward(block.qkv.Outputs(d, 2 * d), gradients.qkv.Outputs(d, 2 * d), tape.n,
                        out.kv, dropout);
    dn.index_add_(0, pass.wanted, dn_wanted);
    dx = NormBackward(block.norm, gradients.norm, tape.norm, dn);
    return dx.index_add_(0, pass.wanted, dy);
  }
  const at::Tensor d_qkv = at::empty({rows, 3 * d}, dy.options());
  AttendBackward(tape, d_attended, pass, {d_qkv.narrow(1, 0, d), d_qkv.narrow(1, d, 2 * d)});
  at::Tensor d_qk = d_qkv.narrow(1, 0, 2 * d).view({rows, 2 * sizes_.heads, width});
  rotary_.RotateBack(d_qk, pass.positions);
  dn_wanted.add_(LinearBackward(block.qkv, gradients.qkv, tape.n, d_qkv, dropout));
  return NormBackward(block.norm, gradients.norm, tape.norm, dn_wanted, dy);
}

// What the tape left out.
void TextModel::Recompute(int64_t layer, const TextPass& pass, const TextTape& tape,
                          TextBlockTape& block) const {
  if (tape.kept == KeptActivations::kInputs) {
    RunBlock(layer, at::Tensor(block.x), pass, tape.dropout, &block);
  } else if (tape.kept == KeptActivations::kCostly) {
    block.n = LayerNorm(layers_.blocks[layer].norm, block.x, &block.norm);
    block.mlp.gelu = RunGelu(block.mlp.fc1);
  }
}

at::Tensor TextModel::Backward(TextTape& tape, absl::Span<const Span> spans,
                               const at::Tensor& d_hidden, const TextLayers& gradients) const {
  const TextPass pass(spans, d_hidden.device());
  at::Tensor d = d_hidden;
  for (int64_t layer = sizes_.layers - 1; layer >= 0; --layer) {
    TextBlockTape block = std::move(tape.blocks.back());
    tape.blocks.pop_back();
    Recompute(layer, pass, tape, block);
    d = BlockBackward(layer, block, d, pass, gradients.blocks[layer], tape.dropout);
  }
  return d;
}

at::Tensor TextModel::LogitsBackward(const TextTape& tape, const at::Tensor& d_logits,
                                     const TextLayers& gradients) const {
  const at::Tensor dn = LinearBackward(layers_.head, gradients.head, tape.head_input, d_logits);
  return NormBackward(layers_.head_norm, gradients.head_norm, tape.head_norm, dn);
}

void TextModel::EmbedBackward(absl::Span<const int64_t> ids, const at::Tensor& d,
                              const TextLayers& gradients) const {
  if (!gradients.embedding.defined()) return;
  gradients.embedding.index_add_(0, ToDevice(ids, d.device()), d.to(at::kFloat));
}

}  // namespace md2::model
