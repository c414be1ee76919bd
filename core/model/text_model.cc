#include "core/model/text_model.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"

namespace md2::model {

// What every block of one pass needs to know of its rows.
struct TextModel::Pass {
  absl::Span<const Span> spans;
  at::Tensor positions;         // [R]
  at::Tensor wanted;            // [W], rows
  at::Tensor wanted_positions;  // [W]
  bool wants_all = false;
};

namespace {

at::Tensor OnDevice(const std::vector<int64_t>& values, c10::Device device) {
  at::Tensor out = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), out.mutable_data_ptr<int64_t>());
  return device.is_cpu() ? out : out.to(device);
}

}  // namespace

TextModel::TextModel(const Sizes& sizes, const Weights& weights)
    : sizes_(sizes.text),
      options_(weights.Get(absl::StrCat(names::kText, "transformer.embd.wte.weight")).options()),
      embedding_(weights.Get(absl::StrCat(names::kText, "transformer.embd.wte.weight"))),
      head_norm_(NormWeights::Find(weights, absl::StrCat(names::kHead, "ln"), sizes.text.eps)),
      head_(LinearWeights::Find(weights, absl::StrCat(names::kHead, "linear"))),
      rotary_(sizes.text, options_) {
  for (int64_t i = 0; i < sizes_.layers; ++i) {
    const std::string block = absl::StrCat(names::kTextBlocks, i, ".");
    blocks_.push_back({NormWeights::Find(weights, block + "ln", sizes_.eps),
                       LinearWeights::Find(weights, block + "mixer.Wqkv"),
                       LinearWeights::Find(weights, block + "mixer.out_proj"),
                       MlpWeights::Find(weights, block + "mlp.")});
  }
}

at::Tensor TextModel::Embed(absl::Span<const int64_t> ids) const {
  const std::vector<int64_t> rows(ids.begin(), ids.end());
  return embedding_.index_select(0, OnDevice(rows, embedding_.device()));
}

// q [rows, D] of all rows or of the wanted ones, kv [R, 2 D] -> [rows, D].
at::Tensor TextModel::AttendSpans(int64_t layer, const at::Tensor& q, const at::Tensor& kv,
                                  const Pass& pass, bool wanted_only) const {
  const int64_t heads = sizes_.heads, width = sizes_.head_dim();
  const at::Tensor queries = q.view({q.size(0), heads, width}).transpose(0, 1);  // [H, rows, E]
  // [2, H, R, E], views.
  const at::Tensor both = kv.view({kv.size(0), 2, heads, width}).permute({1, 2, 0, 3});
  std::vector<at::Tensor> out;
  int64_t row = 0, query = 0;
  for (const Span& span : pass.spans) {
    const at::Tensor own = both.narrow(2, row, span.num_rows);
    span.cache->Append(layer, {own[0], own[1]});
    row += span.num_rows;
    const int64_t count = wanted_only ? span.num_wanted : span.num_rows;
    if (count == 0) continue;
    std::vector<KeyValues> past;
    if (span.past != nullptr) past.push_back(span.past->Get(layer, span.past->capacity()));
    out.push_back(Attend(queries.narrow(1, query, count), past,
                         span.cache->Get(layer, span.cache->length() + span.num_rows), span.mask));
    query += count;
  }
  if (out.empty()) return q;  // nobody wants a row
  return out.size() == 1 ? out[0] : at::cat(out, 0);
}

at::Tensor TextModel::RunBlock(int64_t layer, const at::Tensor& x, const Pass& pass) const {
  const Block& block = blocks_[layer];
  const int64_t d = sizes_.dim, heads = sizes_.heads;
  const at::Tensor n = LayerNorm(block.norm, x);
  const at::Tensor qkv = Linear(block.qkv, n);  // [R, 3 D]
  at::Tensor qk = qkv.narrow(1, 0, 2 * d).view({x.size(0), 2 * heads, sizes_.head_dim()});
  rotary_.Rotate(qk, pass.positions);
  const at::Tensor attended =
      AttendSpans(layer, qkv.narrow(1, 0, d), qkv.narrow(1, d, 2 * d), pass, false);
  return Linear(block.out_proj, attended).add_(Mlp(block.mlp, n)).add_(x);
}

// Keys and values of all rows, everything else of the wanted ones.
at::Tensor TextModel::RunLastBlock(const at::Tensor& x, const Pass& pass) const {
  const Block& block = blocks_.back();
  const int64_t d = sizes_.dim, heads = sizes_.heads, width = sizes_.head_dim();
  const at::Tensor n = LayerNorm(block.norm, x);
  const at::Tensor kv = Linear(block.qkv.Outputs(d, 2 * d), n);  // [R, 2 D]
  at::Tensor k = kv.narrow(1, 0, d).view({x.size(0), heads, width});
  rotary_.Rotate(k, pass.positions);
  const at::Tensor n_wanted = n.index_select(0, pass.wanted);
  const at::Tensor q = Linear(block.qkv.Outputs(0, d), n_wanted);  // [W, D]
  at::Tensor q_heads = q.view({q.size(0), heads, width});
  rotary_.Rotate(q_heads, pass.wanted_positions);
  at::Tensor attended = AttendSpans(sizes_.layers - 1, q, kv, pass, true);
  if (attended.size(0) == 0) return attended;
  return Linear(block.out_proj, attended)
      .add_(Mlp(block.mlp, n_wanted))
      .add_(x.index_select(0, pass.wanted));
}

at::Tensor TextModel::Forward(const at::Tensor& x, absl::Span<const Span> spans,
                              const BlockTap& tap) const {
  std::vector<int64_t> positions, wanted, wanted_positions;
  for (const Span& span : spans) {
    for (int64_t i = 0; i < span.num_rows; ++i) {
      if (i >= span.num_rows - span.num_wanted) {
        wanted.push_back(static_cast<int64_t>(positions.size()));
        wanted_positions.push_back(span.position + i);
      }
      positions.push_back(span.position + i);
    }
  }
  const c10::Device device = x.device();
  const Pass pass = {spans, OnDevice(positions, device), OnDevice(wanted, device),
                     OnDevice(wanted_positions, device), wanted.size() == positions.size()};
  at::Tensor hidden = x;
  for (int64_t layer = 0; layer < sizes_.layers; ++layer) {
    const bool is_last = layer + 1 == sizes_.layers;
    hidden =
        is_last && !pass.wants_all ? RunLastBlock(hidden, pass) : RunBlock(layer, hidden, pass);
    if (tap) tap(layer, hidden);
  }
  for (const Span& span : spans) span.cache->Advance(span.num_rows);
  return hidden;
}

at::Tensor TextModel::Logits(const at::Tensor& hidden) const {
  return LinearToFp32(head_, LayerNorm(head_norm_, hidden));
}

}  // namespace md2::model
