// Defines what the parts of MemFileEnv share:
//   MemFileEnv::Inode   the bytes of a file
//   NormalisedPath      the one way in which MemFileEnv spells a path

#ifndef MD2_TESTS_TESTING_MEM_FILE_ENV_INTERNAL_H_
#define MD2_TESTS_TESTING_MEM_FILE_ENV_INTERNAL_H_

#include <string>

#include "absl/time/time.h"
#include "tests/testing/mem_file_env.h"

namespace md2::testing {

struct MemFileEnv::Inode {
  std::string content;
  std::string durable_content;
  absl::Time modified;
  bool is_emptied = false;  // since the last sync
};

// "/a/b" for "a//b/" and "./a/b"; "/" for the root.
std::string NormalisedPath(const std::string& path);

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_MEM_FILE_ENV_INTERNAL_H_
