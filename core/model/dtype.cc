#include "core/model/dtype.h"

#include <bit>

namespace md2::model {
namespace {

struct DtypeRow {
  const char* name;
  uint64_t bytes;
};

// In the order of Dtype.
constexpr DtypeRow kDtypes[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                                {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U8", 1},   {"BOOL", 1}};
constexpr size_t kNumDtypes = sizeof(kDtypes) / sizeof(kDtypes[0]);
static_assert(kNumDtypes == static_cast<size_t>(Dtype::kBool) + 1, "every Dtype needs its row");

}  // namespace

absl::string_view DtypeName(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].name; }

std::optional<Dtype> FindDtype(absl::string_view name) {
  for (size_t i = 0; i < kNumDtypes; ++i) {
    if (name == kDtypes[i].name) return static_cast<Dtype>(i);
  }
  return std::nullopt;
}

uint64_t DtypeBytes(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)].bytes; }

std::optional<uint64_t> TensorBytes(Dtype dtype, absl::Span<const int64_t> shape) {
  auto bytes = static_cast<int64_t>(DtypeBytes(dtype));
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return static_cast<uint64_t>(bytes);
}

bool IsWeightDtype(Dtype dtype) {
  return dtype == Dtype::kF32 || dtype == Dtype::kF16 || dtype == Dtype::kBF16;
}

uint16_t FloatToHalf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);  // NaN
  // From 65520 on it rounds to 65536, the first power of two beyond the range.
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);
  // Below 2^-14 halves are 2^-24 apart, as floats from 0.5 on are: adding 0.5 rounds to them and
  // leaves the result in the low bits.
  if (magnitude < 0x38800000) {
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000));
  }
  const uint32_t odd = (magnitude >> 13) & 1;
  const uint32_t rounded = magnitude + 0xfff + odd;
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

}  // namespace md2::model
