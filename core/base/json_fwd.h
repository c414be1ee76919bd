// Defines the name base::Json, for headers that only pass it on; core/base/json.h has the type.

#ifndef MD2_CORE_BASE_JSON_FWD_H_
#define MD2_CORE_BASE_JSON_FWD_H_

#include "nlohmann/json_fwd.hpp"

namespace md2::base {

using Json = nlohmann::json;

}  // namespace md2::base

#endif  // MD2_CORE_BASE_JSON_FWD_H_
