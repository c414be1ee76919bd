#include "tests/unit/architecture/include_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/unit/architecture/third_party_doors.h"

namespace md2::architecture {
namespace {

// Of `#include "a/b.h"` or `# include <a>`: what is included; empty for other lines.
absl::string_view IncludedBy(absl::string_view line) {
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "#")) return {};
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "include")) return {};
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "<") && !absl::ConsumePrefix(&line, "\"")) return {};
  return line.substr(0, line.find_first_of(">\""));
}

// The folders that hold our code, and so need a row.
bool IsOurs(absl::string_view path) {
  return absl::StartsWith(path, "core/") || absl::StartsWith(path, "server/") ||
         absl::StartsWith(path, "client/");
}

// The row of a file: the target that it belongs to, or else the longest folder; or nothing.
std::string RowOf(const Rules& rules, absl::string_view path) {
  for (const auto& [target, files] : rules.files_of_target) {
    if (files.count(std::string(path)) > 0) return target;
  }
  std::string found;
  for (const auto& [name, row] : rules.table) {
    if (name != row.folder || !absl::StartsWith(path, absl::StrCat(name, "/"))) continue;
    if (name.size() > found.size()) found = name;
  }
  return found;
}

// A folder's files may include the targets that are part of it; not the other way round.
bool MayInclude(const FolderTable& table, const std::string& from, const std::string& to) {
  const Row& row = table.at(from);
  if (from == to || from == table.at(to).folder) return true;
  return std::any_of(row.may_include.begin(), row.may_include.end(), [&](const std::string& name) {
    return name == to || name == table.at(to).folder;
  });
}

std::string BreachOf(const Rules& rules, const std::string& path, const std::string& from,
                     absl::string_view header) {
  if (absl::StartsWith(header, "tests/")) {
    return absl::StrCat(path, ": ", from, " may not include ", header);
  }
  if (IsOurs(header)) {
    const std::string to = RowOf(rules, header);
    if (to.empty()) return absl::StrCat(path, ": ", header, " has no row in the folder table");
    if (MayInclude(rules.table, from, to)) return "";
    return absl::StrCat(path, ": ", from, " may not include ", header);
  }
  if (absl::StartsWith(header, "md2_")) return "";  // made by CMake
  switch (DoorOf(header, path, from)) {
    case DoorState::kOpen:
      return "";
    case DoorState::kClosed:
      return absl::StrCat(path, ": ", header, " is not included here but at its door");
    case DoorState::kUnknownParty:
      return absl::StrCat(path, ": ", header, " is of no third party that we know");
  }
  return "";
}

}  // namespace

FolderTable ReadFolderTable(absl::string_view document) {
  FolderTable table;
  for (const absl::string_view line : absl::StrSplit(document, '\n')) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, '|');
    if (cells.size() < 4) continue;
    std::vector<std::string> name =
        absl::StrSplit(cells[1], absl::ByAnyChar(" ()"), absl::SkipEmpty());
    if (name.empty() || name.size() > 2) continue;
    if (!IsOurs(absl::StrCat(name.back(), "/"))) continue;
    Row row{name.back(), absl::StrSplit(cells[2], absl::ByAnyChar(" ,"), absl::SkipEmpty())};
    if (row.may_include == std::vector<std::string>{"-"}) row.may_include.clear();
    table[name.front()] = std::move(row);
  }
  return table;
}

std::set<std::string> ReadTargetFiles(absl::string_view cmake, absl::string_view folder,
                                      absl::string_view target) {
  std::set<std::string> files;
  const size_t begin = cmake.find(absl::StrCat("NAME ", target, "\n"));
  if (begin == absl::string_view::npos) return files;
  cmake.remove_prefix(begin);
  const absl::string_view call = cmake.substr(0, cmake.find(')'));
  for (const absl::string_view word :
       absl::StrSplit(call, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (absl::EndsWith(word, ".h") || absl::EndsWith(word, ".cc")) {
      files.insert(absl::StrCat(folder, "/", word));
    }
  }
  return files;
}

std::vector<std::string> FindBreaches(const Rules& rules, const std::string& path,
                                      absl::string_view content) {
  std::vector<std::string> breaches;
  if (!IsOurs(path)) return breaches;
  const std::string from = RowOf(rules, path);
  if (from.empty()) return {absl::StrCat(path, ": has no row in the folder table")};
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    const absl::string_view header = IncludedBy(line);
    if (header.empty()) continue;
    std::string breach = BreachOf(rules, path, from, header);
    if (!breach.empty()) breaches.push_back(std::move(breach));
  }
  return breaches;
}

}  // namespace md2::architecture
