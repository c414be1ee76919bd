#include "tests/unit/core/text/golden_file.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/file_env.h"

namespace md2::text {
namespace {

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << "cannot read a golden file: " << result.status() << "\n";
    std::exit(1);
  }
  return *std::move(result);
}

std::string PathOf(const std::string& name) {
  return absl::StrCat(MD2_SOURCE_DIR, "/tests/golden/tokenizer/", name);
}

}  // namespace

std::string ReadGolden(const std::string& name) {
  return OrExit(base::ReadWholeFile(*base::RealFileEnv(), PathOf(name), 8 << 20));
}

std::vector<base::Json> ReadGoldenRows(const std::string& name) {
  std::vector<base::Json> rows;
  const std::string content = ReadGolden(name);
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    rows.push_back(OrExit(base::ParseJson(line, {}, name)));
  }
  return rows;
}

std::unique_ptr<const Tokenizer> LoadGoldenTokenizer(const std::string& name) {
  return OrExit(
      Tokenizer::Load(*base::RealFileEnv(), PathOf(absl::StrCat(name, "-tokenizer.json"))));
}

const Tokenizer& Published() {
  static const Tokenizer* const tokenizer = LoadGoldenTokenizer("codegen").release();
  return *tokenizer;
}

}  // namespace md2::text
