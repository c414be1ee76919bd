#include "core/train/moments.h"

#include "absl/types/span.h"
#include "core/base/status_macros.h"
#include "core/train/moments8.h"
#include "core/train/state_block.h"

namespace md2::train {
namespace {

static_assert(Moments::kChunk % kMomentBlock == 0);

// The part of a chunk in codes and scales.
absl::Span<uint8_t> Codes(const at::Tensor& codes, int64_t begin, int64_t count) {
  return {codes.mutable_data_ptr<uint8_t>() + begin, static_cast<size_t>(count)};
}

absl::Span<float> Scales(const at::Tensor& scales, int64_t begin, int64_t count) {
  return {scales.mutable_data_ptr<float>() + begin / kMomentBlock,
          static_cast<size_t>(NumMomentBlocks(count))};
}

}  // namespace

absl::StatusOr<Moments> Moments::Create(const std::vector<TrainedTensor>& tensors, int64_t bits) {
  Moments moments;
  if (tensors.empty()) return moments;
  std::vector<std::vector<int64_t>> shapes, scales;
  for (const TrainedTensor& tensor : tensors) {
    shapes.insert(shapes.end(), 2, tensor.master.sizes().vec());
    scales.insert(scales.end(), 2, {NumMomentBlocks(tensor.master.numel())});
  }
  const at::TensorOptions fp32 = tensors[0].master.options();
  MD2_ASSIGN_OR_RETURN(const std::vector<at::Tensor> values,
                       MakeStateBlock(shapes, bits == 8 ? fp32.dtype(at::kByte) : fp32));
  std::vector<at::Tensor> scaled(values.size());
  if (bits == 8) {
    MD2_ASSIGN_OR_RETURN(scaled, MakeStateBlock(scales, fp32));
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    moments.pairs_.push_back(
        {tensors[i].name, values[2 * i], values[2 * i + 1], scaled[2 * i], scaled[2 * i + 1]});
  }
  return moments;
}

void Moments::Unpack(size_t i, int64_t begin, int64_t count, float* first, float* second) const {
  const Pair& pair = pairs_[i];
  const auto size = static_cast<size_t>(count);
  DequantiseFirst(Codes(pair.first, begin, count), Scales(pair.first_scales, begin, count),
                  {first, size});
  DequantiseSecond(Codes(pair.second, begin, count), Scales(pair.second_scales, begin, count),
                   {second, size});
}

void Moments::Pack(size_t i, int64_t begin, int64_t count, int64_t update, const float* first,
                   const float* second) {
  const Pair& pair = pairs_[i];
  const auto seed = static_cast<uint32_t>(update);
  const auto size = static_cast<size_t>(count);
  QuantiseFirst({first, size}, seed, Codes(pair.first, begin, count),
                Scales(pair.first_scales, begin, count));
  QuantiseSecond({second, size}, seed, Codes(pair.second, begin, count),
                 Scales(pair.second_scales, begin, count));
}

std::vector<StateTensor> Moments::State() const {
  std::vector<StateTensor> state;
  for (const Pair& pair : pairs_) {
    state.push_back({pair.name + ".first", pair.first});
    state.push_back({pair.name + ".second", pair.second});
    if (!pair.first_scales.defined()) continue;
    state.push_back({pair.name + ".first_scales", pair.first_scales});
    state.push_back({pair.name + ".second_scales", pair.second_scales});
  }
  return state;
}

}  // namespace md2::train
