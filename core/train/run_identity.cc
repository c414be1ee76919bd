#include "core/train/run_identity.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/train/config_check.h"
#include "core/train/config_json.h"

namespace md2::train {
namespace {

using base::ErrorList;
using base::FieldReader;
using base::Json;

struct SourceField {
  const char* key;
  const char* name;  // in errors
  SourceDigest RunIdentity::* member;
};

constexpr SourceField kSources[] = {{"base", "the base model", &RunIdentity::base},
                                    {"tokenizer", "the tokenizer", &RunIdentity::tokenizer},
                                    {"data", "the data", &RunIdentity::data},
                                    {"val", "the validation data", &RunIdentity::val}};

SourceDigest ReadSource(const Json& json, absl::string_view path, ErrorList& problems) {
  FieldReader fields(json, path, problems);
  SourceDigest source;
  source.path = fields.RequiredString("path");
  source.sha256 = fields.RequiredString("sha256");
  fields.RefuseOthers();
  return source;
}

std::string Shown(const SourceDigest& source) {
  constexpr size_t kShownDigits = 12;
  if (source.sha256.empty()) return "none";
  return absl::StrCat(source.path, " (SHA-256 ", source.sha256.substr(0, kShownDigits), "...)");
}

}  // namespace

Json IdentityToJson(const RunIdentity& identity) {
  Json json = {{"config", ConfigToJson(identity.config)}};
  for (const SourceField& field : kSources) {
    const SourceDigest& source = identity.*field.member;
    json[field.key] = {{"path", source.path}, {"sha256", source.sha256}};
  }
  return json;
}

RunIdentity ReadIdentity(const Json& json, absl::string_view path, ErrorList& problems) {
  RunIdentity identity;
  FieldReader fields(json, path, problems);
  for (const SourceField& field : kSources) {
    const Json* const source = fields.Required(field.key);
    if (source == nullptr) continue;
    identity.*field.member = ReadSource(*source, absl::StrCat(path, ".", field.key), problems);
  }
  if (const Json* const config = fields.Required("config"); config != nullptr) {
    absl::StatusOr<TrainConfig> read = ConfigFromJson(*config, absl::StrCat(path, ".config"));
    if (read.ok()) {
      identity.config = *std::move(read);
    } else {
      problems.Add(read.status());
    }
  }
  fields.RefuseOthers();
  return identity;
}

absl::Status CheckSameRun(const RunIdentity& recorded, const RunIdentity& current) {
  ErrorList problems;
  for (const SourceField& field : kSources) {
    const SourceDigest& was = recorded.*field.member;
    const SourceDigest& now = current.*field.member;
    if (was.sha256 == now.sha256) continue;
    problems.Add(absl::StrCat(field.name, ": begun with ", Shown(was), ", found ", Shown(now)));
  }
  for (const FieldDifference& difference : Differences(recorded.config, current.config)) {
    if (difference.is_free_on_resume) continue;
    problems.Add(absl::StrCat(difference.name, ": begun with ", difference.recorded,
                              ", asked to go on with ", difference.asked));
  }
  return problems.ToStatus(
      absl::StatusCode::kFailedPrecondition, base::Reason::kRunChanged,
      "cannot go on with a run whose inputs changed (give those it began with, or begin anew in "
      "another output_dir)");
}

}  // namespace md2::train
