#include "core/base/settings_toml.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "toml++/toml.h"

namespace md2::base {
namespace {

std::string Shortest(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), value);
  return std::string(buffer, end);
}

absl::optional<std::string> ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return absl::StrCat(number->get());
  if (const auto* number = node.as_floating_point()) return Shortest(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return absl::nullopt;
}

// False when the node is neither a scalar nor an array of them.
bool ReadValues(const toml::node& node, TomlLine& line) {
  const toml::array* const array = node.as_array();
  if (array == nullptr) {
    absl::optional<std::string> text = ScalarText(node);
    if (!text.has_value()) return false;
    line.values.push_back(*std::move(text));
    return true;
  }
  line.is_array = true;
  for (const toml::node& element : *array) {
    absl::optional<std::string> text = ScalarText(element);
    if (!text.has_value()) return false;
    line.values.push_back(*std::move(text));
  }
  return true;
}

}  // namespace

std::vector<TomlLine> ReadSettingsToml(absl::string_view text, absl::string_view path,
                                       ErrorList& problems) {
  toml::table table;
  try {
    table = toml::parse(std::string_view(text.data(), text.size()));
  } catch (const toml::parse_error& error) {
    problems.Add(absl::StrCat(path, ":", error.source().begin.line,
                              ": expected TOML, found: ", std::string(error.description())));
    return {};
  }
  std::vector<std::pair<std::string, const toml::node*>> entries;
  for (const auto& [key, node] : table) entries.emplace_back(key.str(), &node);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    const toml::source_position& first = a.second->source().begin;
    const toml::source_position& second = b.second->source().begin;
    return first < second;
  });
  std::vector<TomlLine> lines;
  for (auto& [key, node] : entries) {
    TomlLine line;
    line.key = std::move(key);
    line.line = node->source().begin.line;
    if (ReadValues(*node, line)) {
      lines.push_back(std::move(line));
    } else {
      problems.Add(absl::StrCat(path, ":", line.line, ": expected ", line.key,
                                " = a text, number, true, false or a list of these"));
    }
  }
  return lines;
}

}  // namespace md2::base
