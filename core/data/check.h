// Defines CheckData, which finds out before anything is paid for whether data can be trained on.
//   CheckedModel    what of the model it depends on
//   CheckOptions

#ifndef MD2_CORE_DATA_CHECK_H_
#define MD2_CORE_DATA_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/base/cancel.h"
#include "core/base/file_env.h"
#include "core/base/revision.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/text/token_id.h"
#include "core/text/tokenizer.h"

namespace md2::data {

struct CheckedModel {
  const text::Tokenizer* tokenizer = nullptr;  // outlives the check; never null
  base::Revision revision = base::Revision::k2024_07_23;
  text::TokenId end_id = 0;
  int64_t prefix_tokens = 0;  // BOS and the image
  int64_t max_positions = 0;
  int64_t vocab = 0;
  int crop = 0;  // pixels on each side
};

struct CheckOptions {
  // Change what is found.
  bool tiles = true;                       // as image::CropOptions
  absl::optional<int64_t> max_new_tokens;  // when it was set by hand
  double val_split = 0;                    // as SplitRows; 0: none
  int64_t skip_bad_rows = 0;
  size_t max_findings = 1000;  // of errors, and of warnings, that are written out

  // Do not.
  int num_threads = 1;
  base::CancelToken cancel;
  // Called by the caller's thread; may be left out.
  std::function<void(int64_t rows_done, int64_t rows_in_all)> progress;
};

// Reads every row of `train` and of `val` (which may be null) once, each image whole. Holds 56
// bytes a row, 100 more for each different image or question, and in each thread one decoded image.
//
// Errors: a row that ParseRow refuses; an image that cannot be read or decoded; a question or
// answer that core/text/prompt.h refuses; tokens that the model has no row for; a row longer than
// max_positions. A row with errors is bad. No row that can be trained on, or a val_split that
// leaves a side empty, is an error of the data as a whole. When there are bad rows, but no more
// than skip_bad_rows, their errors become warnings which say that the row is left out.
//
// Warnings: an image and question that came before, with the same answer or another; an image that
// came before under another path; a validation image that is trained on, told by its bytes; an
// answer that does not come back from its tokens as answers are shown, or has more tokens than
// max_new_tokens; text too small to be read (core/data/legibility.h).
//
// All that is found is in the report. CANCELLED (Cancelled), OUT_OF_MEMORY (ResourceExhausted), or
// the errors of ReadableFile::ReadAt for the data files; then there is no report. Blocks.
absl::StatusOr<CheckReport> CheckData(base::FileEnv& env, const Dataset& train, const Dataset* val,
                                      const CheckedModel& model, const CheckOptions& options);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_CHECK_H_
