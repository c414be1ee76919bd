// Defines which processor a model computes on.
//   DeviceChoice   what a person may ask for
//   OpenDevice     makes that device usable
//   HasBf16        whether it computes in bf16

#ifndef MD2_CORE_MODEL_DEVICE_H_
#define MD2_CORE_MODEL_DEVICE_H_

#include <c10/core/Device.h>

#include "absl/status/statusor.h"

namespace md2::model {

enum class DeviceChoice {
  kAuto,  // the GPU when there is one that works, else the CPU
  kCpu,
  kCuda,
};

// Loads LibTorch's GPU library on the first call that wants it; one binary serves both.
// DEVICE_UNAVAILABLE (FailedPrecondition) for kCuda when the library, a driver or a device is
// missing: the text says which.
absl::StatusOr<c10::Device> OpenDevice(DeviceChoice choice);

// At the speed of fp32 or better: processors with AVX-512, GPUs from compute capability 8.0. Others
// compute in it too, many times slower. REQUIRES: OpenDevice gave the device.
bool HasBf16(c10::Device device);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_DEVICE_H_
