// Defines one step of AdamW over a stretch of values, fused with what follows it.
//
// For value w with gradient g, in fp32 (Loshchilov, Hutter, "Decoupled weight decay
// regularization", 2019, algorithm 2):
//   w -= rate decay w;  m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
//   w -= rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)

#ifndef MD2_CORE_TRAIN_ADAMW_H_
#define MD2_CORE_TRAIN_ADAMW_H_

#include <cstdint>

namespace md2::train {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-6;
  double weight_decay = 0;
};

// The numbers of one step, the same for all values of one rate.
struct AdamWStep {
  // t counts from 1. `factor` is what gradients are multiplied by first: the clip and the loss
  // scale.
  AdamWStep(const AdamWOptions& options, double rate, int64_t t, double factor);

  float factor;
  float kept;  // of a weight, by its decay
  float beta1_rest;
  float beta2;
  float beta2_rest;
  float size;        // rate / (1 - beta1^t)
  float root_scale;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
};

// Steps `count` values. Sums and products are rounded one by one, whatever the processor.
void ApplyAdamW(const AdamWStep& step, int64_t count, const float* gradient, float* first,
                float* second, float* weight);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_ADAMW_H_
