// Defines
//   Dtype           element type of a tensor in a file, by its safetensors word
//   TensorBytes     of a type and a shape
//   FloatToHalf     IEEE binary16 bits of a float, without LibTorch or a compiler's half type

#ifndef MD2_CORE_MODEL_DTYPE_H_
#define MD2_CORE_MODEL_DTYPE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::model {

enum class Dtype { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

// "F64" "F32" "F16" "BF16" "I64" "I32" "I16" "I8" "U8" "BOOL"
absl::string_view DtypeName(Dtype dtype);
std::optional<Dtype> FindDtype(absl::string_view name);
uint64_t DtypeBytes(Dtype dtype);  // of one element

// Product of shape x bytes of dtype; nothing for a negative dimension or a product beyond 63 bits.
std::optional<uint64_t> TensorBytes(Dtype dtype, absl::Span<const int64_t> shape);

// F32, F16 and BF16: what a model's weights may be stored in.
bool IsWeightDtype(Dtype dtype);

// Round to nearest, ties to even; beyond the range infinity; NaN stays NaN.
uint16_t FloatToHalf(float value);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_DTYPE_H_
