#include "core/model/safetensors_writer.h"

#include <optional>
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

constexpr size_t kDataAlignment = 64;

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
  const size_t unpadded = kHeaderLengthBytes + text.size();
  text.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');
  std::string bytes;
  for (size_t i = 0; i < kHeaderLengthBytes; ++i) {
    bytes.push_back(static_cast<char>((uint64_t{text.size()} >> (8 * i)) & 0xff));
  }
  return bytes + text;
}

void CheckName(const std::string& name, std::set<std::string>& seen, base::ErrorList& errors) {
  if (name.empty() || name == kMetadataKey) {
    errors.Add(absl::StrCat("a name that no tensor may have: ", base::Quoted(name)));
  } else if (!seen.insert(name).second) {
    errors.Add(absl::StrCat("a name said twice: ", base::Quoted(name)));
  }
}

// The bytes of each, or every declaration that cannot be.
absl::StatusOr<std::vector<uint64_t>> CheckDeclarations(
    const std::vector<TensorDeclaration>& tensors) {
  base::ErrorList errors;
  if (tensors.size() > kMaxTensors) {
    errors.Add(absl::StrCat("expected at most ", kMaxTensors, " of them, found ", tensors.size()));
  }
  std::set<std::string> seen;
  std::vector<uint64_t> sizes;
  int64_t total = 0;
  for (const TensorDeclaration& tensor : tensors) {
    CheckName(tensor.name, seen, errors);
    const std::optional<uint64_t> size = TensorBytes(tensor.dtype, tensor.shape);
    if (!size.has_value() || tensor.shape.size() > kMaxRank) {
      errors.Add(absl::StrCat("a shape that no tensor may have: ", ShapeText(tensor.shape), " of ",
                              base::Quoted(tensor.name)));
    }
    sizes.push_back(size.value_or(0));
    if (__builtin_add_overflow(total, sizes.back(), &total)) {
      errors.Add(absl::StrCat("more than 2^63 bytes up to ", base::Quoted(tensor.name)));
      break;
    }
  }
  MD2_RETURN_IF_ERROR(errors.ToStatus(absl::StatusCode::kInternal, base::Reason::kInternal,
                                      "tensors that cannot be declared"));
  return sizes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SafetensorsWriter>> SafetensorsWriter::Create(
    base::FileEnv& env, const std::string& path, std::vector<TensorDeclaration> tensors,
    const std::map<std::string, std::string>& metadata) {
  MD2_RETURN_IF_ERROR(CheckDeclarations(tensors).status());  // before anything is created
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file, base::AtomicFile::Create(env, path));
  return Create(std::move(file), std::move(tensors), metadata);
}

absl::StatusOr<std::unique_ptr<SafetensorsWriter>> SafetensorsWriter::Create(
    std::unique_ptr<base::AtomicFile> file, std::vector<TensorDeclaration> tensors,
    const std::map<std::string, std::string>& metadata) {
  MD2_ASSIGN_OR_RETURN(std::vector<uint64_t> sizes, CheckDeclarations(tensors));
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
