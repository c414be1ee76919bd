// Defines KeepMemoryInReserve.

#ifndef MD2_SERVER_WORKER_MEMORY_RESERVE_H_
#define MD2_SERVER_WORKER_MEMORY_RESERVE_H_

#include <cstdint>

namespace md2::worker {

// From now on tensors on the CPU leave so much of the limit on this process's data to everything
// else, to a megabyte: one that would grow the process beyond that fails as if memory had run out.
// So a library that does not expect a small allocation to fail, as oneDNN, seldom sees one. Call
// once; nothing happens where there is no such limit.
void KeepMemoryInReserve(uint64_t reserve_bytes);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_MEMORY_RESERVE_H_
