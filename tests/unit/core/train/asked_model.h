// Defines what evaluation is tested with: a tiny model that can read, rows, and features of noise.
//   AskedModel, MemFeatures

#ifndef MD2_TESTS_UNIT_CORE_TRAIN_ASKED_MODEL_H_
#define MD2_TESTS_UNIT_CORE_TRAIN_ASKED_MODEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/model/moondream.h"
#include "core/text/tokenizer.h"
#include "core/train/feature_source.h"
#include "core/train/generate_answers.h"

namespace md2::train {

// The image of a row is noise that its letter in `images` seeds. One thread at a time.
class MemFeatures : public FeatureSource {
 public:
  MemFeatures(const model::Sizes& sizes, std::string images)
      : sizes_(sizes), images_(std::move(images)) {}

  absl::Status Expect(const std::vector<int64_t>& rows) override {
    expected.insert(expected.end(), rows.begin(), rows.end());
    return absl::OkStatus();
  }
  absl::StatusOr<at::Tensor> Get(int64_t row) override;

  std::vector<int64_t> expected;
  std::vector<int64_t> asked;  // rows, in their order
  int64_t failing_row = -1;    // fails with `failure`
  absl::Status failure;

 private:
  const model::Sizes sizes_;
  const std::string images_;
};

// One that some of the answers of random weights hold and some do not.
inline constexpr int64_t kEndId = 434;

// Random weights and the tiny tokenizer; one thread at a time.
struct AskedModel {
  // `images` has a letter a row: the rows' images.
  explicit AskedModel(const std::string& images);

  Answering answering(model::AttentionKind attention = model::AttentionKind::kCausal);

  std::unique_ptr<const text::Tokenizer> tokenizer;
  std::unique_ptr<const model::Moondream> model;
  MemFeatures features;
  std::vector<AskedRow> rows;
};

}  // namespace md2::train

#endif  // MD2_TESTS_UNIT_CORE_TRAIN_ASKED_MODEL_H_
