// Defines Estimate, a mean over a sample with a 95 % interval.

#ifndef MD2_CORE_TRAIN_ESTIMATE_H_
#define MD2_CORE_TRAIN_ESTIMATE_H_

#include <cstdint>

namespace md2::train {

struct Estimate {
  double value = 0;  // the mean; meaningless when n is 0
  int64_t n = 0;     // rows
  double low = 0;
  double high = 1;
};

// The mean of n scores in [0, 1], given their sum, with Wilson's interval (E. B. Wilson 1927), for
// p = sum / n and z = 1.959964:
//   (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
// It is exact in its assumption for scores of 0 and 1. Other scores in [0, 1] with mean p vary by
// at most p (1 - p), so that the same interval covers them, and is wider than it need be. Without
// scores it is [0, 1]. REQUIRES: 0 <= sum <= n.
Estimate WilsonEstimate(double sum, int64_t n);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_ESTIMATE_H_
