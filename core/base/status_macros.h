// Defines the two macros with which an absl::Status travels upwards:
//   MD2_RETURN_IF_ERROR(expr)        returns the status of expr unless it is OK
//   MD2_ASSIGN_OR_RETURN(lhs, expr)  lhs = value of the StatusOr expr, or returns its status

#ifndef MD2_CORE_BASE_STATUS_MACROS_H_
#define MD2_CORE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define MD2_STATUS_CONCAT_INNER_(a, b) a##b
#define MD2_STATUS_CONCAT_(a, b) MD2_STATUS_CONCAT_INNER_(a, b)

#define MD2_RETURN_IF_ERROR(expr)                                                 \
  do {                                                                            \
    if (absl::Status md2_status_ = (expr); !md2_status_.ok()) return md2_status_; \
  } while (false)

#define MD2_ASSIGN_OR_RETURN(lhs, expr) \
  MD2_ASSIGN_OR_RETURN_IMPL_(MD2_STATUS_CONCAT_(md2_statusor_, __LINE__), lhs, expr)

#define MD2_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expr)    \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#endif  // MD2_CORE_BASE_STATUS_MACROS_H_
