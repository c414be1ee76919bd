#include "tests/bench/product_floor.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"
#include "tests/bench/bench_input.h"

namespace md2::bench {

namespace names = model::names;

ProductFloor::ProductFloor(const model::Sizes& sizes, const model::Weights& weights, int64_t crops,
                           int64_t rows)
    : options_(weights.all().begin()->second.options()) {
  const model::VisionSizes& vision = sizes.vision;
  const int64_t patches = vision.patches();
  Add(weights, absl::StrCat(names::kVision, "patch_embed.linear"), crops * patches, encode_);
  for (int64_t i = 0; i < vision.depth; ++i) {
    for (const char* layer : {"attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"}) {
      Add(weights, absl::StrCat(names::kVision, "blocks.", i, ".", layer), crops * patches,
          encode_);
    }
  }
  for (const char* layer : {"fc1", "fc2"}) {
    Add(weights, absl::StrCat(names::kProjector, layer), patches, encode_);
  }
  encode_attention_ = MakeAttention(vision.heads, patches, vision.head_dim(), crops * vision.depth);

  const model::TextSizes& text = sizes.text;
  for (int64_t i = 0; i < text.layers; ++i) {
    std::vector<Product>& block = i + 1 < text.layers ? prefill_ : last_block_;
    for (const char* layer : {"mixer.Wqkv", "mixer.out_proj", "mlp.fc1", "mlp.fc2"}) {
      Add(weights, absl::StrCat(names::kTextBlocks, i, ".", layer), rows, block);
    }
  }
  const Product& qkv = last_block_.front();
  last_needed_.push_back({qkv.w.Outputs(text.dim, 2 * text.dim), qkv.x});
  prefill_attention_ = MakeAttention(text.heads, rows, text.head_dim(), text.layers);
}

at::Tensor ProductFloor::Noise(at::IntArrayRef shape) const {
  return at::randn(shape, at::kFloat).to(options_);
}

void ProductFloor::Add(const model::Weights& weights, const std::string& name, int64_t rows,
                       std::vector<Product>& to) {
  const model::LinearWeights w = model::LinearWeights::Find(weights, name);
  for (const at::Tensor& x : inputs_) {
    if (x.size(0) == rows && x.size(1) == w.weight.size(1)) {
      to.push_back({w, x});
      return;
    }
  }
  inputs_.push_back(Noise({rows, w.weight.size(1)}));
  to.push_back({w, inputs_.back()});
}

ProductFloor::Attention ProductFloor::MakeAttention(int64_t heads, int64_t rows, int64_t width,
                                                    int64_t times) const {
  return {.q = Noise({heads, rows, width}),
          .k = Noise({heads, width, rows}),
          .shares = Noise({heads, rows, rows}),
          .v = Noise({heads, rows, width}),
          .times = times};
}

double ProductFloor::Measure(const std::vector<Product>& products) {
  return Seconds([&] {
    for (const Product& product : products) {
      at::linear(product.x, product.w.weight, product.w.bias);
    }
  });
}

double ProductFloor::Measure(const Attention& attention) {
  return Seconds([&] {
    for (int64_t i = 0; i < attention.times; ++i) {
      at::bmm(attention.q, attention.k);
      at::bmm(attention.shares, attention.v);
    }
  });
}

EncodeFloor ProductFloor::MeasureEncode() const {
  return {.linears = Measure(encode_), .attention = Measure(encode_attention_)};
}

PrefillFloor ProductFloor::MeasurePrefill() const {
  const double blocks = Measure(prefill_);
  return {.linears = blocks + Measure(last_block_),
          .linears_needed = blocks + Measure(last_needed_),
          .attention = Measure(prefill_attention_)};
}

}  // namespace md2::bench
