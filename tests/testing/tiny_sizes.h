// Defines the sizes of every model that tests make; no LibTorch.
//   TinySizes        for what only reads sizes and files: some hundred parameters
//   TinyModelSizes   for what computes, or asks a person's questions: some ten thousand

#ifndef MD2_TESTS_TESTING_TINY_SIZES_H_
#define MD2_TESTS_TESTING_TINY_SIZES_H_

#include "core/model/sizes.h"

namespace md2::testing {

// Every size differs from the others wherever it may.
inline model::Sizes TinySizes() {
  model::Sizes s;
  s.vision = {.dim = 6, .depth = 1, .heads = 3, .mlp_dim = 10, .patch = 2, .crop = 4};
  s.projector_dim = 9;
  s.text = {.dim = 8,
            .layers = 2,
            .heads = 2,
            .mlp_dim = 12,
            .vocab = 11,
            .max_positions = 16,
            .rotary_dim = 4};
  s.bos_id = 7;
  s.eos_id = 10;
  return s;
}

// Two blocks, two layers, 3 x 3 patches, 37 ids, 48 positions; bos_id 35, eos_id 36.
inline model::Sizes TinyModelSizes() {
  model::Sizes s;
  s.vision = {.dim = 24, .depth = 2, .heads = 2, .mlp_dim = 20, .patch = 4, .crop = 12};
  s.projector_dim = 28;
  s.text = {.dim = 32,
            .layers = 2,
            .heads = 2,
            .mlp_dim = 44,
            .vocab = 37,
            .max_positions = 48,
            .rotary_dim = 8};
  s.bos_id = 35;
  s.eos_id = 36;
  return s;
}

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_TINY_SIZES_H_
