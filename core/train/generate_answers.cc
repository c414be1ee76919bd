#include "core/train/generate_answers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/prefix_reader.h"
#include "core/model/torch_status.h"
#include "core/text/prompt.h"
#include "core/train/auto_rules.h"

namespace md2::train {
namespace {

// Rows that follow each other.
using Rows = absl::Span<const AskedRow>;

// "row 3", "rows 3 to 5"
std::string NameOf(Rows rows) {
  const std::string first = absl::StrCat(rows.front().row + 1);
  if (rows.size() == 1) return absl::StrCat("row ", first);
  return absl::StrCat("rows ", first, " to ", rows.back().row + 1);
}

// What is asked, before anything is computed.
struct Plan {
  std::vector<std::vector<int64_t>> prompts;  // one a row
  int64_t longest_prompt = 0;                 // tokens
  int64_t longest_reference = 0;              // tokens, without the end
};

absl::Status CheckRoom(const model::Sizes& sizes, int64_t prompt_tokens) {
  const int64_t room = sizes.text.max_positions - sizes.prefix_tokens();
  if (prompt_tokens < room) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, base::Reason::kContextOverflow,
      absl::StrCat("expected a question of at most ", room - 1,
                   " tokens with its template, which leave room for an answer, found ",
                   prompt_tokens, "; ask a shorter one"));
}

absl::Status AddRow(const Answering& answering, const AskedRow& row, Plan& plan) {
  const model::Sizes& sizes = answering.model.sizes();
  MD2_ASSIGN_OR_RETURN(const text::Example example,
                       text::BuildExample(answering.tokenizer, answering.revision, row.question,
                                          row.reference, static_cast<text::TokenId>(sizes.eos_id)));
  const auto num_prompt = static_cast<int64_t>(example.num_prompt_ids);
  MD2_RETURN_IF_ERROR(CheckRoom(sizes, num_prompt));
  const auto num_ids = static_cast<int64_t>(example.ids.size());
  plan.prompts.emplace_back(example.ids.begin(), example.ids.begin() + num_prompt);
  plan.longest_prompt = std::max(plan.longest_prompt, num_prompt);
  plan.longest_reference = std::max(plan.longest_reference, num_ids - num_prompt - 1);
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const Answering& answering, Rows rows) {
  Plan plan;
  for (const AskedRow& row : rows) {
    const absl::Status status = AddRow(answering, row, plan);
    if (!status.ok()) return base::WithContext(status, NameOf({&row, 1}));
  }
  return plan;
}

// Of rows that share an image, the first.
std::vector<int64_t> RowsThatAreRead(Rows rows) {
  std::vector<int64_t> read;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].image != rows[i - 1].image) read.push_back(rows[i].row);
  }
  return read;
}

// As if every row had an image of its own.
absl::StatusOr<size_t> RowsTogether(const model::Moondream& model, int64_t tokens_of_row,
                                    const GenerateAnswersOptions& options) {
  int64_t token_bytes = 0;
  MD2_RETURN_IF_ERROR(model::CatchTorch("measuring a token", [&] {
    token_bytes = model.text().MakeCache(1).num_bytes();
    return absl::OkStatus();
  }));
  const int64_t fit = options.max_cache_bytes / (token_bytes * tokens_of_row);
  return static_cast<size_t>(std::max<int64_t>(1, std::min(fit, options.max_rows_together)));
}

// Answers rows in the order of a plan.
class Generator {
 public:
  Generator(const Answering& answering, const Plan& plan, int64_t max_new_tokens,
            const GenerateAnswersOptions& options)
      : answering_(answering),
        plan_(plan),
        max_new_tokens_(max_new_tokens),
        options_(options),
        reader_(answering.model, answering.attention) {}

  // `rows` follow those of the calls before.
  absl::Status AnswerTogether(Rows rows, std::vector<RowAnswer>& answers);

 private:
  absl::StatusOr<std::vector<model::Session>> ReadAll(Rows rows);
  // Rows that share an image.
  absl::Status ReadImage(Rows rows, std::vector<model::Session>& sessions);

  const Answering& answering_;
  const Plan& plan_;
  const int64_t max_new_tokens_;
  const GenerateAnswersOptions& options_;
  model::PrefixReader reader_;
  size_t num_read_ = 0;  // rows
};

absl::Status Generator::ReadImage(Rows rows, std::vector<model::Session>& sessions) {
  MD2_RETURN_IF_ERROR(options_.cancel.ToStatus());
  model::Questions questions;
  questions.max_new_tokens = max_new_tokens_;
  const auto first = plan_.prompts.begin() + static_cast<ptrdiff_t>(num_read_);
  questions.prompts.assign(first, first + static_cast<ptrdiff_t>(rows.size()));
  auto read =
      reader_.Read(rows[0].image, questions, [&] { return answering_.features.Get(rows[0].row); });
  if (!read.ok()) return base::WithContext(read.status(), NameOf(rows));
  for (model::Session& session : *read) sessions.push_back(std::move(session));
  num_read_ += rows.size();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<model::Session>> Generator::ReadAll(Rows rows) {
  std::vector<model::Session> sessions;
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin + 1;
    while (end < rows.size() && rows[end].image == rows[begin].image) ++end;
    MD2_RETURN_IF_ERROR(ReadImage(rows.subspan(begin, end - begin), sessions));
    begin = end;
  }
  return sessions;
}

absl::Status Generator::AnswerTogether(Rows rows, std::vector<RowAnswer>& answers) {
  MD2_ASSIGN_OR_RETURN(std::vector<model::Session> sessions, ReadAll(rows));
  std::vector<at::Tensor> first_logits(rows.size());
  if (options_.keep_first_logits) {
    for (size_t i = 0; i < rows.size(); ++i) first_logits[i] = sessions[i].logits();
  }
  model::GenerateOptions generate;
  generate.max_new_tokens = max_new_tokens_;
  generate.cancel = options_.cancel;
  MD2_ASSIGN_OR_RETURN(const std::vector<model::GeneratedAnswer> generated,
                       model::Generate(answering_.model, absl::MakeSpan(sessions), generate));
  for (size_t i = 0; i < rows.size(); ++i) {
    RowAnswer& answer = answers.emplace_back();
    answer.row = rows[i].row;
    answer.ids.assign(generated[i].ids.begin(), generated[i].ids.end());
    answer.finish_reason = generated[i].finish_reason;
    answer.text = text::AnswerText(answering_.tokenizer, answer.ids);
    answer.first_logits = first_logits[i];
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<RowAnswer>> GenerateAnswers(const Answering& answering,
                                                       absl::Span<const AskedRow> rows,
                                                       const GenerateAnswersOptions& options) {
  std::vector<RowAnswer> answers;
  if (rows.empty()) return answers;
  MD2_ASSIGN_OR_RETURN(const Plan plan, MakePlan(answering, rows));
  const model::Sizes& sizes = answering.model.sizes();
  const int64_t left = sizes.text.max_positions - sizes.prefix_tokens() - plan.longest_prompt;
  const int64_t max_new_tokens =
      options.max_new_tokens.value_or(AutoMaxNewTokens(plan.longest_reference, left).value);
  const int64_t tokens_of_row =
      sizes.prefix_tokens() + plan.longest_prompt + std::min(left, max_new_tokens);
  MD2_ASSIGN_OR_RETURN(const size_t together,
                       RowsTogether(answering.model, tokens_of_row, options));
  MD2_RETURN_IF_ERROR(answering.features.Expect(RowsThatAreRead(rows)));
  Generator generator(answering, plan, max_new_tokens, options);
  for (size_t begin = 0; begin < rows.size(); begin += together) {
    MD2_RETURN_IF_ERROR(generator.AnswerTogether(rows.subspan(begin, together), answers));
    if (options.on_progress) options.on_progress(static_cast<int64_t>(answers.size()));
  }
  return answers;
}

}  // namespace md2::train
