#include "tests/parity/golden_folder.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "core/base/file_env.h"
#include "tests/testing/value_of.h"

namespace md2::parity {
namespace {

using testing::ValueOf;

constexpr char kGoldenFile[] = "golden.json";

base::Json ReadJson(const std::string& path) {
  const std::string text =
      ValueOf(base::ReadWholeFile(*base::RealFileEnv(), path, size_t{1} << 20));
  return ValueOf(base::ParseJson(text, {}, path));
}

}  // namespace

std::vector<std::string> GoldenFolderNames(const std::string& dir) {
  base::FileEnv& env = *base::RealFileEnv();
  std::vector<std::string> names;
  for (const std::string& name : ValueOf(env.ListDirectory(dir))) {
    if (env.Stat(absl::StrCat(dir, "/", name, "/", kGoldenFile)).ok()) names.push_back(name);
  }
  return names;
}

GoldenFolder::GoldenFolder(const std::string& dir)
    : dir_(dir),
      json_(ReadJson(absl::StrCat(dir, "/", kGoldenFile))),
      tensors_(ValueOf(model::SafetensorsReader::OpenFile(
          *base::RealFileEnv(), absl::StrCat(dir, "/golden.safetensors")))) {}

at::Tensor GoldenFolder::Tensor(const std::string& name) const {
  const model::TensorEntry* entry = tensors_->Find(name);
  if (entry == nullptr) throw std::runtime_error(absl::StrCat(dir_, " holds no tensor ", name));
  at::Tensor out = at::empty(entry->shape, at::kFloat);
  std::memcpy(out.mutable_data_ptr(), tensors_->Bytes(*entry).data(), entry->num_bytes);
  return out;
}

}  // namespace md2::parity
