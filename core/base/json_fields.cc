#include "core/base/json_fields.h"

#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/quoted.h"

namespace md2::base {

std::string Found(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return Quoted(value.get_ref<const std::string&>());
  return value.dump();
}

FieldReader::FieldReader(const Json& value, absl::string_view path, ErrorList& problems)
    : object_(value.is_object() ? &value : nullptr), path_(path), problems_(problems) {
  if (object_ != nullptr) return;
  problems_.Add(absl::StrCat(path_.empty() ? "the file" : path_, ": expected an object, found ",
                             Found(value)));
}

const Json* FieldReader::Optional(const char* key) {
  asked_.insert(key);
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(key);
  return found == object_->end() ? nullptr : &*found;
}

const Json* FieldReader::Required(const char* key) {
  const Json* const value = Optional(key);
  if (value == nullptr && object_ != nullptr) Problem(key, "missing");
  return value;
}

void FieldReader::OnlySupported(const char* key, std::initializer_list<Json> values) {
  const Json* const value = Optional(key);
  if (value == nullptr) return;
  std::vector<std::string> supported;
  for (const Json& one : values) {
    if (*value == one) return;
    supported.push_back(Found(one));
  }
  Problem(key, absl::StrCat("only ", absl::StrJoin(supported, " or "), " is supported, found ",
                            Found(*value)));
}

bool FieldReader::Boolean(const char* key, bool fallback) {
  const Json* const value = Optional(key);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  Problem(key, absl::StrCat("expected true or false, found ", Found(*value)));
  return fallback;
}

std::string FieldReader::RequiredString(const char* key) {
  const Json* const value = Required(key);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  Problem(key, absl::StrCat("expected a string, found ", Found(*value)));
  return "";
}

int64_t FieldReader::RequiredCount(const char* key) {
  const Json* const value = Required(key);
  if (value == nullptr) return 0;
  // What was read from a text is unsigned where it can be.
  const bool is_count = value->is_number_unsigned()
                            ? value->get<uint64_t>() <= std::numeric_limits<int64_t>::max()
                            : value->is_number_integer() && value->get<int64_t>() >= 0;
  if (is_count) return value->get<int64_t>();
  Problem(key, absl::StrCat("expected an integer from 0 up, found ", Found(*value)));
  return 0;
}

double FieldReader::RequiredNumber(const char* key) {
  const Json* const value = Required(key);
  if (value == nullptr) return 0;
  if (value->is_number()) return value->get<double>();
  Problem(key, absl::StrCat("expected a number, found ", Found(*value)));
  return 0;
}

void FieldReader::Problem(const char* key, absl::string_view text) {
  problems_.Add(absl::StrCat(PathOf(key), ": ", text));
}

void FieldReader::RefuseOthers() {
  if (object_ == nullptr) return;
  for (const auto& [key, value] : object_->items()) {
    if (asked_.count(key) == 0) {
      problems_.Add(absl::StrCat(path_.empty() ? "the file" : path_, ": unknown field ",
                                 Quoted(key), " = ", Found(value)));
    }
  }
}

std::string FieldReader::PathOf(absl::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
}

}  // namespace md2::base
