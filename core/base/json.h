// Defines the one door to JSON: reading untrusted text under limits.

#ifndef MD2_CORE_BASE_JSON_H_
#define MD2_CORE_BASE_JSON_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json_fwd.h"
#include "nlohmann/json.hpp"

namespace md2::base {

struct JsonLimits {
  size_t max_bytes = size_t{1} << 20;
  size_t max_depth = 16;          // nested objects and arrays
  size_t max_values = 1'000'000;  // scalars, objects and arrays together

  // Integers beyond 64 bits: a value of type binary that holds their text, instead of a double that
  // rounds them.
  bool keep_long_integers = false;
};

// JSON_INVALID (InvalidArgument), naming `what`, the byte offset where reading stopped and the
// problem: malformed text, text after the value, invalid UTF-8, a key twice in one object (the key
// is named), or a limit passed. Never throws, never recurses deeper than max_depth.
absl::StatusOr<Json> ParseJson(absl::string_view text, const JsonLimits& limits,
                               absl::string_view what);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_JSON_H_
