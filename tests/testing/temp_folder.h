// Defines TempFolder, a real folder that no other test uses.

#ifndef MD2_TESTS_TESTING_TEMP_FOLDER_H_
#define MD2_TESTS_TESTING_TEMP_FOLDER_H_

#include <string>

namespace md2::testing {

// Made under $TMPDIR (or /tmp) and removed with all that it holds on destruction. Throws
// std::filesystem::filesystem_error when it cannot be made. One thread at a time.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_TEMP_FOLDER_H_
