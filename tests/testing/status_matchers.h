// Defines matchers for absl::Status and absl::StatusOr:
//   IsOk()                         no error
//   IsOkAndHolds(matcher)          no error, and a value that matches
//   StatusIs(code)                 that code
//   StatusIs(code, matcher)        that code, and a text that matches
//   HasReason(reason)              that reason (core/base/error.h)
//   HasMessage(matcher)            a text that matches
//   MD2_ASSERT_OK_AND_ASSIGN       assigns the value, or ends the test with the error

#ifndef MD2_TESTS_TESTING_STATUS_MATCHERS_H_
#define MD2_TESTS_TESTING_STATUS_MATCHERS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "gmock/gmock.h"

namespace md2::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P(IsOkAndHolds, value, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, text,
           "has the code " + absl::StatusCodeToString(code) + " and the text") {
  *result_listener << StatusOf(arg).ToString() << " ";
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(text, std::string(StatusOf(arg).message()), result_listener);
}

MATCHER_P(HasReason, reason, "has the reason " + std::string(md2::base::ReasonName(reason))) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << std::string(md2::base::ReasonName(md2::base::ReasonOf(status))) << ", "
                   << status.ToString();
  return md2::base::ReasonOf(status) == reason;
}

MATCHER_P(HasMessage, text, "has the text") {
  return ::testing::ExplainMatchResult(text, std::string(StatusOf(arg).message()), result_listener);
}

}  // namespace md2::testing

#define MD2_ASSERT_OK_AND_ASSIGN(lhs, expr) \
  MD2_ASSERT_OK_AND_ASSIGN_IMPL_(MD2_STATUS_CONCAT_(md2_statusor_, __LINE__), lhs, expr)

#define MD2_ASSERT_OK_AND_ASSIGN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                                   \
  ASSERT_TRUE(statusor.ok()) << statusor.status();          \
  lhs = *std::move(statusor)

#endif  // MD2_TESTS_TESTING_STATUS_MATCHERS_H_
