// Defines
//   FolderOf   where a name stands
//   PathIn     where a relative path leads

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

// `path` as seen from anywhere, where it begins in `folder`: "/f/a" of "a" and of "./a". An
// absolute path stays, an empty one too, and every path where `folder` is empty.
inline std::string PathIn(const std::string& folder, const std::string& path) {
  if (folder.empty() || path.empty() || path.front() == '/') return path;
  const std::string below = path.compare(0, 2, "./") == 0 ? path.substr(2) : path;
  return folder + (folder.back() == '/' ? "" : "/") + below;
}

}  // namespace md2::base

#endif  // MD2_CORE_BASE_FOLDER_OF_H_
