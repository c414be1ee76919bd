// Defines where alone a third party's header may be included.

#ifndef MD2_TESTS_UNIT_ARCHITECTURE_THIRD_PARTY_DOORS_H_
#define MD2_TESTS_UNIT_ARCHITECTURE_THIRD_PARTY_DOORS_H_

#include "absl/strings/string_view.h"

namespace md2::architecture {

enum class DoorState { kOpen, kClosed, kUnknownParty };

// Whether a file may include `header`, which is none of ours. `row` is the file's row in the folder
// table. Abseil and the languages' and the system's own headers are open to all; a party that is
// not in the list is unknown.
DoorState DoorOf(absl::string_view header, absl::string_view path, absl::string_view row);

}  // namespace md2::architecture

#endif  // MD2_TESTS_UNIT_ARCHITECTURE_THIRD_PARTY_DOORS_H_
