// Defines who may include whom, and the check of a source file against it:
//   Rules             the folder table of ARCHITECTURE.md, and the files of the targets in it
//   ReadFolderTable   that table, from the document's text
//   ReadTargetFiles   what a CMakeLists.txt says that a target consists of
//   FindBreaches      what is wrong with the include lines of a file

#ifndef MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_
#define MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace md2::architecture {

struct Row {
  std::string folder;                    // where its files lie
  std::vector<std::string> may_include;  // names of rows, its own aside
};

// By name: a folder ("core/text"), or a target that is less than its folder ("md2_model_config").
using FolderTable = std::map<std::string, Row>;

struct Rules {
  FolderTable table;
  // Of the rows that are targets: paths from the repository's root.
  std::map<std::string, std::set<std::string>> files_of_target;
};

// Lines "| core/text | core/base | ...", or "| md2_x (core/x) | core/base | ..." for a target.
FolderTable ReadFolderTable(absl::string_view document);

// The headers and sources of md2_add_library(NAME target ...) in the CMakeLists.txt of `folder`;
// empty when it is not there.
std::set<std::string> ReadTargetFiles(absl::string_view cmake, absl::string_view folder,
                                      absl::string_view target);

// Every breach in one file: "core/text/a.cc: core/text may not include core/model/b.h". `path` is
// relative to the repository's root; `content` is the whole file. Files under tests may include
// all.
std::vector<std::string> FindBreaches(const Rules& rules, const std::string& path,
                                      absl::string_view content);

}  // namespace md2::architecture

#endif  // MD2_TESTS_UNIT_ARCHITECTURE_INCLUDE_RULES_H_
