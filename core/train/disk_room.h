// Defines whether what a job leaves fits on its disks:
//   DiskNeed
//   DiskRoom, FindDiskRoom

#ifndef MD2_CORE_TRAIN_DISK_ROOM_H_
#define MD2_CORE_TRAIN_DISK_ROOM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/file_env.h"
#include "core/train/memory_plan.h"

namespace md2::train {

// Of one disk.
struct DiskNeed {
  uint64_t bytes = 0;
  std::optional<uint64_t> free_bytes;  // none: not known

  bool fits() const { return bytes <= free_bytes.value_or(bytes); }
};

struct DiskRoom {
  DiskNeed output;
  std::optional<DiskNeed> features;  // where they lie on another disk than the output
};

// Of the disks that hold both folders, or will once they are made. `feature_dir` may be empty, for
// one within the output. What they hold already counts as used.
DiskRoom FindDiskRoom(base::FileEnv& env, const DiskPlan& plan, const std::string& output_dir,
                      const std::string& feature_dir);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_DISK_ROOM_H_
