// Defines the export of a trained model as a model folder, which published loaders read too.
//   ExportModel

#ifndef MD2_CORE_TRAIN_EXPORT_MODEL_H_
#define MD2_CORE_TRAIN_EXPORT_MODEL_H_

#include <string>

#include "absl/status/status.h"
#include "core/base/file_env.h"
#include "core/train/export_source.h"

namespace md2::train {

struct ExportOptions {
  bool may_replace = false;  // a folder that is there and not empty
};

// Writes `dir`, complete or absent (core/base/atomic_folder.h):
//   model.safetensors   every tensor of the base in its order, under its name and in its dtype;
//                       trained ones from their masters, others of a run that began with fresh
//                       weights as it began; a layer with an adapter as W + alpha / rank B A, in
//                       fp32, then cast. One file also where the base has
//                       shards
//   config.json         the base's, with `md2_sizes`; "tiles": "off" and "attention": "prefix"
//   where
//                       the run was so, which later answers obey
//   every other file of the base, but not folders whose name begins with a dot
//   manifest.json       of kind "model"
// FILE_EXISTS; STORAGE_FULL before anything is written; CHECKPOINT_INVALID (FailedPrecondition)
// naming every master that the base has no place for, or whose values its dtype cannot hold; else
// errors of the disk or of LibTorch. Nothing is left behind then. Takes memory for a few tensors.
// Blocks. The caller loads the folder and compares answers before it tells anybody.
absl::Status ExportModel(base::FileEnv& env, const std::string& dir, const ExportSource& source,
                         const ExportOptions& options = {});

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EXPORT_MODEL_H_
