// Defines FreshTensor, with which a tensor of a run with `init random` begins.

#ifndef MD2_CORE_TRAIN_FRESH_TENSOR_H_
#define MD2_CORE_TRAIN_FRESH_TENSOR_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "core/model/model_folder.h"

namespace md2::train {

// FreshValues of a weight of the base, by its name of 2024: fp32, on the CPU; undefined where its
// table has none of that name. LibTorch may throw.
at::Tensor FreshTensor(const model::ModelFolder& base, const std::string& name, uint64_t seed);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_FRESH_TENSOR_H_
