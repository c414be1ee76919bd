// Defines the folder table of ARCHITECTURE.md as data, and the check of a source file against it.

#ifndef MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_
#define MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_

#include <string>
#include <vector>

namespace md2::architecture {

// Every breach in one file: "core/text/a.cc: core/text may not include core/model/b.h". `path` is
// relative to the repository's root; `content` is the whole file. Files under tests may include
// all.
std::vector<std::string> FindBreaches(const std::string& path, const std::string& content);

}  // namespace md2::architecture

#endif  // MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_
