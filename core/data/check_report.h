// Defines what CheckData finds out about data:
//   Finding       something wrong or doubtful
//   CheckedRow    what is known of a row
//   TokenCounts   how long rows are
//   CheckReport   all of it

#ifndef MD2_CORE_DATA_CHECK_REPORT_H_
#define MD2_CORE_DATA_CHECK_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/sha256.h"

namespace md2::data {

enum class DataPart { kTrain, kVal };

struct Finding {
  bool is_error = false;  // else a warning
  DataPart part = DataPart::kTrain;
  int64_t row = 0;      // from 1; 0: the data as a whole
  std::string field;    // as the row spells it, or "image", "question", "answer"; empty: the row
  std::string message;  // what was expected, what was found, what to do
};

struct CheckedRow {
  bool is_usable = false;      // the rest is known then
  base::Sha256Digest image{};  // of the bytes of its file
  int32_t image_width = 0;     // pixels
  int32_t image_height = 0;
  int32_t prompt_tokens = 0;  // BOS, the image's positions and the question in its template
  int32_t answer_tokens = 0;  // that are trained: the answer's and the end
};

// Tokens of usable rows, of both parts.
struct TokenCounts {
  // Rows whose text, prompt and answer without BOS and image, has at most `up_to` tokens, and more
  // than the bucket before it; the last bucket is not empty.
  struct Bucket {
    int64_t up_to = 0;  // 8, 16, 32, ...
    int64_t rows = 0;
  };

  int64_t total = 0;           // BOS and image positions included
  int64_t answer_total = 0;    // of those, the trained ones
  int64_t longest = 0;         // row
  int64_t longest_prompt = 0;  // CheckedRow::prompt_tokens
  int64_t longest_answer = 0;  // CheckedRow::answer_tokens
  std::vector<Bucket> histogram;
};

struct CheckReport {
  // One a row of the file, in its order. Without a validation file `val` is empty.
  std::vector<CheckedRow> train;
  std::vector<CheckedRow> val;

  // Usable rows that are trained on, of `train`, rising; and those that are evaluated, of `val`, or
  // of `train` where val_split holds them out.
  std::vector<uint32_t> train_rows;
  std::vector<uint32_t> val_rows;

  // The data as a whole first, then in the order of rows. At most CheckOptions::max_findings errors
  // and as many warnings; the counts are of all.
  std::vector<Finding> findings;
  int64_t num_errors = 0;
  int64_t num_warnings = 0;

  int64_t num_bad_rows = 0;  // that are not usable
  int64_t num_images = 0;    // of different bytes, in usable rows
  TokenCounts tokens;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_CHECK_REPORT_H_
