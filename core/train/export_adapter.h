// Defines the export of a low-rank adapter alone, by PEFT's names (core/model/adapter_folder.h).
//   ExportAdapter

#ifndef MD2_CORE_TRAIN_EXPORT_ADAPTER_H_
#define MD2_CORE_TRAIN_EXPORT_ADAPTER_H_

#include <string>

#include "absl/status/status.h"
#include "core/base/file_env.h"
#include "core/train/export_model.h"
#include "core/train/export_source.h"

namespace md2::train {

// Writes `dir`, complete or absent (core/base/atomic_folder.h): adapter_model.safetensors in fp32,
// adapter_config.json, and a manifest of kind "adapter". FILE_EXISTS; CHECKPOINT_INVALID
// (FailedPrecondition) when the run trained no adapter, or began with fresh weights or trained
// tensors of the model besides, which an adapter cannot hold; else errors of the disk or of
// LibTorch. Nothing is left behind then. Blocks.
absl::Status ExportAdapter(base::FileEnv& env, const std::string& dir, const ExportSource& source,
                           const ExportOptions& options = {});

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EXPORT_ADAPTER_H_
