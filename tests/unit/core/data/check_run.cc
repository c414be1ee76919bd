#include "tests/unit/core/data/check_run.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/image/encode_png.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

std::vector<std::string> Shown(const CheckReport& report, bool errors) {
  std::vector<std::string> shown;
  for (const Finding& finding : report.findings) {
    if (finding.is_error != errors) continue;
    shown.push_back(absl::StrCat(finding.part == DataPart::kVal ? "val " : "",
                                 finding.row == 0 ? "all" : absl::StrCat("row ", finding.row),
                                 finding.field.empty() ? "" : " ", finding.field, ": ",
                                 finding.message));
  }
  return shown;
}

}  // namespace

std::string PictureOf(int width, int height, int shade) {
  image::Image picture(width, height);
  const absl::Span<uint8_t> pixels = picture.mutable_pixels();
  std::fill(pixels.begin(), pixels.end(), static_cast<uint8_t>(shade));
  const std::vector<uint8_t> png = image::EncodePng(picture).value();
  return {png.begin(), png.end()};
}

std::string RowLine(const std::string& image, const std::string& question,
                    const std::string& answer) {
  return absl::StrCat(R"({"image":")", image, R"(","question":")", question, R"(","answer":")",
                      answer, "\"}\n");
}

std::vector<std::string> ErrorsOf(const CheckReport& report) { return Shown(report, true); }
std::vector<std::string> WarningsOf(const CheckReport& report) { return Shown(report, false); }

CheckRun::CheckRun() {
  mem.Put("/d/a.png", PictureOf(20, 10, 1));
  mem.Put("/d/b.png", PictureOf(20, 10, 2));
  mem.Put("/d/c.png", PictureOf(20, 10, 3));
  auto tokenizer = text::Tokenizer::Load(
      *base::RealFileEnv(), MD2_SOURCE_DIR "/tests/golden/tokenizer/tiny-tokenizer.json");
  EXPECT_THAT(tokenizer, testing::IsOk());
  tokenizer_ = *std::move(tokenizer);
  model.tokenizer = tokenizer_.get();
  model.end_id = *tokenizer_->end_of_text_id();
  model.prefix_tokens = 10;
  model.max_positions = 100;
  model.vocab = static_cast<int64_t>(tokenizer_->num_ids());
  model.crop = 28;
  options.num_threads = 2;
}

absl::StatusOr<CheckReport> CheckRun::operator()(const std::string& train, const std::string& val) {
  const std::string train_path = absl::StrCat(folder, "train.jsonl");
  const std::string val_path = absl::StrCat(folder, "val.jsonl");
  MD2_RETURN_IF_ERROR(base::WriteFileAtomically(*files, train_path, train));
  MD2_ASSIGN_OR_RETURN(const auto train_set, Dataset::Open(*files, train_path));
  if (val.empty()) return CheckData(*files, *train_set, nullptr, model, options);
  MD2_RETURN_IF_ERROR(base::WriteFileAtomically(*files, val_path, val));
  MD2_ASSIGN_OR_RETURN(const auto val_set, Dataset::Open(*files, val_path));
  return CheckData(*files, *train_set, val_set.get(), model, options);
}

}  // namespace md2::data
