#include "core/train/disk_room.h"

#include "absl/status/statusor.h"

namespace md2::train {
namespace {

struct Disk {
  std::optional<uint64_t> number;  // none: not known
  std::optional<uint64_t> free_bytes;
};

Disk DiskOf(base::FileEnv& env, const std::string& dir) {
  Disk disk;
  const absl::StatusOr<std::string> there = base::NearestExisting(env, dir);
  if (!there.ok()) return disk;
  const absl::StatusOr<base::FileInfo> info = env.Stat(*there);
  const absl::StatusOr<uint64_t> free_bytes = env.FreeBytes(*there);
  if (info.ok()) disk.number = info->disk;
  if (free_bytes.ok()) disk.free_bytes = *free_bytes;
  return disk;
}

}  // namespace

DiskRoom FindDiskRoom(base::FileEnv& env, const DiskPlan& plan, const std::string& output_dir,
                      const std::string& feature_dir) {
  const Disk output = DiskOf(env, output_dir);
  DiskRoom room = {.output = {plan.total(), output.free_bytes}, .features = std::nullopt};
  if (feature_dir.empty() || plan.features == 0) return room;
  const Disk features = DiskOf(env, feature_dir);
  if (features.number == output.number) return room;
  room.output.bytes -= plan.features;
  room.features = {plan.features, features.free_bytes};
  return room;
}

}  // namespace md2::train
