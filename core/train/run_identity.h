// Defines what a run is made from, by which it is recognised when it goes on:
//   RunIdentity
//   IdentityToJson, ReadIdentity   as state.json, config.json and manifests hold it
//   CheckSameRun                   whether a run may go on with what there is now

#ifndef MD2_CORE_TRAIN_RUN_IDENTITY_H_
#define MD2_CORE_TRAIN_RUN_IDENTITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/json_fwd.h"
#include "core/train/train_config.h"

namespace md2::train {

// Bytes on the disk: where they lay, and what they were. All digests are SHA-256 in lower-case
// digits; empty where there is nothing.
struct SourceDigest {
  std::string path;
  std::string sha256;

  bool operator==(const SourceDigest&) const = default;
};

// A plain value.
struct RunIdentity {
  SourceDigest base;       // the model folder; the digest is model::DigestOfModel
  SourceDigest tokenizer;  // its tokenizer.json
  SourceDigest data;       // the data file
  SourceDigest val;        // the validation file; empty without one
  TrainConfig config;      // resolved

  bool operator==(const RunIdentity&) const = default;
};

// {"base": {"path", "sha256"}, "tokenizer": {..}, "data": {..}, "val": {..}, "config": {..}}
base::Json IdentityToJson(const RunIdentity& identity);

// Strict: every member that is missing, unknown or of another type, and everything that
// ConfigFromJson finds, goes to `problems` under `path`; the result is then incomplete.
RunIdentity ReadIdentity(const base::Json& json, absl::string_view path, base::ErrorList& problems);

// OK when digests are equal, wherever the files lie now, and the configs differ in fields alone
// that are free on resume. Else RUN_CHANGED (FailedPrecondition) with a line for each of base,
// tokenizer, data, validation and hyperparameters that differs: what was recorded, what is there
// now. A hyperparameter that `current` leaves at auto is no difference.
absl::Status CheckSameRun(const RunIdentity& recorded, const RunIdentity& current);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_RUN_IDENTITY_H_
