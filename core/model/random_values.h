// Defines random weights as a pure function of seed, name and place.
//   Spread, SpreadOf    how the values of a tensor are spread
//   RandomTensor        its values
//   UniformValues       values within a bound

#ifndef MD2_CORE_MODEL_RANDOM_VALUES_H_
#define MD2_CORE_MODEL_RANDOM_VALUES_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/model/weight_table.h"

namespace md2::model {

// How the values of one tensor are spread, so that activations stay finite in fp16 at any depth:
// matrices 1 / sqrt(fan-in), embeddings 0.5, vectors 0.05, weights of norms 0.05 around 1.
struct Spread {
  double mean = 0;
  double deviation = 0;
};
Spread SpreadOf(const WeightSpec& spec);

// Values of one tensor. Each is the sum of four uniforms, so none is further than 3.47 deviations
// from the mean. Immutable, share freely.
class RandomTensor {
 public:
  RandomTensor(const WeightSpec& spec, uint64_t seed)
      : RandomTensor(spec.name, SpreadOf(spec), seed) {}
  RandomTensor(absl::string_view name, const Spread& spread, uint64_t seed);

  // Row-major values [first, first + out.size()).
  void Fill(uint64_t first, absl::Span<float> out) const;

 private:
  uint64_t key_;  // of seed and name
  float mean_;
  float step_;  // between neighbouring values
};

// `count` values within `bound` of 0, evenly spread.
std::vector<float> UniformValues(absl::string_view name, double bound, uint64_t seed,
                                 int64_t count);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_RANDOM_VALUES_H_
