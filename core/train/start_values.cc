#include "core/train/start_values.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/types/span.h"

namespace md2::train {
namespace {

constexpr double kPositionAmplitude = 0.9;
constexpr double kLongestWave = 10000;

bool IsResidualOutput(absl::string_view name) {
  return absl::EndsWith(name, "out_proj.weight") || absl::EndsWith(name, "attn.proj.weight") ||
         absl::EndsWith(name, "mlp.fc2.weight");
}

// The projector's layers are named like a block's but add to no stream.
bool IsProjector(absl::string_view name) {
  return absl::StartsWith(name, model::names::kProjector);
}

std::vector<float> PositionValues(const model::VisionSizes& sizes) {
  const int64_t grid = sizes.grid(), quarter = sizes.dim / 4;
  std::vector<float> values(grid * grid * sizes.dim, 0.0f);
  for (int64_t patch = 0; patch < grid * grid; ++patch) {
    const int64_t patch_row = patch / grid, patch_col = patch % grid;
    float* out = values.data() + patch * sizes.dim;
    for (int64_t i = 0; i < quarter; ++i) {
      const double share =
          quarter == 1 ? 0 : static_cast<double>(i) / static_cast<double>(quarter - 1);
      const double frequency = std::pow(kLongestWave, -share);
      const double row = static_cast<double>(patch_row) * frequency;
      const double col = static_cast<double>(patch_col) * frequency;
      const double waves[] = {std::sin(row), std::cos(row), std::sin(col), std::cos(col)};
      for (int64_t k = 0; k < 4; ++k) {
        out[k * quarter + i] = static_cast<float>(kPositionAmplitude * waves[k]);
      }
    }
  }
  return values;
}

}  // namespace

model::Spread FreshSpread(const model::WeightSpec& spec, const model::Sizes& sizes) {
  const std::string& name = spec.name;
  if (spec.shape.size() == 1) {
    return {.mean = absl::EndsWith(name, ".weight") ? 1.0 : 0.0, .deviation = 0};
  }
  if (absl::EndsWith(name, "wte.weight")) return {.mean = 0, .deviation = 0.3};
  if (absl::EndsWith(name, "lm_head.linear.weight")) return {.mean = 0, .deviation = 0.02};
  double deviation = 1 / std::sqrt(static_cast<double>(spec.shape.back()));
  if (IsResidualOutput(name) && !IsProjector(name)) {
    const bool is_text = absl::StartsWith(name, model::names::kText);
    const int64_t depth = is_text ? sizes.text.layers : sizes.vision.depth;
    deviation /= std::sqrt(2.0 * static_cast<double>(depth));
  }
  return {.mean = 0, .deviation = deviation};
}

std::vector<float> FreshValues(const model::WeightSpec& spec, const model::Sizes& sizes,
                               uint64_t seed) {
  if (absl::EndsWith(spec.name, "pos_embed")) return PositionValues(sizes.vision);
  std::vector<float> values(model::CountElements(spec));
  model::RandomTensor(spec.name, FreshSpread(spec, sizes), seed).Fill(0, absl::MakeSpan(values));
  return values;
}

std::vector<float> AdapterStart(absl::string_view name, int64_t rank, int64_t in, uint64_t seed) {
  return model::UniformValues(name, 1 / std::sqrt(static_cast<double>(in)), seed, rank * in);
}

}  // namespace md2::train
