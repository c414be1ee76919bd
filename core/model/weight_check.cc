#include "core/model/weight_check.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"

namespace md2::model {

absl::Status CheckWeights(const std::vector<TensorEntry>& entries,
                          const std::vector<WeightSpec>& table, absl::string_view what) {
  std::map<absl::string_view, const TensorEntry*> rest;  // found, and not yet expected
  base::ErrorList errors;
  for (const TensorEntry& entry : entries) {
    if (absl::StartsWith(entry.name, names::kRegion)) continue;
    if (!rest.emplace(entry.name, &entry).second) {
      errors.Add(
          absl::StrCat("expected one tensor of a name, found two: ", base::Quoted(entry.name)));
    }
  }
  for (const WeightSpec& spec : table) {
    const auto found = rest.find(spec.name);
    if (found == rest.end()) {
      errors.Add(absl::StrCat("missing: expected ", spec.name, " ", ShapeText(spec.shape)));
      continue;
    }
    const TensorEntry& entry = *found->second;
    if (entry.shape != spec.shape) {
      errors.Add(absl::StrCat("misshapen: expected ", spec.name, " ", ShapeText(spec.shape),
                              ", found ", ShapeText(entry.shape)));
    }
    if (!IsWeightDtype(entry.dtype)) {
      errors.Add(absl::StrCat("wrong dtype: expected ", spec.name, " as F32, F16 or BF16, found ",
                              DtypeName(entry.dtype)));
    }
    rest.erase(found);
  }
  for (const auto& [name, entry] : rest) {
    errors.Add(absl::StrCat("surplus: found ", base::Quoted(name), " ", ShapeText(entry->shape)));
  }
  return errors.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelWeightsInvalid,
                         absl::StrCat("tensors that do not fit the sizes of the model in ", what));
}

}  // namespace md2::model
