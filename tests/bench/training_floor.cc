#include "tests/bench/training_floor.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"
#include "tests/bench/bench_input.h"

namespace md2::bench {

namespace names = model::names;

TrainingFloor::TrainingFloor(const model::Sizes& sizes, const model::Weights& weights,
                             const TrainingShape& shape)
    : options_(weights.all().begin()->second.options()) {
  if (shape.crops > 0) AddVision(sizes.vision, weights, shape);
  AddText(sizes.text, weights, shape);
}

void TrainingFloor::AddVision(const model::VisionSizes& sizes, const model::Weights& weights,
                              const TrainingShape& shape) {
  const auto add = [&](const std::string& name, int64_t rows) {
    products_.push_back(Make(model::LinearWeights::Find(weights, name), rows, true));
  };
  const int64_t patches = sizes.patches();
  add(absl::StrCat(names::kVision, "patch_embed.linear"), shape.crops * patches);
  for (int64_t i = 0; i < sizes.depth; ++i) {
    for (const char* layer : {"attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"}) {
      add(absl::StrCat(names::kVision, "blocks.", i, ".", layer), shape.crops * patches);
    }
  }
  for (const char* layer : {"fc1", "fc2"}) {
    add(absl::StrCat(names::kProjector, layer), shape.examples * patches);
  }
  attention_.push_back(
      MakeAttention(sizes.heads, patches, sizes.head_dim(), shape.crops * sizes.depth));
}

void TrainingFloor::AddText(const model::TextSizes& sizes, const model::Weights& weights,
                            const TrainingShape& shape) {
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const bool is_last = i + 1 == sizes.layers;
    for (const char* layer : {"mixer.Wqkv", "mixer.out_proj", "mlp.fc1", "mlp.fc2"}) {
      const auto w =
          model::LinearWeights::Find(weights, absl::StrCat(names::kTextBlocks, i, ".", layer));
      (is_last ? last_block_ : products_).push_back(Make(w, shape.rows, shape.trains_text));
      if (is_last && last_needed_.empty()) {
        last_needed_.push_back(Make(w.Outputs(0, sizes.dim), shape.wanted, shape.trains_text));
        last_needed_.push_back(
            Make(w.Outputs(sizes.dim, 2 * sizes.dim), shape.rows, shape.trains_text));
      } else if (is_last) {
        last_needed_.push_back(Make(w, shape.wanted, shape.trains_text));
      }
    }
  }
  const auto head = model::LinearWeights::Find(weights, absl::StrCat(names::kHead, "linear"));
  products_.push_back(Make(head, shape.wanted, shape.trains_text));
  attention_.push_back(MakeAttention(sizes.heads, shape.rows / shape.examples, sizes.head_dim(),
                                     shape.examples * sizes.layers));
}

TrainingFloor::Product TrainingFloor::Make(const model::LinearWeights& w, int64_t rows,
                                           bool is_trained) {
  return {w, Noise(rows, w.weight.size(1)), Noise(rows, w.weight.size(0)), is_trained};
}

at::Tensor TrainingFloor::Noise(int64_t rows, int64_t columns) {
  for (const at::Tensor& x : noise_) {
    if (x.size(0) == rows && x.size(1) == columns) return x;
  }
  return noise_.emplace_back(at::randn({rows, columns}, at::kFloat).to(options_));
}

TrainingFloor::Attention TrainingFloor::MakeAttention(int64_t heads, int64_t rows, int64_t width,
                                                      int64_t times) const {
  return {.q = at::randn({heads, rows, width}, at::kFloat).to(options_),
          .shares = at::randn({heads, rows, rows}, at::kFloat).to(options_),
          .times = times};
}

double TrainingFloor::Measure(const std::vector<Product>& products) {
  return Seconds([&] {
    for (const Product& p : products) at::linear(p.x, p.w.weight, p.w.bias);
    for (size_t i = products.size(); i-- > 0;) {
      const Product& p = products[i];
      at::mm(p.dy, p.w.weight);
      if (p.is_trained) at::mm(p.dy.t(), p.x);
    }
  });
}

double TrainingFloor::Measure(const Attention& attention) {
  const at::Tensor keys = attention.q.transpose(1, 2), turned = attention.shares.transpose(1, 2);
  return Seconds([&] {
    for (int64_t i = 0; i < attention.times; ++i) {
      for (int scores = 0; scores < 3; ++scores) at::bmm(attention.q, keys);
      for (int sums = 0; sums < 2; ++sums) at::bmm(attention.shares, attention.q);
      for (int sums = 0; sums < 2; ++sums) at::bmm(turned, attention.q);
    }
  });
}

TrainingSeconds TrainingFloor::Measure() const {
  const double blocks = Measure(products_);
  TrainingSeconds seconds = {.linears = blocks + Measure(last_block_),
                             .linears_needed = blocks + Measure(last_needed_)};
  for (const Attention& attention : attention_) seconds.attention += Measure(attention);
  return seconds;
}

}  // namespace md2::bench
