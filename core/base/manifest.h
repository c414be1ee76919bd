// Defines manifest.json, by which a folder of files is published: written last, it holds size and
// SHA-256 of every other file, and what the folder was made from. A folder with a manifest is
// complete; one whose files differ from it is damaged.
//   Manifest
//   ManifestText, ParseManifest, ReadManifest
//   VerifyFiles     whether the files are what the manifest says
//
//   {"kind": "checkpoint", "version": 1,
//    "files": {"state.json": {"bytes": 1234, "sha256": "e3b0..."}}, "about": {..}}

#ifndef MD2_CORE_BASE_MANIFEST_H_
#define MD2_CORE_BASE_MANIFEST_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_digest.h"
#include "core/base/file_env.h"
#include "core/base/json.h"

namespace md2::base {

inline constexpr char kManifestFile[] = "manifest.json";

struct Manifest {
  std::string kind;                         // what the folder is: "checkpoint", "model", "adapter"
  std::map<std::string, FileDigest> files;  // by their path within the folder
  Json about = Json::object();              // for people and programs, read by nobody here
};

std::string ManifestText(const Manifest& manifest);

// FILE_DAMAGED (InvalidArgument), naming `what`, for text that is no manifest of this version: a
// member that is missing or of another type, a file that lies outside the folder.
absl::StatusOr<Manifest> ParseManifest(absl::string_view text, absl::string_view what);

// The disk's errors, FILE_NOT_FOUND where the folder was never published; else as ParseManifest, or
// FILE_DAMAGED when it is of another kind.
absl::StatusOr<Manifest> ReadManifest(FileEnv& env, const std::string& dir, absl::string_view kind);

// Reads every file that the manifest names. FILE_DAMAGED (InvalidArgument), with a line for each
// that is missing or differs in size or digest and what was expected; the disk's other errors.
// Files that the manifest does not name are ignored.
absl::Status VerifyFiles(FileEnv& env, const std::string& dir, const Manifest& manifest);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_MANIFEST_H_
