// Defines Example, one row as the model sees it.

#ifndef MD2_CORE_TRAIN_EXAMPLE_H_
#define MD2_CORE_TRAIN_EXAMPLE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/data/load_crops.h"

namespace md2::train {

// The sequence is BOS, the image, `ids`. A plain value; tensors are shared.
struct Example {
  int64_t row = 0;           // in its data set, from 0
  std::vector<int64_t> ids;  // prompt, answer, end id
  int64_t num_prompt_ids = 0;
  // The image: [P, D] in the precision of the model, or, where vision is trained, its crops.
  at::Tensor features;
  std::shared_ptr<const image::Crops> crops;

  int64_t num_answer_ids() const { return static_cast<int64_t>(ids.size()) - num_prompt_ids; }
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EXAMPLE_H_
