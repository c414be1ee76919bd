#include "server/worker/line_reader.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::worker {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;

}  // namespace

LineReader::LineReader(std::istream& in, size_t max_line_bytes)
    : in_(in), max_line_bytes_(max_line_bytes), piece_(kPieceBytes) {}

absl::StatusOr<absl::optional<std::string>> LineReader::Next() {
  std::string line;
  while (in_.good()) {
    in_.getline(piece_.data(), static_cast<std::streamsize>(piece_.size()));
    const auto num_read = static_cast<size_t>(in_.gcount());
    const bool is_end_of_line = in_.good();
    const bool is_end_of_file = in_.eof();
    line.append(piece_.data(), is_end_of_line ? num_read - 1 : num_read);
    if (in_.bad()) break;
    if (line.size() > max_line_bytes_) {
      in_.setstate(std::ios::badbit);
      return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                             absl::StrCat("line ", line_number_ + 1, " of stdin: expected at most ",
                                          max_line_bytes_, " bytes, found more"));
    }
    if (is_end_of_line || (is_end_of_file && !line.empty())) {
      ++line_number_;
      return absl::optional<std::string>(std::move(line));
    }
    // A piece is full when failbit is set without the end of the file.
    if (!is_end_of_file) in_.clear();
  }
  if (in_.bad()) {
    return base::MakeError(absl::StatusCode::kUnavailable, base::Reason::kStorageUnavailable,
                           absl::StrCat("cannot read line ", line_number_ + 1,
                                        " of stdin; it must be a file, a pipe or a terminal"));
  }
  return absl::optional<std::string>();
}

}  // namespace md2::worker
