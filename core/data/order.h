// Defines which rows an update takes, as pure functions of numbers:
//   RowOrder           the rows of one epoch in the order in which they are trained
//   WindowSize
//   Window, WindowOf   an update's number -> its epoch and its places in that order
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

struct WindowSize {
  // REQUIRES: all are at least 1.
  WindowSize(int64_t num_rows, int64_t batch_size, int64_t grad_accum);

  int64_t num_rows;           // that are trained in an epoch
  int64_t rows_per_update;    // batch_size x grad_accum, at most all
  int64_t updates_per_epoch;  // rounded up
};

// Rows of one update: windows follow one another and never cross an epoch, whose last one takes
// what is left.
struct Window {
  int64_t epoch = 0;     // from 0
  int64_t first = 0;     // place of the first row in the epoch's order, from 0
  int64_t num_rows = 0;  // at least 1
};

// REQUIRES: update >= 0; they count from 0.
Window WindowOf(const WindowSize& size, int64_t update);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ORDER_H_
