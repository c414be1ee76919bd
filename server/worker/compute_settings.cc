#include "server/worker/compute_settings.h"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "core/base/status_macros.h"

namespace md2::worker {
namespace {

using base::SettingKind;

constexpr int kMaxThreads = 256;

}  // namespace

CommandSetting ThreadsSetting() {
  return WithDefault("auto",
                     Flag("threads", "N", SettingKind::Int(1, kMaxThreads).OrWords({"auto"}),
                          "threads that compute; auto: as many as processors"));
}

absl::StatusOr<int> ReadThreads(const base::ResolvedSettings& settings) {
  MD2_ASSIGN_OR_RETURN(const bool is_auto, settings.IsWord("threads"));
  if (is_auto) {
    return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  }
  MD2_ASSIGN_OR_RETURN(const int64_t threads, settings.GetInt("threads"));
  return static_cast<int>(threads);
}

CommandSetting DeviceSetting() {
  return WithDefault("auto",
                     Flag("device", "cpu|cuda|auto", SettingKind::Choice({"cpu", "cuda", "auto"}),
                          "auto: cuda when there is a GPU that works"));
}

std::vector<CommandSetting> FeatureSettings() {
  return {
      Flag("feature_dir", "DIR", "stored features, shared by jobs; else within output_dir"),
      WithDefault("20GiB",
                  Flag("feature_store_bytes", "BYTES",
                       SettingKind::Bytes(uint64_t{1} << 20, uint64_t{1} << 50),
                       "most bytes of stored features; what was not used longest goes first")),
  };
}

std::vector<CommandSetting> ComputeSettings() {
  return {
      WithDefault("auto", Flag("precision", "fp32|bf16|fp16|auto",
                               SettingKind::Choice({"fp32", "bf16", "fp16", "auto"}),
                               "auto: fp32 below 50 million parameters, else bf16")),
      DeviceSetting(),
      ThreadsSetting(),
  };
}

absl::StatusOr<ComputeOptions> ReadComputeOptions(const base::ResolvedSettings& settings) {
  ComputeOptions options;
  MD2_ASSIGN_OR_RETURN(options.precision, settings.GetString("precision"));
  MD2_ASSIGN_OR_RETURN(options.device, settings.GetString("device"));
  MD2_ASSIGN_OR_RETURN(options.num_threads, ReadThreads(settings));
  return options;
}

}  // namespace md2::worker
