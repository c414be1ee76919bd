// Defines ReadSettingsToml: the lines of a configuration file, uninterpreted. For settings.cc.

#ifndef MD2_CORE_BASE_SETTINGS_TOML_H_
#define MD2_CORE_BASE_SETTINGS_TOML_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/error.h"

namespace md2::base {

struct TomlLine {
  std::string key;
  std::vector<std::string> values;  // a flag's text would be the same
  bool is_array = false;
  size_t line = 0;  // from 1
};

// In the order of the file. What cannot be a setting (not TOML, a table, a date, an array in an
// array) is added to `problems`, beginning with "PATH:LINE: ", and left out.
std::vector<TomlLine> ReadSettingsToml(absl::string_view text, absl::string_view path,
                                       ErrorList& problems);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_SETTINGS_TOML_H_
