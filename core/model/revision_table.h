// Defines what differs between revisions in files, as data.
//   CanonicalName     the 2024 name of a tensor; the one place that translates names
//   DeduceRevision    which revision a file is of
//   CheckRunnable     whether this build computes it

#ifndef MD2_CORE_MODEL_REVISION_TABLE_H_
#define MD2_CORE_MODEL_REVISION_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/revision.h"
#include "core/model/safetensors_header.h"
#include "core/model/sizes.h"

namespace md2::model {

// Drops a leading "model." and every component "_orig_mod", then gives a name of 2025 its name of
// 2024; any other name is returned as it is.
std::string CanonicalName(absl::string_view name);

// The latest revision that the tensors fit; those that differ in nothing that a file shows cannot
// be told apart (2024-05-20 is said to be 2024-07-23; 2025-01-09 and 2025-03-27 to be 2025-04-14).
// `entries` carry the names of the file. MODEL_UNSUPPORTED for a projector that takes one feature
// map, as before 2024-05-20; MODEL_WEIGHTS_INVALID when there is no tensor of a known name.
absl::StatusOr<base::Revision> DeduceRevision(const std::vector<TensorEntry>& entries,
                                              const Sizes& sizes, absl::string_view what);

// MODEL_UNSUPPORTED for the revisions of 2025, which are recognised and described only.
absl::Status CheckRunnable(base::Revision revision);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_REVISION_TABLE_H_
