// Defines FolderOf: where a name stands.

#ifndef MD2_CORE_BASE_FOLDER_OF_H_
#define MD2_CORE_BASE_FOLDER_OF_H_

#include <string>

namespace md2::base {

// "/a" of "/a/b", "/" of "/a", "." of "a". REQUIRES: `path` does not end in a slash.
inline std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace md2::base

#endif  // MD2_CORE_BASE_FOLDER_OF_H_
