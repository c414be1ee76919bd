// Defines TokenId, the number of a token: a row of the model's embedding.

#ifndef MD2_CORE_TEXT_TOKEN_ID_H_
#define MD2_CORE_TEXT_TOKEN_ID_H_

#include <cstdint>

namespace md2::text {

using TokenId = int32_t;

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_TOKEN_ID_H_
