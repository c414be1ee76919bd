#include "core/model/config.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"

namespace md2::model {
namespace {

using base::Json;

constexpr char kSizesKey[] = "md2_sizes";
constexpr char kModelTypeKey[] = "model_type";
// Said by every published revision, and by nothing else.
constexpr char kPublishedModelType[] = "moondream1";

absl::Status ConfigError(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kModelConfigInvalid,
                         text);
}

absl::StatusOr<Json> ParseObject(absl::string_view text, absl::string_view what) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxConfigBytes;
  limits.max_values = 100'000;
  MD2_ASSIGN_OR_RETURN(Json document, base::ParseJson(text, limits, what));
  if (document.is_object()) return document;
  return ConfigError(absl::StrCat("expected a JSON object, found another value (",
                                  document.type_name(), "): ", what));
}

std::string SizesName(absl::string_view what) { return absl::StrCat(kSizesKey, " of ", what); }

// The sizes that a file without `md2_sizes` means.
absl::StatusOr<Sizes> BuiltInSizes(const Json& document, absl::string_view what) {
  const auto type = document.find(kModelTypeKey);
  if (type != document.end() && type->is_string() &&
      type->get_ref<const std::string&>() == kPublishedModelType) {
    return RealSizes();
  }
  std::string found = "no model_type";
  if (type != document.end()) {
    found = type->is_string()
                ? absl::StrCat("model_type ", base::Quoted(type->get_ref<const std::string&>()))
                : "a model_type that is no string";
  }
  return ConfigError(absl::StrCat("no known revision: expected model_type \"", kPublishedModelType,
                                  "\", or the sizes of the model as ", kSizesKey, ", found ", found,
                                  ": ", what));
}

// Whether the member says `word`; absent, it says `usual`. Another value is an error.
absl::StatusOr<bool> Says(const Json& document, const char* key, absl::string_view word,
                          absl::string_view usual, absl::string_view what) {
  const auto found = document.find(key);
  if (found == document.end()) return false;
  const std::string value = found->is_string() ? found->get<std::string>() : found->type_name();
  if (value == word) return true;
  if (value == usual) return false;
  return ConfigError(absl::StrCat(key, ": expected \"", usual, "\" or \"", word, "\", found ",
                                  base::Quoted(value), ": ", what));
}

}  // namespace

absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view text, absl::string_view what) {
  ModelConfig config;
  MD2_ASSIGN_OR_RETURN(config.document, ParseObject(text, what));
  const auto sizes = config.document.find(kSizesKey);
  config.sizes_from_config = sizes != config.document.end();
  if (config.sizes_from_config) {
    MD2_ASSIGN_OR_RETURN(config.sizes, SizesFromJson(*sizes, SizesName(what)));
  } else {
    MD2_ASSIGN_OR_RETURN(config.sizes, BuiltInSizes(config.document, what));
  }
  MD2_ASSIGN_OR_RETURN(const bool tiles_off, Says(config.document, kTilesKey, "off", "auto", what));
  config.tiles = !tiles_off;
  MD2_ASSIGN_OR_RETURN(config.prefix_attention,
                       Says(config.document, kAttentionKey, "prefix", "causal", what));
  return config;
}

std::string ModelConfigText(const Sizes& sizes, const Json& base_document) {
  Json document = base_document.is_object() ? base_document : Json::object();
  document.emplace(kModelTypeKey, kPublishedModelType);  // unless the base says one
  document[kSizesKey] = SizesToJson(sizes);
  // Text from outside was checked to be UTF-8; `replace` keeps dump from throwing all the same.
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Sizes> ParseSizesText(absl::string_view text, absl::string_view what) {
  MD2_ASSIGN_OR_RETURN(const Json document, ParseObject(text, what));
  const auto sizes = document.find(kSizesKey);
  if (sizes != document.end()) return SizesFromJson(*sizes, SizesName(what));
  return SizesFromJson(document, what);
}

}  // namespace md2::model
