// Defines what is measured of the machine for predictions:
//   ProductsPerSecond   how fast it multiplies matrices
//   AvailableBytes      how much memory it has left

#ifndef MD2_SERVER_WORKER_MACHINE_H_
#define MD2_SERVER_WORKER_MACHINE_H_

#include <cstdint>

#include "core/train/train_config.h"

namespace md2::worker {

// Operations (a multiplication and an addition are two) a second in the best of a few products of
// 512 x 1024 by 1024 x 1024 on the processor, some tenths of a second in all. Sets LibTorch's
// threads for the whole process. 0 when LibTorch cannot.
double ProductsPerSecond(train::ComputePrecision precision, int num_threads);

// The least of what the system says is available, the limit on the process's data, and what the
// limit of its memory group leaves. 0 when nothing says.
uint64_t AvailableBytes();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_MACHINE_H_
