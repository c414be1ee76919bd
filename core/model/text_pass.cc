#include "core/model/text_pass.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace md2::model {

at::Tensor ToDevice(absl::Span<const int64_t> values, c10::Device device) {
  at::Tensor out = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), out.mutable_data_ptr<int64_t>());
  return device.is_cpu() ? out : out.to(device);
}

TextPass::TextPass(absl::Span<const Span> all, c10::Device device) : spans(all) {
  std::vector<int64_t> at, seen, seen_at;
  for (const Span& span : spans) {
    for (int64_t i = 0; i < span.num_rows; ++i) {
      if (i >= span.num_rows - span.num_wanted) {
        seen.push_back(static_cast<int64_t>(at.size()));
        seen_at.push_back(span.position + i);
      }
      at.push_back(span.position + i);
    }
  }
  wants_all = seen.size() == at.size();
  positions = ToDevice(at, device);
  wanted = ToDevice(seen, device);
  wanted_positions = ToDevice(seen_at, device);
}

}  // namespace md2::model
