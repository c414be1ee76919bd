#include "core/data/feature_folder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::data {
namespace {

constexpr absl::string_view kSuffix = ".features";
constexpr size_t kDigestDigits = 32;
constexpr size_t kMaxFiles = 10'000;

std::string Digits(const base::Sha256Digest& digest) {
  return base::HexOf(digest).substr(0, kDigestDigits);
}

struct Candidate {
  absl::Time used;
  uint64_t size_bytes = 0;
  std::string path;
};

// All files that count. Those that vanish meanwhile do not.
absl::StatusOr<std::vector<Candidate>> ListFiles(base::FileEnv& env, const std::string& dir) {
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(dir));
  std::vector<Candidate> files;
  for (const std::string& name : names) {
    if (!absl::StrContains(name, kSuffix)) continue;
    std::string path = absl::StrCat(dir, "/", name);
    const absl::StatusOr<base::FileInfo> info = env.Stat(path);
    if (!info.ok() || !info->is_regular) continue;
    files.push_back({info->modified, info->size_bytes, std::move(path)});
  }
  std::sort(files.begin(), files.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.used, a.path) < std::tie(b.used, b.path);
  });
  return files;
}

}  // namespace

std::string FeatureSegmentName(const base::Sha256Digest& space, const base::Sha256Digest& content) {
  return absl::StrCat(Digits(space), "-", Digits(content), kSuffix);
}

absl::StatusOr<std::vector<std::string>> FeatureFolder::PathsOf(
    const base::Sha256Digest& space) const {
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.ListDirectory(dir_));
  const std::string prefix = absl::StrCat(Digits(space), "-");
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, prefix) && absl::EndsWith(name, kSuffix)) {
      paths.push_back(absl::StrCat(dir_, "/", name));
    }
  }
  return paths;
}

absl::StatusOr<std::vector<std::string>> FeatureFolder::MakeRoom(
    uint64_t more_bytes, const std::set<std::string>& kept) const {
  MD2_ASSIGN_OR_RETURN(const std::vector<Candidate> files, ListFiles(env_, dir_));
  uint64_t num_bytes = 0;
  for (const Candidate& file : files) num_bytes += file.size_bytes;
  size_t num_files = files.size();
  const auto has_room = [&] {
    return more_bytes <= max_bytes_ && num_bytes <= max_bytes_ - more_bytes &&
           num_files < kMaxFiles;
  };
  std::vector<std::string> chosen;
  for (const Candidate& file : files) {
    if (has_room()) break;
    if (kept.count(file.path) > 0) continue;
    num_bytes -= file.size_bytes;
    --num_files;
    chosen.push_back(file.path);
  }
  if (!has_room()) {
    return base::MakeError(
        absl::StatusCode::kResourceExhausted, base::Reason::kStorageFull,
        absl::StrCat("expected room for ", more_bytes, " more bytes of features within the ",
                     max_bytes_, " that are allowed, found it taken by what is in use: ", dir_));
  }
  for (const std::string& path : chosen) {
    absl::Status removed = env_.RemoveFile(path);
    if (!removed.ok() && base::ReasonOf(removed) != base::Reason::kFileNotFound) return removed;
  }
  return chosen;
}

}  // namespace md2::data
