#include "server/worker/question_rows.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/text/clean_up.h"

namespace md2::worker {
namespace {

using base::Json;

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;

absl::Status BadRow(absl::string_view problem) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid, problem);
}

// The text under exactly one of two names.
absl::StatusOr<std::string> TextOf(const Json& row, const char* name, const char* other_name) {
  const bool has_both = row.contains(name) && row.contains(other_name);
  const auto found = row.contains(name) ? row.find(name) : row.find(other_name);
  if (!has_both && found != row.end() && found->is_string()) return found->get<std::string>();
  const char* problem = found == row.end() ? "none" : has_both ? "both" : "no string";
  return BadRow(absl::StrCat(name, ": expected a string under ", name, " or ", other_name,
                             ", found ", problem));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

absl::Status FillRow(absl::string_view line, const std::string& folder, QuestionRow& row) {
  MD2_ASSIGN_OR_RETURN(const Json json, base::ParseJson(line, {}, "the row"));
  if (!json.is_object()) return BadRow("expected a JSON object, found another value");
  MD2_ASSIGN_OR_RETURN(const std::string image, TextOf(json, "image", "image_path"));
  MD2_ASSIGN_OR_RETURN(row.question, TextOf(json, "question", "prompt"));
  row.image_path = absl::StartsWith(image, "/") ? image : absl::StrCat(folder, image);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<QuestionRow>> ReadQuestionRows(base::FileEnv& files,
                                                          const std::string& path) {
  MD2_ASSIGN_OR_RETURN(const std::string text, base::ReadWholeFile(files, path, kMaxFileBytes));
  const std::string folder = FolderOf(path);
  std::vector<QuestionRow> rows;
  int64_t line_number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    if (text::StripWhiteSpace(line).empty()) continue;
    QuestionRow row;
    row.line = line_number;
    row.error = FillRow(line, folder, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace md2::worker
