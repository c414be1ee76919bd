// Defines models of TinyModelSizes with seeded weights.
//   PutTinyModel      a folder with such a model
//   MakeTinyModel     the model, loaded
//   RandomValues      a tensor of normal values

#ifndef MD2_TESTS_TESTING_TINY_MODEL_H_
#define MD2_TESTS_TESTING_TINY_MODEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/file_env.h"
#include "core/image/tiles.h"
#include "core/model/dtype.h"
#include "core/model/moondream.h"
#include "core/model/precision.h"
#include "core/model/sizes.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::testing {

struct TinyModelOptions {
  model::Sizes sizes = TinyModelSizes();
  uint64_t seed = 1;
  model::Dtype dtype = model::Dtype::kF32;  // of the file: kF32 or kF16
  model::Precision precision = model::Precision::kFp32;
};

// Writes a model folder without a meaningful tokenizer. Throws std::runtime_error when it cannot.
void PutTinyModel(base::FileEnv& env, const std::string& dir, const TinyModelOptions& options = {});

// The model of such a folder, on the CPU; the same for the same options. Throws std::runtime_error.
std::unique_ptr<const model::Moondream> MakeTinyModel(const TinyModelOptions& options = {});

// fp32, normally distributed, on the CPU; the same for the same shape and seed.
at::Tensor RandomValues(at::IntArrayRef shape, uint64_t seed);

// x weight^T + bias in doubles, from what the tensors hold.
at::Tensor LinearInDoubles(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

// Crops of a picture of noise: rows x cols tiles, or none when both are 0.
image::Crops RandomCrops(const model::Sizes& sizes, int rows, int cols, uint64_t seed);

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_TINY_MODEL_H_
