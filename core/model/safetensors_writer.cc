#include "core/model/safetensors_writer.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"

namespace md2::model {
namespace {

using base::Json;

constexpr size_t kLengthBytes = 8;
constexpr size_t kDataAlignment = 64;
constexpr char kMetadataKey[] = "__metadata__";

absl::Status Misuse(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal, text);
}

// The 8 bytes of length and the padded text, in the order of declaration.
std::string HeaderBytes(const std::vector<TensorDeclaration>& tensors,
                        const std::vector<uint64_t>& sizes,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  uint64_t offset = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const uint64_t end = offset + sizes[i];
    header.emplace(tensors[i].name,
                   nlohmann::ordered_json{{"dtype", std::string(DtypeName(tensors[i].dtype))},
                                          {"shape", tensors[i].shape},
                                          {"data_offsets", {offset, end}}});
    offset = end;
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  const size_t unpadded = kLengthBytes + text.size();
  text.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');
  std::string bytes;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    bytes.push_back(static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff));
  }
  return bytes + text;
}

// Sizes of all, or every declaration that cannot be.
absl::StatusOr<std::vector<uint64_t>> CheckDeclarations(
    const std::vector<TensorDeclaration>& tensors) {
  base::ErrorList errors;
  std::set<std::string> seen;
  std::vector<uint64_t> sizes;
  uint64_t total = 0;
  for (const TensorDeclaration& tensor : tensors) {
    const absl::StatusOr<uint64_t> size = DeclaredBytes(tensor);
    if (tensor.name.empty() || tensor.name == kMetadataKey) {
      errors.Add(absl::StrCat("a name that no tensor may have: ", base::Quoted(tensor.name)));
    } else if (!seen.insert(tensor.name).second) {
      errors.Add(absl::StrCat("a name said twice: ", base::Quoted(tensor.name)));
    }
    if (!size.ok()) errors.Add(std::string(size.status().message()));
    sizes.push_back(size.value_or(0));
    if (__builtin_add_overflow(total, sizes.back(), &total)) {
      errors.Add("more than 2^64 bytes in all");
    }
  }
  MD2_RETURN_IF_ERROR(errors.ToStatus(absl::StatusCode::kInternal, base::Reason::kInternal,
                                      "tensors that cannot be declared"));
  return sizes;
}

}  // namespace

absl::StatusOr<uint64_t> DeclaredBytes(const TensorDeclaration& tensor) {
  uint64_t bytes = DtypeBytes(tensor.dtype);
  for (const int64_t size : tensor.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes) ||
        bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Misuse(absl::StrCat("a shape without a size: ", base::Quoted(tensor.name)));
    }
  }
  return bytes;
}

absl::StatusOr<std::unique_ptr<SafetensorsWriter>> SafetensorsWriter::Create(
    base::FileEnv& env, const std::string& path, std::vector<TensorDeclaration> tensors,
    const std::map<std::string, std::string>& metadata) {
  MD2_ASSIGN_OR_RETURN(std::vector<uint64_t> sizes, CheckDeclarations(tensors));
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file, base::AtomicFile::Create(env, path));
  const std::string header = HeaderBytes(tensors, sizes, metadata);
  MD2_RETURN_IF_ERROR(
      file->Append({reinterpret_cast<const uint8_t*>(header.data()), header.size()}));
  return std::unique_ptr<SafetensorsWriter>(
      new SafetensorsWriter(std::move(tensors), std::move(sizes), std::move(file)));
}

SafetensorsWriter::SafetensorsWriter(std::vector<TensorDeclaration> tensors,
                                     std::vector<uint64_t> sizes,
                                     std::unique_ptr<base::AtomicFile> file)
    : tensors_(std::move(tensors)), sizes_(std::move(sizes)), file_(std::move(file)) {
  SkipComplete();
}

void SafetensorsWriter::SkipComplete() {
  while (current_ < tensors_.size() && written_ == sizes_[current_]) {
    ++current_;
    written_ = 0;
  }
}

absl::Status SafetensorsWriter::Append(absl::string_view name, absl::Span<const uint8_t> bytes) {
  if (bytes.empty()) return absl::OkStatus();
  if (current_ == tensors_.size() || name != tensors_[current_].name) {
    const std::string expected =
        current_ == tensors_.size() ? "none, all are complete" : tensors_[current_].name;
    return Misuse(absl::StrCat("bytes of a tensor out of order: expected ", expected, ", found ",
                               base::Quoted(name)));
  }
  const uint64_t lacking = sizes_[current_] - written_;
  if (bytes.size() > lacking) {
    return Misuse(absl::StrCat("too many bytes of a tensor: expected at most ", lacking,
                               " more, found ", bytes.size(), ": ", name));
  }
  MD2_RETURN_IF_ERROR(file_->Append(bytes));
  written_ += bytes.size();
  SkipComplete();
  return absl::OkStatus();
}

absl::Status SafetensorsWriter::Finish() {
  if (current_ != tensors_.size()) {
    return Misuse(absl::StrCat("too few bytes of a tensor: expected ", sizes_[current_], ", found ",
                               written_, ": ", tensors_[current_].name));
  }
  return file_->Commit();
}

}  // namespace md2::model
