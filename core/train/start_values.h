// Defines the values with which training from nothing begins:
//   FreshSpread, FreshValues   of a tensor of the model
//   AdapterStart               of an adapter's A

#ifndef MD2_CORE_TRAIN_START_VALUES_H_
#define MD2_CORE_TRAIN_START_VALUES_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/model/random_values.h"
#include "core/model/sizes.h"
#include "core/model/weight_table.h"

namespace md2::train {

// What was measured to learn from nothing: weights 1 / sqrt(fan-in); those whose output is added to
// the residual stream divided by sqrt(2 x depth) too; word embeddings 0.3; the head 0.02; weights
// of norms 1, biases 0.
model::Spread FreshSpread(const model::WeightSpec& spec, const model::Sizes& sizes);

// All values of one tensor of fresh weights, a pure function of name, shape, sizes and seed.
// Position embeddings are no draws but sines and cosines of row and column with an amplitude of
// 0.9: of the V values of the patch in row r and column c, a quarter each are sin(r f), cos(r f),
// sin(c f) and cos(c f), where f falls from 1 to 1 / 10000 as in transformers.
std::vector<float> FreshValues(const model::WeightSpec& spec, const model::Sizes& sizes,
                               uint64_t seed);

// A of an adapter [rank, in], uniform within 1 / sqrt(in), which is Kaiming's with a = sqrt(5); a
// pure function of name, shape and seed. (B begins as zeros.)
std::vector<float> AdapterStart(absl::string_view name, int64_t rank, int64_t in, uint64_t seed);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_START_VALUES_H_
