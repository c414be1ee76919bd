#include "tests/testing/tiny_model.h"

#include <ATen/ops/empty.h>

#include <random>

#include "core/model/model_folder.h"
#include "core/model/random_model.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/value_of.h"

namespace md2::testing {

void PutTinyModel(base::FileEnv& env, const std::string& dir, const TinyModelOptions& options) {
  model::RandomModelOptions random;
  random.sizes = options.sizes;
  random.seed = options.seed;
  random.dtype = options.dtype;
  random.tokenizer_json = "{}";
  random.num_threads = 1;
  ThrowUnlessOk(model::WriteRandomModel(env, dir, random));
}

std::unique_ptr<const model::Moondream> MakeTinyModel(const TinyModelOptions& options) {
  MemFileEnv env;
  PutTinyModel(env, "/model", options);
  const model::ModelFolder folder = ValueOf(model::OpenModelFolder(env, "/model"));
  return ValueOf(model::Moondream::Load(folder, {.precision = options.precision}));
}

at::Tensor RandomValues(at::IntArrayRef shape, uint64_t seed) {
  at::Tensor out = at::empty(shape, at::kFloat);
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  float* values = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i) values[i] = normal(random);
  return out;
}

at::Tensor LinearInDoubles(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return x.to(at::kDouble).matmul(weight.to(at::kDouble).t()).add(bias.to(at::kDouble));
}

image::Crops RandomCrops(const model::Sizes& sizes, int rows, int cols, uint64_t seed) {
  image::Crops crops;
  crops.count = 1 + rows * cols;
  crops.side = static_cast<int>(sizes.vision.crop);
  crops.rows = rows;
  crops.cols = cols;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> level(-1, 1);
  crops.pixels.resize(crops.count * sizes.vision.crop_values());
  for (float& pixel : crops.pixels) pixel = level(random);
  return crops;
}

}  // namespace md2::testing
