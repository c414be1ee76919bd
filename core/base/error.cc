#include "core/base/error.h"

#include <utility>

#include "absl/base/macros.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/optional.h"

namespace md2::base {
namespace {

constexpr char kReasonUrl[] = "md2/reason";

// In the order of Reason.
constexpr const char* kReasonNames[] = {
    "UNKNOWN",
    "USAGE_INVALID",
    "SETTING_INVALID",
    "FILE_NOT_FOUND",
    "FILE_PERMISSION",
    "FILE_NOT_REGULAR",
    "FILE_EXISTS",
    "FILE_TOO_LARGE",
    "FILE_TRUNCATED",
    "FILE_DAMAGED",
    "STORAGE_FULL",
    "STORAGE_UNAVAILABLE",
    "JSON_INVALID",
    "IMAGE_INVALID",
    "IMAGE_UNSUPPORTED",
    "IMAGE_TOO_LARGE",
    "MODEL_CONFIG_INVALID",
    "MODEL_WEIGHTS_INVALID",
    "MODEL_UNSUPPORTED",
    "ADAPTER_INVALID",
    "TOKENIZER_INVALID",
    "QUESTION_INVALID",
    "DATA_INVALID",
    "CONTEXT_OVERFLOW",
    "CHECKPOINT_INVALID",
    "RUN_CHANGED",
    "OUTPUT_IN_USE",
    "DEVICE_UNAVAILABLE",
    "OUT_OF_MEMORY",
    "CANCELLED",
    "INTERNAL",
};
static_assert(ABSL_ARRAYSIZE(kReasonNames) == static_cast<size_t>(Reason::kInternal) + 1,
              "every Reason needs its word");

}  // namespace

absl::string_view ReasonName(Reason reason) { return kReasonNames[static_cast<size_t>(reason)]; }

absl::Status MakeError(absl::StatusCode code, Reason reason, absl::string_view text) {
  absl::Status status(code, text);
  status.SetPayload(kReasonUrl, absl::Cord(ReasonName(reason)));
  return status;
}

Reason ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> word = status.GetPayload(kReasonUrl);
  if (!word.has_value()) return Reason::kUnknown;
  for (size_t i = 0; i < ABSL_ARRAYSIZE(kReasonNames); ++i) {
    if (*word == kReasonNames[i]) return static_cast<Reason>(i);
  }
  return Reason::kUnknown;
}

absl::Status WithContext(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status result(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&result](absl::string_view url, const absl::Cord& payload) {
    result.SetPayload(url, payload);
  });
  return result;
}

void ErrorList::Add(std::string problem) {
  if (++num_problems_ <= max_shown_) shown_.push_back(std::move(problem));
}

void ErrorList::Add(const absl::Status& error) {
  Add(absl::StrReplaceAll(error.message(), {{"\n", "\n  "}}));
}

absl::Status ErrorList::ToStatus(absl::StatusCode code, Reason reason,
                                 absl::string_view heading) const {
  if (empty()) return absl::OkStatus();
  std::string text = absl::StrCat(heading, ":");
  for (const std::string& problem : shown_) absl::StrAppend(&text, "\n  ", problem);
  if (num_problems_ > shown_.size()) {
    absl::StrAppend(&text, "\n  and ", num_problems_ - shown_.size(), " more");
  }
  return MakeError(code, reason, text);
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kCancelled:
      return 2;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 3;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return 4;
    case absl::StatusCode::kNotFound:
      return 5;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return 6;
    case absl::StatusCode::kUnavailable:
      return 7;
    case absl::StatusCode::kResourceExhausted:
      return 8;
    case absl::StatusCode::kDeadlineExceeded:
      return 9;
    default:
      return 1;
  }
}

}  // namespace md2::base
