// Defines ProductFloor: how long the matrix products of a model take when nothing is done between
// them.

#ifndef MD2_TESTS_BENCH_PRODUCT_FLOOR_H_
#define MD2_TESTS_BENCH_PRODUCT_FLOOR_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/layers.h"
#include "core/model/sizes.h"
#include "core/model/weights.h"

namespace md2::bench {

struct EncodeFloor {
  double linears = 0;
  double attention = 0;  // two batched products a crop and block
};

struct PrefillFloor {
  double linears = 0;         // of every row in every block, as published; without the head
  double linears_needed = 0;  // less what the last block computes for rows that nobody reads
  double attention = 0;       // two batched products a block, the causal half not left out
};

// LibTorch's own products (at::linear with bias, at::bmm), each with the weights of its layer, in
// the model's order, on noise. Keeps the weights alive. One thread at a time. LibTorch may throw.
class ProductFloor {
 public:
  // `crops` of one image; `rows` of the text model: BOS, the image and a question.
  ProductFloor(const model::Sizes& sizes, const model::Weights& weights, int64_t crops,
               int64_t rows);

  // Seconds of one image and of one first reading.
  EncodeFloor MeasureEncode() const;
  PrefillFloor MeasurePrefill() const;

 private:
  struct Product {
    model::LinearWeights w;
    at::Tensor x;  // [R, in]
  };
  struct Attention {
    at::Tensor q;       // [H, R, E]
    at::Tensor k;       // [H, E, R]
    at::Tensor shares;  // [H, R, R]
    at::Tensor v;       // [H, R, E]
    int64_t times = 0;
  };

  void Add(const model::Weights& weights, const std::string& name, int64_t rows,
           std::vector<Product>& to);
  at::Tensor Noise(at::IntArrayRef shape) const;
  Attention MakeAttention(int64_t heads, int64_t rows, int64_t width, int64_t times) const;
  static double Measure(const std::vector<Product>& products);
  static double Measure(const Attention& attention);

  at::TensorOptions options_;
  std::vector<at::Tensor> inputs_;  // one of each shape
  std::vector<Product> encode_;
  std::vector<Product> prefill_;      // all blocks but the last
  std::vector<Product> last_block_;   // as published
  std::vector<Product> last_needed_;  // its keys and values
  Attention encode_attention_;
  Attention prefill_attention_;
};

}  // namespace md2::bench

#endif  // MD2_TESTS_BENCH_PRODUCT_FLOOR_H_
