// The object `md2_sizes`: written and read by the tables of fields.

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/size_fields.h"
#include "core/model/sizes.h"

namespace md2::model {
namespace {

using base::Json;

// "a string", or a number as it is written.
std::string Found(const Json& value) {
  if (value.is_number()) return value.dump();
  if (value.is_null()) return "null";
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_string()) return "a string";
  return value.is_array() ? "a list" : "an object";
}

// Reads the members of one object; whatever was not asked for is unknown. One thread at a time;
// must not outlive its arguments.
class StrictObject {
 public:
  // `section` names the object before its keys, as "vision."; empty for the outermost.
  StrictObject(const Json& object, absl::string_view section, base::ErrorList& errors)
      : object_(object), section_(section), errors_(errors) {}

  void ReadCount(const char* key, int64_t& out) {
    const Json* value = Require(key);
    if (value == nullptr) return;
    // A number beyond 64 bits was parsed as a floating one.
    const bool fits = value->is_number_integer() &&
                      !(value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX);
    if (fits) {
      out = value->get<int64_t>();
    } else {
      Mistyped(key, "an integer", *value);
    }
  }

  void ReadReal(const char* key, double& out) {
    const Json* value = Require(key);
    if (value == nullptr) return;
    if (value->is_number()) {
      out = value->get<double>();
    } else {
      Mistyped(key, "a number", *value);
    }
  }

  // Null when it is missing or no object, which is a problem.
  const Json* ReadObject(const char* key) {
    const Json* value = Require(key);
    if (value == nullptr || value->is_object()) return value;
    Mistyped(key, "an object", *value);
    return nullptr;
  }

  // To be called last.
  void RefuseOthers() {
    for (const auto& [key, value] : object_.items()) {
      if (asked_.count(key) > 0) continue;
      errors_.Add(absl::StrCat("unknown key: ", base::Quoted(absl::StrCat(section_, key))));
    }
  }

 private:
  const Json* Require(const char* key) {
    asked_.insert(key);
    const auto found = object_.find(key);
    if (found != object_.end()) return &*found;
    errors_.Add(absl::StrCat("missing key: \"", section_, key, "\""));
    return nullptr;
  }

  void Mistyped(const char* key, absl::string_view expected, const Json& value) {
    errors_.Add(absl::StrCat(section_, key, ": expected ", expected, ", found ", Found(value)));
  }

  const Json& object_;
  const std::string section_;
  base::ErrorList& errors_;
  std::set<std::string> asked_;
};

template <typename Owner, size_t N, size_t M>
void ReadSection(const Json& object, absl::string_view section,
                 const CountField<Owner> (&counts)[N], const RealField<Owner> (&reals)[M],
                 Owner& out, base::ErrorList& errors) {
  StrictObject reader(object, section, errors);
  for (const CountField<Owner>& field : counts) reader.ReadCount(field.name, out.*field.member);
  for (const RealField<Owner>& field : reals) reader.ReadReal(field.name, out.*field.member);
  reader.RefuseOthers();
}

template <typename Owner, size_t N, size_t M>
Json SectionToJson(const Owner& owner, const CountField<Owner> (&counts)[N],
                   const RealField<Owner> (&reals)[M]) {
  Json object = Json::object();
  for (const CountField<Owner>& field : counts) object[field.name] = owner.*field.member;
  for (const RealField<Owner>& field : reals) object[field.name] = owner.*field.member;
  return object;
}

}  // namespace

Json SizesToJson(const Sizes& sizes) {
  Json object = Json::object();
  object["vision"] = SectionToJson(sizes.vision, kVisionCounts, kVisionReals);
  object["text"] = SectionToJson(sizes.text, kTextCounts, kTextReals);
  object[kProjectorCount.name] = sizes.projector_dim;
  for (const CountField<Sizes>& field : kIds) object[field.name] = sizes.*field.member;
  return object;
}

absl::StatusOr<Sizes> SizesFromJson(const Json& json, absl::string_view what) {
  base::ErrorList errors;
  Sizes sizes;
  if (json.is_object()) {
    StrictObject reader(json, "", errors);
    const Json* vision = reader.ReadObject("vision");
    if (vision != nullptr) {
      ReadSection(*vision, "vision.", kVisionCounts, kVisionReals, sizes.vision, errors);
    }
    reader.ReadCount(kProjectorCount.name, sizes.projector_dim);
    const Json* text = reader.ReadObject("text");
    if (text != nullptr) {
      ReadSection(*text, "text.", kTextCounts, kTextReals, sizes.text, errors);
    }
    for (const CountField<Sizes>& field : kIds) reader.ReadCount(field.name, sizes.*field.member);
    reader.RefuseOthers();
  } else {
    errors.Add(absl::StrCat("expected an object, found ", Found(json)));
  }
  MD2_RETURN_IF_ERROR(errors.ToStatus(absl::StatusCode::kInvalidArgument,
                                      base::Reason::kModelConfigInvalid,
                                      absl::StrCat("invalid sizes in ", what)));
  MD2_RETURN_IF_ERROR(ValidateSizes(sizes, what));
  return sizes;
}

}  // namespace md2::model
