// Defines which processor a model computes on.
//   DeviceChoice   what a person may ask for
//   OpenDevice     makes that device usable

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

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_DEVICE_H_
