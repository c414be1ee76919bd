// Defines TrainingFloor: how long the matrix products of a training pass take when nothing is done
// between them.

#ifndef MD2_TESTS_BENCH_TRAINING_FLOOR_H_
#define MD2_TESTS_BENCH_TRAINING_FLOOR_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/layers.h"
#include "core/model/sizes.h"
#include "core/model/weights.h"

namespace md2::bench {

// What a micro-batch holds.
struct TrainingShape {
  int64_t examples = 1;
  int64_t rows = 1;         // of the text model, all examples
  int64_t wanted = 1;       // whose next id is trained
  int64_t crops = 0;        // read by a tower that is trained; 0: features are given
  bool trains_text = true;  // false: adapters alone, whose own small products are left out
};

struct TrainingSeconds {
  double linears = 0;         // there and back, of every row in every block, as published
  double linears_needed = 0;  // less what the last text block computes for rows that nobody reads
  double attention = 0;       // seven batched products a sequence and block, nothing left out
};

// LibTorch's own products: at::linear with bias there; at::mm for the gradients of input and, where
// they are trained, weights; at::bmm for attention. On noise, with the weights of the model. One
// thread at a time. LibTorch may throw.
class TrainingFloor {
 public:
  TrainingFloor(const model::Sizes& sizes, const model::Weights& weights,
                const TrainingShape& shape);

  TrainingSeconds Measure() const;

 private:
  struct Product {
    model::LinearWeights w;
    at::Tensor x;   // [R, in]
    at::Tensor dy;  // [R, out]
    bool is_trained = true;
  };
  struct Attention {
    at::Tensor q;       // [H, R, E]
    at::Tensor shares;  // [H, R, R]
    int64_t times = 0;
  };

  void AddVision(const model::VisionSizes& sizes, const model::Weights& weights,
                 const TrainingShape& shape);
  void AddText(const model::TextSizes& sizes, const model::Weights& weights,
               const TrainingShape& shape);
  Product Make(const model::LinearWeights& w, int64_t rows, bool is_trained);
  at::Tensor Noise(int64_t rows, int64_t columns);
  Attention MakeAttention(int64_t heads, int64_t rows, int64_t width, int64_t times) const;
  static double Measure(const std::vector<Product>& products);
  static double Measure(const Attention& attention);

  at::TensorOptions options_;
  std::vector<at::Tensor> noise_;  // one of each shape
  std::vector<Product> products_;
  std::vector<Product> last_block_;   // as published
  std::vector<Product> last_needed_;  // of the rows that are read
  std::vector<Attention> attention_;
};

}  // namespace md2::bench

#endif  // MD2_TESTS_BENCH_TRAINING_FLOOR_H_
