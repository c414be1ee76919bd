// Defines ReadingFloor: how long it takes to merely read what the model reads for a decoded token.

#ifndef MD2_TESTS_BENCH_READING_FLOOR_H_
#define MD2_TESTS_BENCH_READING_FLOOR_H_

#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "core/model/sizes.h"
#include "core/model/weight_arena.h"
#include "core/model/weights.h"

namespace md2::bench {

// Sums the text model's weights, the embedding table aside, where they lie, and as many bytes as
// the keys and values of a sequence take, with LibTorch's threads. Keeps the weights alive. One
// thread at a time.
class ReadingFloor {
 public:
  // `tokens` whose keys and values are read. REQUIRES: weights as LoadWeights makes them on the
  // CPU, one after another in the order of the table.
  ReadingFloor(const model::Sizes& sizes, const model::Weights& weights, int64_t tokens);

  int64_t num_bytes() const { return num_bytes_; }
  // Seconds of one reading.
  double Measure() const;

 private:
  model::Weights weights_;
  std::shared_ptr<model::WeightArena> keys_values_;
  absl::Span<const uint8_t> text_;
  absl::Span<const uint8_t> cache_;
  int64_t num_bytes_ = 0;
};

}  // namespace md2::bench

#endif  // MD2_TESTS_BENCH_READING_FLOOR_H_
