#include "core/data/row.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/data/python_number.h"

namespace md2::data {
namespace {

using base::Json;
using Names = std::initializer_list<const char*>;

constexpr Names kImageNames = {"image", "image_path", "file_name"};
constexpr Names kQuestionNames = {"question", "prompt"};
constexpr Names kAnswerNames = {"answer", "response"};

std::string NumberText(const Json& value) {
  if (value.is_binary()) return {value.get_binary().begin(), value.get_binary().end()};
  return value.is_number_float() ? PythonFloat(value.get<double>()) : value.dump();
}

bool IsNumber(const Json& value) { return value.is_number() || value.is_binary(); }

std::string Found(const Json& value) {
  if (IsNumber(value)) return absl::StrCat("the number ", NumberText(value).substr(0, 40));
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  return value.dump();  // null, true, false
}

// Reads fields of one object; each problem goes to a list.
class RowReader {
 public:
  RowReader(const Json& object, std::vector<RowProblem>& problems)
      : object_(object), problems_(problems) {}

  std::string Image() {
    std::string text = Text(kImageNames, /*takes_numbers=*/false);
    if (absl::StrContains(text, '\0'))
      Problem("expected a path, found a zero byte in it: take it out");
    return text;
  }
  std::string Question() { return Text(kQuestionNames, /*takes_numbers=*/false); }
  std::string Answer() { return Text(kAnswerNames, /*takes_numbers=*/true); }

 private:
  void Problem(std::string message) { problems_.push_back({field_, std::move(message)}); }

  // Null when it is not there exactly once, which is a problem.
  const Json* Find(Names names) {
    std::vector<absl::string_view> present;
    std::copy_if(names.begin(), names.end(), std::back_inserter(present),
                 [this](const char* name) { return object_.contains(name); });
    field_ = present.empty() ? *names.begin() : std::string(present[0]);
    if (present.size() == 1) return &object_.at(field_);
    const std::string known = absl::StrJoin(names, ", ");
    Problem(present.empty() ? absl::StrCat("expected one of ", known, ", found none: add it")
                            : absl::StrCat("expected one of ", known, ", found ",
                                           absl::StrJoin(present, " and "), ": keep one"));
    return nullptr;
  }

  // Empty after a problem.
  std::string Text(Names names, bool takes_numbers) {
    const Json* const value = Find(names);
    if (value == nullptr) return "";
    if (takes_numbers && IsNumber(*value)) return NumberText(*value);
    if (!value->is_string()) {
      Problem(absl::StrCat(
          "expected text", takes_numbers ? " or a number" : "", ", found ", Found(*value),
          IsNumber(*value) ? ": put it in quotes" : ": write text or drop the row"));
      return "";
    }
    const auto& text = value->get_ref<const std::string&>();
    if (absl::StripAsciiWhitespace(text).empty()) {
      Problem(absl::StrCat("expected text, found ", text.empty() ? "an empty one" : "white space",
                           ": fill it in or drop the row"));
    }
    return text;
  }

  const Json& object_;
  std::vector<RowProblem>& problems_;
  std::string field_;  // the one that is read now
};

ParsedRow WholeRowProblem(absl::string_view message) { return {{}, {{"", std::string(message)}}}; }

}  // namespace

ParsedRow ParseRow(absl::string_view text) {
  if (text.size() > kMaxRowBytes) {
    return WholeRowProblem(absl::StrCat("expected at most ", kMaxRowBytes, " bytes, found more",
                                        ": name images by path, shorten the texts"));
  }
  base::JsonLimits limits;
  limits.max_bytes = kMaxRowBytes;
  limits.max_depth = kMaxRowDepth;
  limits.keep_long_integers = true;
  const absl::StatusOr<Json> json = base::ParseJson(text, limits, "the row");
  if (!json.ok()) {
    return WholeRowProblem(absl::StrCat(json.status().message(), "; mend it or drop the row"));
  }
  if (!json->is_object()) {
    return WholeRowProblem(absl::StrCat("expected an object in braces, found ",
                                        json->is_string() ? "a text" : Found(*json),
                                        ": write one object a row"));
  }
  ParsedRow parsed;
  RowReader reader(*json, parsed.problems);
  parsed.row.image = reader.Image();
  parsed.row.question = reader.Question();
  parsed.row.answer = reader.Answer();
  return parsed;
}

absl::Status RowError(absl::Span<const RowProblem> problems, absl::string_view where) {
  base::ErrorList list;
  for (const RowProblem& problem : problems) {
    list.Add(problem.field.empty() ? problem.message
                                   : absl::StrCat(problem.field, ": ", problem.message));
  }
  return list.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kDataInvalid, where);
}

}  // namespace md2::data
