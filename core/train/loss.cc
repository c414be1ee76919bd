#include "core/train/loss.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace md2::train {
namespace {

constexpr int64_t kValuesPerThread = 1 << 14;

struct RowLoss {
  double loss;
  bool is_correct;
};

RowLoss RunRow(float* row, int64_t vocab, int64_t target, double factor) {
  const float* top = std::max_element(row, row + vocab);
  const float max = *top;
  double sum = 0;
  for (int64_t i = 0; i < vocab; ++i) sum += std::exp(row[i] - max);
  const RowLoss out = {std::log(sum) - (row[target] - max), top == row + target};
  if (factor == 0) return out;
  const auto share = static_cast<float>(factor / sum);
  for (int64_t i = 0; i < vocab; ++i) row[i] = share * std::exp(row[i] - max);
  row[target] -= static_cast<float>(factor);
  return out;
}

}  // namespace

LossSums& LossSums::operator+=(const LossSums& other) {
  loss += other.loss;
  tokens += other.tokens;
  correct += other.correct;
  return *this;
}

LossSums CrossEntropy(at::Tensor& logits, absl::Span<const int64_t> targets, double factor) {
  const int64_t rows = logits.size(0), vocab = logits.size(1);
  auto* values = logits.mutable_data_ptr<float>();
  std::vector<RowLoss> losses(rows);
  at::parallel_for(0, rows, std::max<int64_t>(1, kValuesPerThread / vocab),
                   [&](int64_t begin, int64_t end) {
                     for (int64_t r = begin; r < end; ++r) {
                       losses[r] = RunRow(values + r * vocab, vocab, targets[r], factor);
                     }
                   });
  LossSums sums;
  for (const RowLoss& row : losses) {
    sums += {row.loss, 1, row.is_correct ? 1 : 0};
  }
  return sums;
}

}  // namespace md2::train
