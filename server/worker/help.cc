#include "server/worker/help.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/worker/command_line.h"

namespace md2::worker {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kMaxColumns = 110;
constexpr size_t kMaxLeft = 34;  // columns of a text that its right one stands beside

// `right` from column `indent` on, wrapped between words.
std::string Wrapped(absl::string_view right, size_t indent) {
  std::string text;
  size_t column = indent;
  for (const absl::string_view word : absl::StrSplit(right, ' ')) {
    if (column > indent && column + 1 + word.size() > kMaxColumns) {
      absl::StrAppend(&text, "\n", std::string(indent, ' '));
      column = indent;
    }
    absl::StrAppend(&text, column > indent ? " " : "", word);
    column += word.size() + (column > indent ? 1 : 0);
  }
  return text;
}

// Two columns, the left one as wide as its longest text that is not too long; such a text has a
// line of its own.
std::string TwoColumns(const Rows& rows) {
  size_t width = 0;
  for (const auto& [left, right] : rows) {
    if (left.size() <= kMaxLeft) width = std::max(width, left.size());
  }
  const size_t indent = width + 4;
  std::string text;
  for (const auto& [left, right] : rows) {
    absl::StrAppend(&text, "  ", left,
                    left.size() <= width ? std::string(indent - 2 - left.size(), ' ')
                                         : absl::StrCat("\n", std::string(indent, ' ')),
                    Wrapped(right, indent), "\n");
  }
  return text;
}

std::string FlagWithPlaceholder(const CommandSetting& setting) {
  std::string text = FlagOf(setting.spec.name);
  if (!setting.is_switch()) absl::StrAppend(&text, " ", setting.placeholder);
  return text;
}

std::string UsageLine(absl::string_view program, const Command& command) {
  std::string line = absl::StrCat("Usage: ", program, " ", command.name);
  for (const CommandSetting& setting : command.settings) {
    const bool always = setting.is_required && setting.unless.empty();
    const std::string flag = FlagWithPlaceholder(setting);
    absl::StrAppend(&line, " ", always ? flag : absl::StrCat("[", flag, "]"));
  }
  return line;
}

std::string FlagHelp(const CommandSetting& setting) {
  std::string text = setting.spec.help;
  if (setting.is_required && !setting.unless.empty()) {
    absl::StrAppend(&text, " (unless ", FlagOf(setting.unless), " is given)");
  }
  const std::string& value = setting.spec.default_value;
  if (!setting.is_switch() && !value.empty()) absl::StrAppend(&text, " (default ", value, ")");
  return text;
}

std::string ListOf(const std::vector<Command>& commands, absl::string_view prefix) {
  Rows rows;
  for (const Command& command : commands) {
    if (absl::StartsWith(command.name, prefix)) rows.emplace_back(command.name, command.summary);
  }
  return absl::StrCat("Commands:\n", TwoColumns(rows));
}

}  // namespace

std::string ProgramHelp(absl::string_view program, const std::vector<Command>& commands) {
  return absl::StrCat(
      "Usage: ", program, " COMMAND [flags]\n\n", ListOf(commands, ""), "\n",
      TwoColumns({{"COMMAND --help", "what a command takes, with examples"},
                  {"--version", "version, commit, compiler and LibTorch of this program"}}),
      "\nResults go to stdout, notes and errors to stderr. Exit codes: 0 done, 1 other, 2 "
      "interrupted,\n"
      "3 usage or bad input, 4 permission, 5 not found, 6 conflict, 7 unavailable, 8 out of "
      "storage\n"
      "or memory, 9 deadline.\n");
}

std::string GroupHelp(absl::string_view program, absl::string_view group,
                      const std::vector<Command>& commands) {
  return absl::StrCat("Usage: ", program, " ", group, " COMMAND [flags]\n\n",
                      ListOf(commands, absl::StrCat(group, " ")));
}

std::string CommandHelp(absl::string_view program, const Command& command) {
  Rows rows;
  for (const CommandSetting& setting : command.settings) {
    const char* const shortly = setting.spec.name == "output" ? "-o, " : "";
    rows.emplace_back(absl::StrCat(shortly, FlagWithPlaceholder(setting)), FlagHelp(setting));
  }
  std::string text = absl::StrCat(UsageLine(program, command), "\n\n", command.description,
                                  "\nFlags:\n", TwoColumns(rows),
                                  "\nEach flag reads the variable MD2_<NAME> when it is not given; "
                                  "dashes and underscores are\nthe same in flags.\n\nExamples:\n");
  for (const std::string& example : command.examples) absl::StrAppend(&text, "  ", example, "\n");
  return text;
}

}  // namespace md2::worker
