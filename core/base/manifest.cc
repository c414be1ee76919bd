#include "core/base/manifest.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

constexpr int64_t kVersion = 1;
constexpr uint64_t kMaxManifestBytes = uint64_t{16} << 20;
constexpr size_t kDigestDigits = 64;

absl::Status Damaged(absl::string_view what, absl::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kFileDamaged,
                   absl::StrCat("not a manifest that this build reads, ", problem, ": ", what));
}

bool IsWithinFolder(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  for (const absl::string_view part : parts) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

bool ReadFileDigest(const Json& json, FileDigest& out) {
  if (!json.is_object()) return false;
  const auto bytes = json.find("bytes");
  const auto sha256 = json.find("sha256");
  if (bytes == json.end() || !bytes->is_number_unsigned()) return false;
  if (sha256 == json.end() || !sha256->is_string()) return false;
  out.size_bytes = bytes->get<uint64_t>();
  out.sha256 = sha256->get<std::string>();
  return out.sha256.size() == kDigestDigits;
}

// An empty text when the file is as expected.
absl::StatusOr<std::string> ProblemOf(FileEnv& env, const std::string& path,
                                      const FileDigest& expected) {
  const absl::StatusOr<FileInfo> info = env.Stat(path);
  if (ReasonOf(info.status()) == Reason::kFileNotFound) return std::string("missing");
  MD2_RETURN_IF_ERROR(info.status());
  if (info->size_bytes != expected.size_bytes) {
    return absl::StrCat("expected ", expected.size_bytes, " bytes, found ", info->size_bytes);
  }
  MD2_ASSIGN_OR_RETURN(const FileDigest found, DigestOfFile(env, path));
  if (found == expected) return std::string();
  return absl::StrCat("expected the SHA-256 ", expected.sha256, ", found ", found.sha256);
}

}  // namespace

std::string ManifestText(const Manifest& manifest) {
  Json files = Json::object();
  for (const auto& [name, digest] : manifest.files) {
    files[name] = {{"bytes", digest.size_bytes}, {"sha256", digest.sha256}};
  }
  const Json json = {{"kind", manifest.kind},
                     {"version", kVersion},
                     {"files", std::move(files)},
                     {"about", manifest.about}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view text, absl::string_view what) {
  JsonLimits limits;
  limits.max_bytes = kMaxManifestBytes;
  absl::StatusOr<Json> json = ParseJson(text, limits, what);
  if (!json.ok()) return Damaged(what, json.status().message());
  if (!json->is_object()) return Damaged(what, "expected an object");
  const Json version = json->value("version", Json());
  if (version != kVersion) {
    return Damaged(what, absl::StrCat("expected version ", kVersion, ", found ", version.dump()));
  }
  Manifest manifest;
  const Json kind = json->value("kind", Json());
  const Json files = json->value("files", Json());
  if (!kind.is_string() || !files.is_object()) return Damaged(what, "expected a kind and files");
  manifest.kind = kind.get<std::string>();
  manifest.about = json->value("about", Json::object());
  for (const auto& [name, entry] : files.items()) {
    FileDigest& digest = manifest.files[name];
    if (!IsWithinFolder(name) || !ReadFileDigest(entry, digest)) {
      return Damaged(what, absl::StrCat("expected a path, bytes and sha256 of ", Quoted(name)));
    }
  }
  return manifest;
}

absl::StatusOr<Manifest> ReadManifest(FileEnv& env, const std::string& dir,
                                      absl::string_view kind) {
  const std::string path = absl::StrCat(dir, "/", kManifestFile);
  MD2_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(env, path, kMaxManifestBytes));
  MD2_ASSIGN_OR_RETURN(Manifest manifest, ParseManifest(text, path));
  if (manifest.kind != kind) {
    return Damaged(
        path, absl::StrCat("expected one of a ", kind, ", found one of a ", Quoted(manifest.kind)));
  }
  return manifest;
}

absl::Status VerifyFiles(FileEnv& env, const std::string& dir, const Manifest& manifest) {
  ErrorList problems;
  for (const auto& [name, expected] : manifest.files) {
    MD2_ASSIGN_OR_RETURN(const std::string problem,
                         ProblemOf(env, absl::StrCat(dir, "/", name), expected));
    if (!problem.empty()) problems.Add(absl::StrCat(name, ": ", problem));
  }
  return problems.ToStatus(
      absl::StatusCode::kInvalidArgument, Reason::kFileDamaged,
      absl::StrCat("files that are not what ", kManifestFile, " says in ", dir));
}

}  // namespace md2::base
