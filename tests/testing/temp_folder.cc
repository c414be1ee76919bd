#include "tests/testing/temp_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace md2::testing {

TempFolder::TempFolder() {
  path_ = std::filesystem::temp_directory_path().string() + "/md2_test_XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) {
    throw std::filesystem::filesystem_error("cannot make a folder for a test", path_,
                                            std::error_code(errno, std::generic_category()));
  }
}

TempFolder::~TempFolder() {
  std::error_code ignored;  // what stays lies in the system's temporary folder
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace md2::testing
