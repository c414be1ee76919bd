#include "core/train/state_block.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

#include "core/base/status_macros.h"
#include "core/model/torch_status.h"
#include "core/model/weight_arena.h"

namespace md2::train {
namespace {

uint64_t BytesOf(const std::vector<int64_t>& shape, at::ScalarType type) {
  uint64_t bytes = c10::elementSize(type);
  for (const int64_t size : shape) bytes *= static_cast<uint64_t>(size);
  return model::AlignedBytes(bytes);
}

absl::StatusOr<std::vector<at::Tensor>> OnHost(const std::vector<std::vector<int64_t>>& shapes,
                                               at::ScalarType type) {
  uint64_t bytes = 0;
  for (const std::vector<int64_t>& shape : shapes) bytes += BytesOf(shape, type);
  MD2_ASSIGN_OR_RETURN(const std::shared_ptr<model::WeightArena> arena,
                       model::WeightArena::Create(bytes));
  std::vector<at::Tensor> tensors;
  uint8_t* place = arena->data();
  for (const std::vector<int64_t>& shape : shapes) {
    tensors.push_back(at::from_blob(place, shape, [arena](void*) {}, type));
    place += BytesOf(shape, type);
  }
  return tensors;
}

}  // namespace

absl::StatusOr<std::vector<at::Tensor>> MakeStateBlock(
    const std::vector<std::vector<int64_t>>& shapes, const at::TensorOptions& options) {
  if (shapes.empty()) return std::vector<at::Tensor>();
  if (options.device().is_cpu()) return OnHost(shapes, c10::typeMetaToScalarType(options.dtype()));
  std::vector<at::Tensor> tensors;
  MD2_RETURN_IF_ERROR(model::CatchTorch("allocating training state", [&] {
    for (const std::vector<int64_t>& shape : shapes) {
      tensors.push_back(at::zeros(shape, options));
    }
    return absl::OkStatus();
  }));
  return tensors;
}

}  // namespace md2::train
