// Defines safetensors files put together by hand, good and bad.
//   RawSafetensors     any header text before any data
//   ZeroWeights        a good file of such tensors, all zero
//   AsBytes            text as bytes

#ifndef MD2_TESTS_UNIT_CORE_MODEL_RAW_SAFETENSORS_H_
#define MD2_TESTS_UNIT_CORE_MODEL_RAW_SAFETENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/json.h"
#include "core/model/dtype.h"
#include "core/model/weight_table.h"

namespace md2::model {

inline absl::Span<const uint8_t> AsBytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The length that the file says, whatever the text's is.
inline std::string RawSafetensors(uint64_t length, absl::string_view text) {
  std::string file;
  for (int shift = 0; shift < 64; shift += 8) {
    file.push_back(static_cast<char>((length >> shift) & 0xff));
  }
  return file + std::string(text);
}

inline std::string RawSafetensors(absl::string_view header, absl::string_view data) {
  return RawSafetensors(header.size(), std::string(header) + std::string(data));
}

inline std::string ZeroWeights(const std::vector<WeightSpec>& table, Dtype dtype = Dtype::kF16) {
  base::Json header = base::Json::object();
  uint64_t end = 0;
  for (const WeightSpec& spec : table) {
    const uint64_t begin = end;
    end += *TensorBytes(dtype, spec.shape);
    header[spec.name] = {{"dtype", std::string(DtypeName(dtype))},
                         {"shape", spec.shape},
                         {"data_offsets", {begin, end}}};
  }
  return RawSafetensors(header.dump(), std::string(end, '\0'));
}

}  // namespace md2::model

#endif  // MD2_TESTS_UNIT_CORE_MODEL_RAW_SAFETENSORS_H_
