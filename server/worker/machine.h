// Defines what is measured of the machine, and what is asked of it:
//   ProductsPerSecond   how fast it multiplies matrices
//   AvailableBytes      how much memory it has left
//   DeviceHasBf16       whether a device computes in bf16
//   LimitDataSegment    lets allocations fail before the machine runs out
//   PeakBytes           how much this process had at most

#ifndef MD2_SERVER_WORKER_MACHINE_H_
#define MD2_SERVER_WORKER_MACHINE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "core/train/train_config.h"

namespace md2::worker {

// Operations (a multiplication and an addition are two) a second in the best of a few products of
// 512 x 1024 by 1024 x 1024 on the processor, some tenths of a second in all. Sets LibTorch's
// threads for the whole process. 0 when LibTorch cannot.
double ProductsPerSecond(train::ComputePrecision precision, int num_threads);

// The least of what the system says is available and what the limits on the process's data and on
// its memory group leave. 0 when nothing says.
uint64_t AvailableBytes();

// Of "cpu", "cuda" or "auto"; as model::HasBf16. The errors of model::OpenDevice.
absl::StatusOr<bool> DeviceHasBf16(const std::string& device);

// This process may take `more_bytes` beside the data that it has now; what asks for more gets an
// error instead of the process being killed. 0: no limit. A lower limit that is there stays.
void LimitDataSegment(uint64_t more_bytes);

// Most memory that this process had in use so far.
int64_t PeakBytes();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_MACHINE_H_
