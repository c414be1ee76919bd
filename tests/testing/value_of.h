// Defines ValueOf, for what tests read that must be there.

#ifndef MD2_TESTS_TESTING_VALUE_OF_H_
#define MD2_TESTS_TESTING_VALUE_OF_H_

#include <stdexcept>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace md2::testing {

inline void ThrowUnlessOk(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// Throws std::runtime_error with the error's text.
template <typename T>
T ValueOf(absl::StatusOr<T> result) {
  ThrowUnlessOk(result.status());
  return *std::move(result);
}

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_VALUE_OF_H_
