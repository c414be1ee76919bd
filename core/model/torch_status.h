// Defines CatchTorch, the one place where exceptions of LibTorch end.

#ifndef MD2_CORE_MODEL_TORCH_STATUS_H_
#define MD2_CORE_MODEL_TORCH_STATUS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace md2::model {

// Runs `work` and returns its status. An exception becomes an error that begins with `doing`:
// OUT_OF_MEMORY (ResourceExhausted) when memory of the host or a device ran out, else INTERNAL with
// the first line of its text. What `work` left behind is then undefined; drop it.
absl::Status CatchTorch(absl::string_view doing, absl::FunctionRef<absl::Status()> work);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TORCH_STATUS_H_
