#include "core/data/row_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::data {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();

// As JSON has it.
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

absl::Status Invalid(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kDataInvalid, text);
}

absl::Status TooLarge(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kFileTooLarge, text);
}

}  // namespace

absl::Status RowIndexer::Feed(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (format_ == Format::kLines) return FeedLines(bytes);
    MD2_RETURN_IF_ERROR(FeedByte(bytes[0]));
    // The byte that shows a file of lines is the first of its row.
    if (format_ != Format::kLines) {
      if (bytes[0] == '\n') ++line_;
      ++offset_;
      bytes.remove_prefix(1);
    }
  }
  return absl::OkStatus();
}

absl::Status RowIndexer::FeedByte(char byte) {
  switch (format_) {
    case Format::kUnknown:
      if (offset_ < kByteOrderMark.size() && byte == kByteOrderMark[offset_]) break;
      if (IsSpace(byte)) break;
      format_ = byte == '[' ? Format::kList : Format::kLines;
      begin_ = offset_;
      break;
    case Format::kLines:
      break;
    case Format::kList:
      return FeedList(byte);
    case Format::kAfterList:
      if (IsSpace(byte)) break;
      return Invalid(absl::StrCat("expected nothing after the end of the list, found more on line ",
                                  line_, ": write one list, or one object a line"));
  }
  return absl::OkStatus();
}

absl::Status RowIndexer::FeedLines(absl::string_view bytes) {
  while (!bytes.empty()) {
    const absl::string_view piece = bytes.substr(0, bytes.find('\n'));
    if (!has_begun_) has_begun_ = !std::all_of(piece.begin(), piece.end(), IsSpace);
    offset_ += piece.size();
    bytes.remove_prefix(piece.size());
    if (bytes.empty()) break;
    MD2_RETURN_IF_ERROR(EndOfLine());
    ++offset_;
    bytes.remove_prefix(1);
    ++line_;
    begin_ = offset_;
  }
  return absl::OkStatus();
}

absl::Status RowIndexer::EndOfLine() {
  if (!std::exchange(has_begun_, false)) return absl::OkStatus();
  begin_line_ = line_;
  return AddRow(offset_);
}

absl::Status RowIndexer::FeedList(char byte) {
  if (!in_string_ && IsSpace(byte)) return absl::OkStatus();
  const bool is_inside = in_string_ || depth_ > 0;
  if (!is_inside && byte == ',') return EndOfElement(/*is_last=*/false);
  if (!is_inside && byte == ']') return EndOfElement(/*is_last=*/true);
  if (!std::exchange(has_begun_, true)) {
    begin_ = offset_;
    begin_line_ = line_;
  }
  last_ = offset_;
  if (in_string_) {
    if (byte == '"' && !is_escaped_) in_string_ = false;
    is_escaped_ = byte == '\\' && !is_escaped_;
  } else if (byte == '"') {
    in_string_ = true;
  } else if (byte == '{' || byte == '[') {
    ++depth_;
  } else if ((byte == '}' || byte == ']') && depth_ > 0) {
    --depth_;
  }
  return absl::OkStatus();
}

absl::Status RowIndexer::EndOfElement(bool is_last) {
  if (is_last) format_ = Format::kAfterList;
  if (std::exchange(has_begun_, false)) return AddRow(last_ + 1);
  if (is_last && rows_.empty()) return absl::OkStatus();
  return Invalid(absl::StrCat("expected a row beside each comma of the list, found none on line ",
                              line_, ": remove the comma"));
}

absl::Status RowIndexer::AddRow(uint64_t end) {
  if (rows_.size() >= kMaxRows) {
    return TooLarge(
        absl::StrCat("expected at most ", kMaxRows, " rows, found more: split the file"));
  }
  if (begin_line_ > kMax32) {
    return TooLarge(
        absl::StrCat("expected at most ", kMax32, " lines, found more: remove blank lines"));
  }
  rows_.push_back({begin_, static_cast<uint32_t>(std::min(end - begin_, kMax32)),
                   static_cast<uint32_t>(begin_line_)});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RowSpan>> RowIndexer::Finish() {
  if (format_ == Format::kLines) MD2_RETURN_IF_ERROR(EndOfLine());
  if (format_ == Format::kList) {
    return Invalid(
        absl::StrCat("expected \"]\" at the end of the list, found the end of the file "
                     "on line ",
                     line_, ": the file may have been cut off"));
  }
  if (rows_.empty()) {
    return Invalid(absl::StrCat("expected at least one row, found ",
                                offset_ == 0 ? "an empty file" : "none",
                                ": write one JSON object a line"));
  }
  rows_.shrink_to_fit();
  return std::move(rows_);
}

}  // namespace md2::data
