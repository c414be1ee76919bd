#include "core/model/text_model.h"

#include <utility>
#include <vector>

namespace md2::model {

TextModel::TextModel(const Sizes& sizes, const Weights& weights)
    : sizes_(sizes.text),
      layers_(TextLayers::Find(sizes.text, weights)),
      rotary_(sizes.text, layers_.embedding.options()) {
  options_ = layers_.embedding.options();
}

at::Tensor TextModel::Embed(absl::Span<const int64_t> ids) const {
  return layers_.embedding.index_select(0, ToDevice(ids, layers_.embedding.device()));
}

// q of all rows or of the wanted ones, kv of all -> as q.
at::Tensor TextModel::AttendSpans(int64_t layer, const Projected& rows,
                                  const TextPass& pass) const {
  const int64_t heads = sizes_.heads, width = sizes_.head_dim();
  const bool wanted_only = Prunes(layer, pass);
  const at::Tensor& q = rows.q;
  const at::Tensor queries = q.view({q.size(0), heads, width}).transpose(0, 1);  // [H, rows, E]
  // [2, H, R, E], views.
  const at::Tensor both = rows.kv.view({rows.kv.size(0), 2, heads, width}).permute({1, 2, 0, 3});
  const auto stretch = [&](int64_t first, int64_t count) {
    const at::Tensor part = both.narrow(2, first, count);
    return KeyValues{part[0], part[1]};
  };
  std::vector<Attention> parts;
  int64_t row = 0, query = 0;
  for (const Span& span : pass.spans) {
    KeyValues own = stretch(row, span.num_rows);
    std::vector<KeyValues> past;
    if (span.past != nullptr) past.push_back(span.past->Get(layer, span.past->capacity()));
    if (span.past_rows != 0) past.push_back(stretch(row - span.past_rows, span.past_rows));
    if (span.cache != nullptr) {
      span.cache->Append(layer, own);
      own = span.cache->Get(layer, span.cache->length() + span.num_rows);
    }
    row += span.num_rows;
    const int64_t count = wanted_only ? span.num_wanted : span.num_rows;
    if (count == 0) continue;
    parts.push_back({queries.narrow(1, query, count), std::move(past), own, span.mask});
    query += count;
  }
  if (parts.empty()) return q;  // nobody wants a row
  return Attend(parts);
}

TextModel::Projected TextModel::ProjectAll(const TextBlock& block, const at::Tensor& n,
                                           const TextPass& pass, const DropoutKey& dropout) const {
  const int64_t d = sizes_.dim;
  const at::Tensor qkv = Linear(block.qkv, n, dropout);  // [R, 3 D]
  at::Tensor qk = qkv.narrow(1, 0, 2 * d).view({n.size(0), 2 * sizes_.heads, sizes_.head_dim()});
  rotary_.Rotate(qk, pass.positions);
  return {qkv.narrow(1, 0, d), qkv.narrow(1, d, 2 * d)};
}

TextModel::Projected TextModel::ProjectWanted(const TextBlock& block, const at::Tensor& n,
                                              const at::Tensor& n_wanted, const TextPass& pass,
                                              const DropoutKey& dropout) const {
  const int64_t d = sizes_.dim, heads = sizes_.heads, width = sizes_.head_dim();
  const at::Tensor kv = Linear(block.qkv.Outputs(d, 2 * d), n, dropout);
  at::Tensor k = kv.narrow(1, 0, d).view({n.size(0), heads, width});
  rotary_.Rotate(k, pass.positions);
  const at::Tensor q = Linear(block.qkv.Outputs(0, d), n_wanted, dropout);
  at::Tensor q_heads = q.view({q.size(0), heads, width});
  rotary_.Rotate(q_heads, pass.wanted_positions);
  return {q, kv};
}

at::Tensor TextModel::RunBlock(int64_t layer, const at::Tensor& x, const TextPass& pass,
                               const DropoutKey& dropout, TextBlockTape* tape) const {
  const TextBlock& block = layers_.blocks[layer];
  const bool prunes = Prunes(layer, pass);
  NormTape* norm_tape = tape == nullptr ? nullptr : &tape->norm;
  MlpTape* mlp_tape = tape == nullptr ? nullptr : &tape->mlp;
  const at::Tensor n = LayerNorm(block.norm, x, norm_tape);
  const at::Tensor n_wanted = prunes ? n.index_select(0, pass.wanted) : n;
  const Projected rows = prunes ? ProjectWanted(block, n, n_wanted, pass, dropout)
                                : ProjectAll(block, n, pass, dropout);
  at::Tensor attended = AttendSpans(layer, rows, pass);
  if (attended.size(0) == 0) return attended;
  at::Tensor y = Linear(block.out_proj, attended, dropout);
  y.add_(Mlp(block.mlp, n_wanted, dropout, mlp_tape));
  y.add_(prunes ? x.index_select(0, pass.wanted) : x);
  if (tape != nullptr) *tape = {x, tape->norm, n, rows.q, rows.kv, attended, tape->mlp};
  return y;
}

at::Tensor TextModel::Forward(const at::Tensor& x, absl::Span<const Span> spans,
                              const BlockTap& tap, TextTape* tape) const {
  const TextPass pass(spans, x.device());
  const DropoutKey dropout = tape == nullptr ? DropoutKey() : tape->dropout;
  at::Tensor hidden = x;
  for (int64_t layer = 0; layer < sizes_.layers; ++layer) {
    TextBlockTape block;
    hidden = RunBlock(layer, hidden, pass, dropout, tape == nullptr ? nullptr : &block);
    if (tape != nullptr) tape->Keep(std::move(block));
    if (tap) tap(layer, hidden);
  }
  for (const Span& span : spans) {
    if (span.cache != nullptr) span.cache->Advance(span.num_rows);
  }
  return hidden;
}

at::Tensor TextModel::Logits(const at::Tensor& hidden, TextTape* tape) const {
  const at::Tensor n =
      LayerNorm(layers_.head_norm, hidden, tape == nullptr ? nullptr : &tape->head_norm);
  if (tape != nullptr) tape->head_input = n;
  return LinearToFp32(layers_.head, n);
}

}  // namespace md2::model
