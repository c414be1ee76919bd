// Defines TinySizes, a model of a few hundred parameters.

#ifndef MD2_TESTS_UNIT_CORE_MODEL_TINY_SIZES_H_
#define MD2_TESTS_UNIT_CORE_MODEL_TINY_SIZES_H_

#include "core/model/sizes.h"

namespace md2::model {

// Every size differs from the others wherever it may.
inline Sizes TinySizes() {
  Sizes s;
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

}  // namespace md2::model

#endif  // MD2_TESTS_UNIT_CORE_MODEL_TINY_SIZES_H_
