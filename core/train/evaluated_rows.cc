#include "core/train/evaluated_rows.h"

#include <utility>

#include "core/base/status_macros.h"

namespace md2::train {

absl::Status EvaluatedRows::Expect(const std::vector<int64_t>& rows) {
  ahead_ = nullptr;
  num_taken_ = 0;
  expected_.clear();
  for (const int64_t row : rows) {
    if (kept_.count(row) == 0) expected_.push_back(row);
  }
  const auto make = [this](int64_t item) { return loader_.Load(expected_[item]); };
  MD2_ASSIGN_OR_RETURN(ahead_, data::Prefetcher<Example>::Start(
                                   static_cast<int64_t>(expected_.size()), options_, make));
  return absl::OkStatus();
}

absl::StatusOr<at::Tensor> EvaluatedRows::Get(int64_t row) {
  const auto found = kept_.find(row);
  if (found != kept_.end()) return found->second;
  MD2_ASSIGN_OR_RETURN(const Example example, Load(row));
  return example.features;
}

absl::StatusOr<Example> EvaluatedRows::Load(int64_t row) {
  MD2_ASSIGN_OR_RETURN(Example example, Take(row));
  if (example.crops != nullptr) MD2_RETURN_IF_ERROR(Encode(example));
  return example;
}

absl::StatusOr<Example> EvaluatedRows::Take(int64_t row) {
  if (num_taken_ == expected_.size() || expected_[num_taken_] != row) return loader_.Load(row);
  MD2_ASSIGN_OR_RETURN(absl::optional<Example> example, ahead_->Next());
  ++num_taken_;
  return *std::move(example);
}

absl::Status EvaluatedRows::Encode(Example& example) {
  // Another row about the same image may have come first.
  const bool is_stored = loader_.FindFeatures(example.row, example);
  const std::shared_ptr<const image::Crops> crops = std::exchange(example.crops, nullptr);
  if (is_stored) return absl::OkStatus();
  MD2_ASSIGN_OR_RETURN(example.features, model_.EncodeImage(*crops));
  loader_.Store(example.row, example.features).IgnoreError();  // told when training stores
  if (kept_bytes_ + example.features.nbytes() > kMaxKeptBytes) return absl::OkStatus();
  kept_bytes_ += example.features.nbytes();
  kept_[example.row] = example.features;
  return absl::OkStatus();
}

}  // namespace md2::train
