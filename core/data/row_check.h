// Defines
//   RowCheck     what was found out about one row by itself
//   RowChecker   finds it out

#ifndef MD2_CORE_DATA_ROW_CHECK_H_
#define MD2_CORE_DATA_ROW_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/data/check.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/data/image_check.h"
#include "core/data/row.h"

namespace md2::data {

struct RowNote {
  bool is_error = false;
  std::string field;
  std::string message;
};

struct RowCheck {
  CheckedRow checked;
  std::vector<RowNote> notes;  // it is usable when none is an error
  Row row;                     // when usable
};

// What it was made with must outlive it. Safe for concurrent use.
class RowChecker {
 public:
  RowChecker(base::FileEnv& env, const CheckedModel& model, const CheckOptions& options)
      : model_(model), options_(options), images_(env) {}

  // OUT_OF_MEMORY and the errors of Dataset::Parse, which are not the row's fault.
  absl::StatusOr<RowCheck> Check(const Dataset& dataset, int64_t row);

 private:
  absl::Status CheckImage(RowCheck& check);
  void CheckTexts(RowCheck& check) const;
  // REQUIRES: question and answer may be asked and trained.
  void CheckTokens(RowCheck& check) const;
  void CheckThatAnswerComesBack(RowCheck& check, absl::Span<const text::TokenId> answer) const;

  const CheckedModel& model_;
  const CheckOptions& options_;
  ImageCheck images_;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ROW_CHECK_H_
