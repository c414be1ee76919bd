// Defines Precision, the element type in which a model computes, and how it is chosen.

#ifndef MD2_CORE_MODEL_PRECISION_H_
#define MD2_CORE_MODEL_PRECISION_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "core/model/dtype.h"

namespace md2::model {

enum class Precision { kFp32, kBf16, kFp16 };

// "fp32", "bf16" or "fp16"; nothing for another word.
absl::string_view PrecisionName(Precision precision);
std::optional<Precision> FindPrecision(absl::string_view name);

// What `auto` means: fp32 below 50 million parameters, where it costs little, else bf16.
Precision AutoPrecision(int64_t parameters);

// The type of a file that holds weights of this precision as they are.
Dtype DtypeOf(Precision precision);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_PRECISION_H_
