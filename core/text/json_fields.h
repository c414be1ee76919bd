// Defines how the readers of tokenizer.json look at fields; each problem goes to an ErrorList.
//   Found          a value in the words of an error
//   FieldReader    the fields of one object

#ifndef MD2_CORE_TEXT_JSON_FIELDS_H_
#define MD2_CORE_TEXT_JSON_FIELDS_H_

#include <initializer_list>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace md2::text {

// "null", "true", "\"abc\"", "an object", "a list".
std::string Found(const base::Json& value);

// Reads an object field by field. A value that is no object is one problem; its fields then all
// seem missing, without further problems. One thread at a time; must not outlive its arguments.
class FieldReader {
 public:
  // `path` names the object in errors, as "model"; empty for the whole file.
  FieldReader(const base::Json& value, absl::string_view path, base::ErrorList& problems);

  // Null when there is none, which is a problem.
  const base::Json* Required(const char* key);
  // Null when there is none.
  const base::Json* Optional(const char* key);
  // A field that is missing or has one of these values; anything else is a problem that says so.
  void OnlySupported(const char* key, std::initializer_list<base::Json> values);
  // `fallback` when there is none or it is not a boolean, which is a problem.
  bool Boolean(const char* key, bool fallback);
  // Empty when there is none or it is not a string, both problems.
  std::string RequiredString(const char* key);

  // Adds a problem of the field.
  void Problem(const char* key, absl::string_view text);
  // To be called last: every field that was not asked for is a problem.
  void RefuseOthers();

 private:
  std::string PathOf(absl::string_view key) const;

  const base::Json* object_;  // null when the value is none
  std::string path_;
  base::ErrorList& problems_;
  std::set<std::string> asked_;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_JSON_FIELDS_H_
