#include "core/data/order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/split_mix.h"

namespace md2::data {
namespace {

class Draws {
 public:
  Draws(uint64_t seed, int64_t epoch)
      : state_(base::SplitMix(base::SplitMix(seed) + static_cast<uint64_t>(epoch))) {}

  // Each of 0 .. bound - 1 with the same chance. REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) {
    // 2^64 mod bound values at the upper end would make small results likelier.
    const uint64_t num_surplus = (uint64_t{0} - bound) % bound;
    uint64_t draw = 0;
    do {
      state_ += base::kSplitMixStep;
      draw = base::SplitMix(state_);
    } while (draw > ~num_surplus);
    return draw % bound;
  }

 private:
  uint64_t state_;
};

}  // namespace

std::vector<uint32_t> RowOrder(int64_t num_rows, bool shuffle, uint64_t seed, int64_t epoch) {
  std::vector<uint32_t> order(static_cast<size_t>(num_rows));
  std::iota(order.begin(), order.end(), 0u);
  if (!shuffle) return order;
  Draws draws(seed, epoch);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draws.Below(i)]);
  return order;
}

WindowSize::WindowSize(int64_t rows, int64_t batch_size, int64_t grad_accum) : num_rows(rows) {
  // Kept within the rows first, so that the product stays in its range.
  const int64_t batch = std::min(batch_size, num_rows);
  const int64_t num_batches = (num_rows - 1) / batch + 1;
  rows_per_update = std::min(num_rows, batch * std::min(grad_accum, num_batches));
  updates_per_epoch = (num_rows - 1) / rows_per_update + 1;
}

Window WindowOf(const WindowSize& size, int64_t update) {
  Window window;
  window.epoch = update / size.updates_per_epoch;
  window.first = update % size.updates_per_epoch * size.rows_per_update;
  window.num_rows = std::min(size.rows_per_update, size.num_rows - window.first);
  return window;
}

}  // namespace md2::data
