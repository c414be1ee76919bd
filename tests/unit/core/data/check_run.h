// Defines CheckRun, which checks rows on a disk in memory with the tiny tokenizer.

#ifndef MD2_TESTS_UNIT_CORE_DATA_CHECK_RUN_H_
#define MD2_TESTS_UNIT_CORE_DATA_CHECK_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "core/data/check.h"
#include "tests/testing/mem_file_env.h"

namespace md2::data {

// PNG bytes of a picture of that size, all of one shade of grey.
std::string PictureOf(int width, int height, int shade);

// {"image":IMAGE,"question":QUESTION,"answer":ANSWER} and a newline; REQUIRES: plain text.
std::string RowLine(const std::string& image, const std::string& question = "Who?",
                    const std::string& answer = "me");

// "row 3 answer: TEXT" of each, "val row ..." of validation rows, in order.
std::vector<std::string> ErrorsOf(const CheckReport& report);
std::vector<std::string> WarningsOf(const CheckReport& report);

// /d/a.png, /d/b.png and /d/c.png are different pictures. One thread at a time.
class CheckRun {
 public:
  CheckRun();

  // As md2-worker check would; without `val` when it is empty.
  absl::StatusOr<CheckReport> operator()(const std::string& train, const std::string& val = "");

  testing::MemFileEnv mem;
  base::FileEnv* files = &mem;
  std::string folder = "/d/";
  CheckedModel model;
  CheckOptions options;

 private:
  std::unique_ptr<const text::Tokenizer> tokenizer_;
};

}  // namespace md2::data

#endif  // MD2_TESTS_UNIT_CORE_DATA_CHECK_RUN_H_
