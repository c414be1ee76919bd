#include "core/model/device.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/model/avx512.h"
#include "core/model/torch_status.h"

namespace md2::model {
namespace {

constexpr char kDriverLibrary[] = "libcuda.so.1";
constexpr char kTorchLibrary[] = "libtorch_cuda.so";

absl::Status Unavailable(absl::string_view problem) {
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::Reason::kDeviceUnavailable,
      absl::StrCat("device cuda: ", problem, "; use the device cpu, or mend that"));
}

// Never unloaded: LibTorch registers its kernels while it is loaded.
absl::Status LoadLibrary(const char* name, absl::string_view missing) {
  if (dlopen(name, RTLD_NOW | RTLD_GLOBAL) != nullptr) return absl::OkStatus();
  const char* problem = dlerror();
  return Unavailable(
      absl::StrCat("expected ", missing, ", found: ", problem == nullptr ? "nothing" : problem));
}

absl::Status LoadCuda() {
  absl::Status loaded = LoadLibrary(kDriverLibrary, "an NVIDIA driver");
  if (!loaded.ok()) return loaded;
  loaded = LoadLibrary(kTorchLibrary, "LibTorch's GPU library (deploy/setup --cuda)");
  if (!loaded.ok()) return loaded;
  return CatchTorch("looking for a GPU", [] {
    if (!c10::impl::hasDeviceGuardImpl(c10::kCUDA)) {
      return Unavailable("expected LibTorch to know the device, found that it does not");
    }
    const c10::impl::VirtualGuardImpl guard(c10::kCUDA);
    return guard.deviceCount() > 0 ? absl::OkStatus()
                                   : Unavailable("expected a GPU, found none that is visible");
  });
}

}  // namespace

absl::StatusOr<c10::Device> OpenDevice(DeviceChoice choice) {
  const c10::Device cpu(c10::kCPU);
  if (choice == DeviceChoice::kCpu) return cpu;
  static const absl::Status* cuda = new absl::Status(LoadCuda());
  if (cuda->ok()) return c10::Device(c10::kCUDA, 0);
  if (choice == DeviceChoice::kAuto) return cpu;
  return *cuda;
}

bool HasBf16(c10::Device device) {
  if (device.is_cpu()) return HasAvx512();
  // LibTorch's name for what it asks: the major compute capability.
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

}  // namespace md2::model
