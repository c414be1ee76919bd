#include "core/base/file_digest.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "core/base/sha256.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

}  // namespace

absl::StatusOr<FileDigest> DigestOfFile(FileEnv& env, const std::string& path) {
  FileDigest digest;
  Sha256 sha256;
  MD2_RETURN_IF_ERROR(ForEachPiece(env, path, [&](absl::Span<const uint8_t> piece) {
    sha256.Update(piece);
    digest.size_bytes += piece.size();
    return absl::OkStatus();
  }));
  digest.sha256 = HexOf(sha256.Finish());
  return digest;
}

absl::Status ForEachPiece(FileEnv& env, const std::string& path,
                          absl::FunctionRef<absl::Status(absl::Span<const uint8_t>)> take) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, env.OpenForRead(path));
  const uint64_t size_bytes = file->size_bytes();
  std::vector<uint8_t> piece(std::min(kPieceBytes, size_bytes));
  for (uint64_t done = 0; done < size_bytes; done += piece.size()) {
    piece.resize(std::min(kPieceBytes, size_bytes - done));
    MD2_RETURN_IF_ERROR(file->ReadAt(done, absl::MakeSpan(piece)));
    MD2_RETURN_IF_ERROR(take(piece));
  }
  return absl::OkStatus();
}

}  // namespace md2::base
