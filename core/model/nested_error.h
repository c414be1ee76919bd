// Defines AddNested, which makes one error a problem of a list, its own lines set in below it.

#ifndef MD2_CORE_MODEL_NESTED_ERROR_H_
#define MD2_CORE_MODEL_NESTED_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "core/base/error.h"

namespace md2::model {

// REQUIRES: `error` is not OK.
inline void AddNested(const absl::Status& error, base::ErrorList& problems) {
  problems.Add(absl::StrReplaceAll(error.message(), {{"\n", "\n  "}}));
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_NESTED_ERROR_H_
