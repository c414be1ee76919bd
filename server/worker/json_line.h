// Defines JsonLine: a JSON value as one line of results.

#ifndef MD2_SERVER_WORKER_JSON_LINE_H_
#define MD2_SERVER_WORKER_JSON_LINE_H_

#include <string>

#include "core/base/json.h"

namespace md2::worker {

// Ends with "\n". What is not UTF-8, a path perhaps, becomes U+FFFD.
inline std::string JsonLine(const base::Json& json) {
  return json.dump(-1, ' ', false, base::Json::error_handler_t::replace) + "\n";
}

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_JSON_LINE_H_
