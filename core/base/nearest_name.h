// Defines NearestName: which known name a misspelt one was probably meant to be.

#ifndef MD2_CORE_BASE_NEAREST_NAME_H_
#define MD2_CORE_BASE_NEAREST_NAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::base {

// The known name that the fewest single letters put in, left out, replaced or swapped with a
// neighbour turn `name` into; the first of several. Empty when the nearest differs in more than a
// third of its letters (but two may always differ) or shares none.
std::string NearestName(absl::string_view name, absl::Span<const std::string> known);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_NEAREST_NAME_H_
