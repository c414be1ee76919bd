#include "core/data/check.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/data/prefetch.h"
#include "core/data/repeats.h"
#include "core/data/row_check.h"
#include "core/data/split.h"

namespace md2::data {
namespace {

constexpr int64_t kAheadOfAThread = 4;  // rows
constexpr int64_t kFirstBucket = 8;

// Puts rows together, in order. One thread at a time.
class ReportBuilder {
 public:
  explicit ReportBuilder(const CheckOptions& options) : options_(options) {}

  void AddRow(DataPart part, RowCheck check) {
    std::vector<CheckedRow>& rows = part == DataPart::kTrain ? report_.train : report_.val;
    const auto row = static_cast<int64_t>(rows.size());
    rows.push_back(check.checked);
    for (RowNote& note : check.notes) {
      Add({note.is_error, part, row + 1, std::move(note.field), std::move(note.message)});
    }
    if (!check.checked.is_usable) {
      ++report_.num_bad_rows;
      return;
    }
    if (auto repeat = repeats_.Add(part, row, check.checked.image, check.row)) {
      Add({false, part, row + 1, std::move(repeat->field), std::move(repeat->message)});
    }
    Count(check.checked);
  }

  CheckReport Finish(int64_t prefix_tokens) {
    report_.num_images = repeats_.num_images();
    AllowBadRows();
    ChooseRows();
    FillHistogram(prefix_tokens);
    report_.findings.insert(report_.findings.begin(), whole_.begin(), whole_.end());
    return std::move(report_);
  }

 private:
  void Add(Finding finding) {
    int64_t& count = finding.is_error ? report_.num_errors : report_.num_warnings;
    if (count++ < static_cast<int64_t>(options_.max_findings)) {
      report_.findings.push_back(std::move(finding));
    }
  }

  void AddErrorOfAll(absl::string_view message) {
    whole_.push_back({true, DataPart::kTrain, 0, "", std::string(message)});
    ++report_.num_errors;
  }

  void Count(const CheckedRow& row) {
    TokenCounts& tokens = report_.tokens;
    const int64_t length = int64_t{row.prompt_tokens} + row.answer_tokens;
    tokens.total += length;
    tokens.answer_total += row.answer_tokens;
    tokens.longest = std::max(tokens.longest, length);
    tokens.longest_prompt = std::max<int64_t>(tokens.longest_prompt, row.prompt_tokens);
    tokens.longest_answer = std::max<int64_t>(tokens.longest_answer, row.answer_tokens);
  }

  void AllowBadRows() {
    if (report_.num_bad_rows > options_.skip_bad_rows) return;
    for (Finding& finding : report_.findings) {
      if (!finding.is_error) continue;
      finding.is_error = false;
      absl::StrAppend(&finding.message, "; the row is left out, as skip_bad_rows allows");
    }
    report_.num_warnings += std::exchange(report_.num_errors, 0);
  }

  static std::vector<uint32_t> UsableOf(const std::vector<CheckedRow>& rows) {
    std::vector<uint32_t> usable;
    for (size_t row = 0; row < rows.size(); ++row) {
      if (rows[row].is_usable) usable.push_back(static_cast<uint32_t>(row));
    }
    return usable;
  }

  void ChooseRows() {
    report_.train_rows = UsableOf(report_.train);
    report_.val_rows = UsableOf(report_.val);
    if (report_.train_rows.empty()) {
      AddErrorOfAll(absl::StrCat("expected at least one row to train on, found none among ",
                                 report_.train.size(),
                                 ", so that no update would be made: mend the rows"));
    } else if (options_.val_split > 0) {
      SplitTrainRows();
    }
  }

  void SplitTrainRows() {
    std::vector<uint64_t> keys;
    for (const uint32_t row : report_.train_rows)
      keys.push_back(SplitKey(report_.train[row].image));
    absl::StatusOr<RowSplit> split = SplitRows(keys, options_.val_split);
    if (!split.ok()) return AddErrorOfAll(split.status().message());
    const auto row_of = [rows = report_.train_rows](uint32_t index) { return rows[index]; };
    std::transform(split->train.begin(), split->train.end(), split->train.begin(), row_of);
    std::transform(split->val.begin(), split->val.end(), split->val.begin(), row_of);
    report_.train_rows = std::move(split->train);
    report_.val_rows = std::move(split->val);
  }

  void FillHistogram(int64_t prefix_tokens) {
    for (const std::vector<CheckedRow>* rows : {&report_.train, &report_.val}) {
      for (const CheckedRow& row : *rows) {
        if (row.is_usable) CountText(row.prompt_tokens + row.answer_tokens - prefix_tokens);
      }
    }
  }

  void CountText(int64_t num_tokens) {
    std::vector<TokenCounts::Bucket>& histogram = report_.tokens.histogram;
    const auto up_to = static_cast<int64_t>(
        std::bit_ceil(static_cast<uint64_t>(std::max(num_tokens, kFirstBucket))));
    while (histogram.empty() || histogram.back().up_to < up_to) {
      histogram.push_back({histogram.empty() ? kFirstBucket : 2 * histogram.back().up_to, 0});
    }
    ++histogram[static_cast<size_t>(std::countr_zero(static_cast<uint64_t>(up_to / kFirstBucket)))]
          .rows;
  }

  const CheckOptions& options_;
  CheckReport report_;
  std::vector<Finding> whole_;
  Repeats repeats_;
};

}  // namespace

absl::StatusOr<CheckReport> CheckData(base::FileEnv& env, const Dataset& train, const Dataset* val,
                                      const CheckedModel& model, const CheckOptions& options) {
  const int64_t num_train = train.num_rows();
  const int64_t num_rows = num_train + (val == nullptr ? 0 : val->num_rows());
  RowChecker checker(env, model, options);
  const auto check = [&](int64_t item) {
    return item < num_train ? checker.Check(train, item) : checker.Check(*val, item - num_train);
  };
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<Prefetcher<RowCheck>> checks,
      Prefetcher<RowCheck>::Start(num_rows,
                                  {.num_threads = options.num_threads,
                                   .max_ahead = kAheadOfAThread * options.num_threads,
                                   .cancel = options.cancel},
                                  check));
  ReportBuilder builder(options);
  for (int64_t row = 0; row < num_rows; ++row) {
    MD2_ASSIGN_OR_RETURN(absl::optional<RowCheck> checked, checks->Next());
    builder.AddRow(row < num_train ? DataPart::kTrain : DataPart::kVal, *std::move(checked));
    if (options.progress) options.progress(row + 1, num_rows);
  }
  return builder.Finish(model.prefix_tokens);
}

}  // namespace md2::data
