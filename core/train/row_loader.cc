#include "core/train/row_loader.h"

#include <ATen/ops/from_blob.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/data/load_crops.h"
#include "core/model/weights.h"
#include "core/text/prompt.h"

namespace md2::train {

absl::StatusOr<Example> RowLoader::LoadIds(const data::Row& row) const {
  MD2_ASSIGN_OR_RETURN(const text::Example built,
                       text::BuildExample(tokenizer_, options_.revision, row.question, row.answer,
                                          static_cast<text::TokenId>(options_.sizes.eos_id)));
  Example example;
  example.ids.assign(built.ids.begin(), built.ids.end());
  example.num_prompt_ids = static_cast<int64_t>(built.num_prompt_ids);
  return example;
}

bool RowLoader::FindFeatures(int64_t row, Example& example) const {
  if (store_ == nullptr) return false;
  const absl::optional<data::FeatureView> view = store_->Find(checked_[row].image);
  if (!view.has_value()) return false;
  example.features = at::from_blob(
      const_cast<uint8_t*>(view->bytes.data()),
      {options_.sizes.vision.patches(), options_.sizes.text.dim}, [owner = view->owner](void*) {},
      model::ScalarTypeOf(options_.precision));
  return true;
}

absl::Status RowLoader::LoadCrops(const data::Row& row, Example& example) const {
  MD2_ASSIGN_OR_RETURN(
      image::Crops crops,
      data::LoadCrops(env_, row.image,
                      {static_cast<int>(options_.sizes.vision.crop), options_.tiles}));
  example.crops = std::make_shared<const image::Crops>(std::move(crops));
  return absl::OkStatus();
}

absl::StatusOr<Example> RowLoader::Load(int64_t row) const {
  MD2_ASSIGN_OR_RETURN(const data::Row read, dataset_.Read(row));
  const auto named = [&](const absl::Status& status) {
    return base::WithContext(status, dataset_.NameOf(row));
  };
  absl::StatusOr<Example> example = LoadIds(read);
  if (!example.ok()) return named(example.status());
  example->row = row;
  if (!FindFeatures(row, *example)) {
    const absl::Status loaded = LoadCrops(read, *example);
    if (!loaded.ok()) return named(loaded);
  }
  return example;
}

absl::Status RowLoader::Store(int64_t row, const at::Tensor& features) const {
  if (store_ == nullptr) return absl::OkStatus();
  const at::Tensor host = features.cpu().contiguous();
  return store_->Put(checked_[row].image,
                     {static_cast<const uint8_t*>(host.const_data_ptr()), host.nbytes()});
}

}  // namespace md2::train
