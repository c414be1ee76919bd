#include "core/model/precision.h"

namespace md2::model {
namespace {

constexpr int64_t kSmallModel = 50'000'000;

struct PrecisionRow {
  Precision precision;
  const char* name;
  Dtype dtype;
};

constexpr PrecisionRow kPrecisions[] = {{Precision::kFp32, "fp32", Dtype::kF32},
                                        {Precision::kBf16, "bf16", Dtype::kBF16},
                                        {Precision::kFp16, "fp16", Dtype::kF16}};

const PrecisionRow& RowOf(Precision precision) {
  return kPrecisions[static_cast<size_t>(precision)];
}

}  // namespace

absl::string_view PrecisionName(Precision precision) { return RowOf(precision).name; }

std::optional<Precision> FindPrecision(absl::string_view name) {
  for (const PrecisionRow& row : kPrecisions) {
    if (name == row.name) return row.precision;
  }
  return std::nullopt;
}

Precision AutoPrecision(int64_t parameters) {
  return parameters < kSmallModel ? Precision::kFp32 : Precision::kBf16;
}

Dtype DtypeOf(Precision precision) { return RowOf(precision).dtype; }

}  // namespace md2::model
