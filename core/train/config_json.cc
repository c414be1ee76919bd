#include "core/train/config_json.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/nearest_name.h"
#include "core/base/quoted.h"
#include "core/base/setting_kind.h"
#include "core/base/status_macros.h"
#include "core/train/config_fields.h"

namespace md2::train {
namespace {

using base::Json;
using base::SettingKind;

Json ValueToJson(const ConfigField& field, const std::string& text) {
  switch (field.type) {
    case FieldType::kInteger:
      if (const auto value = SettingKind::ParseInt(text)) return *value;
      break;
    case FieldType::kReal:
      if (const auto value = SettingKind::ParseDouble(text)) return *value;
      break;
    case FieldType::kBool:
      return text == "true";
    case FieldType::kWord:
      break;
  }
  return text;
}

bool HasTypeOf(const ConfigField& field, const Json& value) {
  if (value.is_string()) {
    return field.type == FieldType::kWord || field.kind.IsWord(value.get_ref<const std::string&>());
  }
  if (field.type == FieldType::kReal) return value.is_number();
  if (field.type == FieldType::kInteger) return value.is_number_integer();
  return field.type == FieldType::kBool && value.is_boolean();
}

// The value as a flag takes it, or as an error shows it.
std::string TextOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ReadField(const ConfigField& field, const Json& json, TrainConfig& config,
               base::ErrorList& problems) {
  const auto found = json.find(field.name);
  if (found == json.end()) {
    problems.Add(absl::StrCat("missing key: ", base::Quoted(field.name)));
    return;
  }
  const std::string text = TextOf(*found);
  if (HasTypeOf(field, *found) && field.kind.Accepts(text)) {
    field.set(config, text);
    return;
  }
  const std::string shown = found->is_string() ? base::Quoted(text) : text.substr(0, 100);
  problems.Add(
      absl::StrCat(field.name, ": expected ", field.kind.Expectation(), ", found ", shown));
}

void RefuseUnknown(const Json& json, base::ErrorList& problems) {
  std::vector<std::string> known;
  known.reserve(ConfigFields().size());
  for (const ConfigField& field : ConfigFields()) known.push_back(field.name);
  for (const auto& [key, value] : json.items()) {
    if (FindConfigField(key) != nullptr) continue;
    const std::string nearest = base::NearestName(key, known);
    const std::string hint = nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
    problems.Add(absl::StrCat("unknown key: ", base::Quoted(key), hint));
  }
}

}  // namespace

Json ConfigToJson(const TrainConfig& config) {
  Json json = Json::object();
  for (const ConfigField& field : ConfigFields()) {
    json[field.name] = ValueToJson(field, field.text(config));
  }
  return json;
}

absl::StatusOr<TrainConfig> ConfigFromJson(const Json& json, absl::string_view what) {
  TrainConfig config;
  base::ErrorList problems;
  if (json.is_object()) {
    for (const ConfigField& field : ConfigFields()) ReadField(field, json, config, problems);
    RefuseUnknown(json, problems);
  } else {
    problems.Add(absl::StrCat("expected an object, found ", json.type_name()));
  }
  MD2_RETURN_IF_ERROR(
      problems.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
                        absl::StrCat("hyperparameters that cannot be used in ", what)));
  return config;
}

}  // namespace md2::train
