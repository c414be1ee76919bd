#include "core/model/device.h"

#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::model {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

bool HasDriver() { return dlopen("libcuda.so.1", RTLD_NOW) != nullptr; }

TEST(OpenDeviceTest, TheCpuIsAlwaysThere) {
  EXPECT_THAT(OpenDevice(DeviceChoice::kCpu), IsOkAndHolds(c10::Device(c10::kCPU)));
}

TEST(OpenDeviceTest, AutoIsTheGpuOrElseTheCpu) {
  const absl::StatusOr<c10::Device> cuda = OpenDevice(DeviceChoice::kCuda);
  const c10::Device expected = cuda.ok() ? *cuda : c10::Device(c10::kCPU);
  EXPECT_THAT(OpenDevice(DeviceChoice::kAuto), IsOkAndHolds(expected));
}

TEST(OpenDeviceTest, AMissingDriverIsNamed) {
  if (HasDriver()) GTEST_SKIP() << "this machine has an NVIDIA driver";
  const absl::Status status = OpenDevice(DeviceChoice::kCuda).status();
  EXPECT_THAT(status, HasReason(base::Reason::kDeviceUnavailable));
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "device cuda: expected an NVIDIA driver, found: libcuda.so.1: cannot open "
                       "shared object file: No such file or directory; use the device cpu, or "
                       "mend that"));
}

// What the kernel says of the processor, another source than the one in use.
TEST(HasBf16Test, OfTheCpuIsWhetherItHasAvx512) {
  std::ifstream file("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const bool has_all =
      absl::StrContains(text, " avx512f ") && absl::StrContains(text, " avx512bw ") &&
      absl::StrContains(text, " avx512vl ") && absl::StrContains(text, " avx512dq ");
  EXPECT_EQ(HasBf16(c10::Device(c10::kCPU)), has_all);
}

}  // namespace
}  // namespace md2::model
