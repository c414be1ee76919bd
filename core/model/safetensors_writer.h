// Defines SafetensorsWriter, which writes one safetensors file as a stream, complete or absent.
// Data begins at a multiple of 64 bytes: the header is padded with spaces.

#ifndef MD2_CORE_MODEL_SAFETENSORS_WRITER_H_
#define MD2_CORE_MODEL_SAFETENSORS_WRITER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/model/safetensors_header.h"

namespace md2::model {

struct TensorDeclaration {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
};

// Tensors are declared first and their bytes appended in that order, in pieces of any size. The
// file appears with Finish, as base::AtomicFile says; without it the path is as it was and nothing
// is left beside it. One thread at a time. After an error of the disk every later call fails with
// it.
class SafetensorsWriter {
 public:
  // `__metadata__` that published loaders insist on.
  static std::map<std::string, std::string> PublishedMetadata() { return {{"format", "pt"}}; }

  // INTERNAL names everything that cannot be declared: names that are empty, kMetadataKey or said
  // twice, shapes beyond kMaxRank, with a negative dimension or a size beyond 63 bits, more than
  // kMaxTensors, more than 63 bits of bytes in all; else the disk's errors.
  // REQUIRES: names and metadata are UTF-8.
  static absl::StatusOr<std::unique_ptr<SafetensorsWriter>> Create(
      base::FileEnv& env, const std::string& path, std::vector<TensorDeclaration> tensors,
      const std::map<std::string, std::string>& metadata = PublishedMetadata());

  // As above, into a file that was just created; Finish commits it.
  static absl::StatusOr<std::unique_ptr<SafetensorsWriter>> Create(
      std::unique_ptr<base::AtomicFile> file, std::vector<TensorDeclaration> tensors,
      const std::map<std::string, std::string>& metadata = PublishedMetadata());

  // Appends to `name`, which must be the first tensor that is not complete. INTERNAL when it is
  // not, or when `bytes` are more than it lacks; nothing was written then.
  absl::Status Append(absl::string_view name, absl::Span<const uint8_t> bytes);

  // Call once. After success the file is complete and durable; after an error of the disk it is
  // absent or, when only its folder's sync failed, complete. INTERNAL, and nothing is done, while a
  // tensor is incomplete.
  absl::Status Finish();

 private:
  SafetensorsWriter(std::vector<TensorDeclaration> tensors, std::vector<uint64_t> sizes,
                    std::unique_ptr<base::AtomicFile> file);
  // Moves on over complete tensors, those without a byte included.
  void SkipComplete();

  std::vector<TensorDeclaration> tensors_;
  std::vector<uint64_t> sizes_;  // bytes of each tensor
  std::unique_ptr<base::AtomicFile> file_;
  size_t current_ = 0;    // first tensor that is not complete
  uint64_t written_ = 0;  // bytes of it
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SAFETENSORS_WRITER_H_
