// Defines which rows an update takes, as pure functions of numbers:
//   RowOrder       the rows of one epoch in the order in which they are trained
//   WindowOptions, Window
//   Windows        an update's number -> its epoch and its rows
//
// The shuffle, so that others can compute the same: Mix(z) is SplitMix64's finaliser,
//   z ^= z >> 30; z *= 0xbf58476d1ce4e5b9; z ^= z >> 27; z *= 0x94d049bb133111eb; z ^= z >> 31
// with 64 bits. The j-th draw of an epoch, from 1, is Mix(Mix(Mix(seed) + epoch) +
// j * 0x9e3779b97f4a7c15). For i = num_rows - 1 down to 1 the entries i and (draw mod (i + 1)) are
// swapped; draws from the largest multiple of i + 1 that 2^64 holds upwards are passed over.

#ifndef MD2_CORE_DATA_ORDER_H_
#define MD2_CORE_DATA_ORDER_H_

#include <cstdint>
#include <vector>

namespace md2::data {

// All of 0 .. num_rows - 1, each once; rising when not shuffled. Epochs count from 0.
// REQUIRES: 0 <= num_rows < 2^32, epoch >= 0.
std::vector<uint32_t> RowOrder(int64_t num_rows, bool shuffle, uint64_t seed, int64_t epoch);

struct WindowOptions {
  int64_t num_rows = 0;    // that are trained, at least 1
  int64_t batch_size = 1;  // rows of a micro-batch, at least 1
  int64_t grad_accum = 1;  // micro-batches of an update, at least 1
  bool shuffle = true;
  uint64_t seed = 0;
};

struct Window {
  int64_t epoch = 0;  // from 0
  // At most grad_accum of at most batch_size rows, 0 .. num_rows - 1; none is empty.
  std::vector<std::vector<uint32_t>> micro_batches;
};

// Windows never cross an epoch: its last one takes what is left. What At returns depends on the
// options and the update alone; the order of one epoch is kept, 4 bytes a row, so that updates in
// turn are cheap. One thread at a time.
class Windows {
 public:
  // REQUIRES: the options are in their ranges.
  explicit Windows(const WindowOptions& options);

  // ceil(num_rows / (batch_size x grad_accum)).
  int64_t updates_per_epoch() const { return updates_per_epoch_; }

  // REQUIRES: update >= 0; they count from 0.
  Window At(int64_t update);

 private:
  const WindowOptions options_;
  int64_t rows_per_update_;
  int64_t updates_per_epoch_;
  int64_t ordered_epoch_ = -1;
  std::vector<uint32_t> order_;  // of that epoch
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ORDER_H_
