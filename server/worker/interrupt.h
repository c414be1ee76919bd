// Defines CatchInterrupt: Ctrl-C as a cancel token.

#ifndef MD2_SERVER_WORKER_INTERRUPT_H_
#define MD2_SERVER_WORKER_INTERRUPT_H_

#include "core/base/cancel.h"

namespace md2::worker {

// From the first call on SIGINT and SIGTERM cancel the token instead of ending the process; the
// second time the same signal ends it all the same. Safe for concurrent use.
base::CancelToken CatchInterrupt();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_INTERRUPT_H_
