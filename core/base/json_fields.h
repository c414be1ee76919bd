// Defines how strict readers look at the fields of JSON; each problem goes to an ErrorList.
//   Found          a value in the words of an error
//   FieldReader    the fields of one object

#ifndef MD2_CORE_BASE_JSON_FIELDS_H_
#define MD2_CORE_BASE_JSON_FIELDS_H_

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace md2::base {

// "null", "true", "\"abc\"", "an object", "a list".
std::string Found(const Json& value);

// Reads an object field by field. A value that is no object is one problem; its fields then all
// seem missing, without further problems. One thread at a time; must not outlive its arguments.
class FieldReader {
 public:
  // `path` names the object in errors, as "model"; empty for the whole file.
  FieldReader(const Json& value, absl::string_view path, ErrorList& problems);

  // Null when there is none, which is a problem.
  const Json* Required(const char* key);
  // Null when there is none.
  const Json* Optional(const char* key);
  // A field that is missing or has one of these values; anything else is a problem that says so.
  void OnlySupported(const char* key, std::initializer_list<Json> values);
  // `fallback` when there is none or it is not a boolean, which is a problem.
  bool Boolean(const char* key, bool fallback);
  // Empty when there is none or it is not a string, both problems.
  std::string RequiredString(const char* key);
  // 0 when there is none or it is not an integer from 0 to 2^63 - 1, both problems.
  int64_t RequiredCount(const char* key);
  // 0 when there is none or it is not a number, both problems.
  double RequiredNumber(const char* key);

  // Adds a problem of the field.
  void Problem(const char* key, absl::string_view text);
  // To be called last: every field that was not asked for is a problem.
  void RefuseOthers();

 private:
  std::string PathOf(absl::string_view key) const;

  const Json* object_;  // null when the value is none
  std::string path_;
  ErrorList& problems_;
  std::set<std::string> asked_;
};

}  // namespace md2::base

#endif  // MD2_CORE_BASE_JSON_FIELDS_H_
