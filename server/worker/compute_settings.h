// Defines the flags of commands that compute:
//   ThreadsSetting, ReadThreads
//   DeviceSetting
//   FeatureSettings                       where a job stores image features
//   ComputeSettings, ReadComputeOptions   precision, device and threads

#ifndef MD2_SERVER_WORKER_COMPUTE_SETTINGS_H_
#define MD2_SERVER_WORKER_COMPUTE_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/worker/command_setting.h"

namespace md2::worker {

CommandSetting ThreadsSetting();
// 1 to 256; where nobody said, one for each processor that this process may use.
absl::StatusOr<int> ReadThreads(const base::ResolvedSettings& settings);

CommandSetting DeviceSetting();

// feature_dir and feature_store_bytes.
std::vector<CommandSetting> FeatureSettings();

std::vector<CommandSetting> ComputeSettings();

struct ComputeOptions {
  std::string precision;  // "fp32", "bf16", "fp16" or "auto"
  std::string device;     // "cpu", "cuda" or "auto"
  int num_threads = 1;
};
absl::StatusOr<ComputeOptions> ReadComputeOptions(const base::ResolvedSettings& settings);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_COMPUTE_SETTINGS_H_
