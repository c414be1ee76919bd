// Defines RowLoader, which makes an Example of a row of a data set.

#ifndef MD2_CORE_TRAIN_ROW_LOADER_H_
#define MD2_CORE_TRAIN_ROW_LOADER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/base/revision.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/data/feature_store.h"
#include "core/model/precision.h"
#include "core/model/sizes.h"
#include "core/text/tokenizer.h"
#include "core/train/example.h"

namespace md2::train {

struct RowLoaderOptions {
  base::Revision revision = base::Revision::k2024_07_23;
  model::Sizes sizes;
  bool tiles = true;
  model::Precision precision = model::Precision::kFp32;  // of stored features
};

// What it is given must outlive it. Safe for concurrent use.
class RowLoader {
 public:
  // `checked` are all rows of `dataset`, from the check. `store` is null where features are not to
  // be used.
  RowLoader(base::FileEnv& env, const data::Dataset& dataset, const text::Tokenizer& tokenizer,
            absl::Span<const data::CheckedRow> checked, data::FeatureStore* store,
            const RowLoaderOptions& options)
      : env_(env),
        dataset_(dataset),
        tokenizer_(tokenizer),
        checked_(checked),
        store_(store),
        options_(options) {}

  // With the stored features of its image, in host memory; without such, with its crops. Blocks on
  // the disk. Errors name the row: those of Dataset::Read, text::BuildExample and
  // image::ReadImageFile, since a file may have changed after the check.
  absl::StatusOr<Example> Load(int64_t row) const;

  // Fills in the features of its image where they are stored by now. Whether they are.
  bool FindFeatures(int64_t row, Example& example) const;

  // Keeps the features of a row's image for later. As data::FeatureStore::Put.
  absl::Status Store(int64_t row, const at::Tensor& features) const;

  // One that loads pictures alone.
  RowLoader WithoutStore() const {
    return RowLoader(env_, dataset_, tokenizer_, checked_, nullptr, options_);
  }

  // Of the bytes of the file of its image, as the check found it.
  const base::Sha256Digest& ImageOf(int64_t row) const { return checked_[row].image; }

  const data::Dataset& dataset() const { return dataset_; }

 private:
  absl::StatusOr<Example> LoadIds(const data::Row& row) const;
  absl::Status LoadCrops(const data::Row& row, Example& example) const;

  base::FileEnv& env_;
  const data::Dataset& dataset_;
  const text::Tokenizer& tokenizer_;
  const absl::Span<const data::CheckedRow> checked_;
  data::FeatureStore* const store_;
  const RowLoaderOptions options_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_ROW_LOADER_H_
