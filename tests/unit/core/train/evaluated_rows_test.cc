#include "core/train/evaluated_rows.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/image/encode_png.h"
#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/gate.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/no_threads.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::train {
namespace {

using base::Reason;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsSameTensor;

constexpr int64_t kRows = 6;

// Says which files are opened.
class WatchedDisk : public testing::MemFileEnv {
 public:
  absl::StatusOr<std::unique_ptr<base::ReadableFile>> OpenForRead(
      const std::string& path) override {
    if (on_open) on_open(path);
    return MemFileEnv::OpenForRead(path);
  }

  std::function<void(const std::string&)> on_open;
};

model::Sizes Sizes() {
  model::Sizes sizes = testing::TinyModelSizes();
  sizes.vision.patch = 14;
  sizes.vision.crop = 28;
  sizes.text.vocab = 600;
  return sizes;
}

std::string Picture(uint8_t grey) {
  image::Image image(30, 20);
  for (uint8_t& pixel : image.mutable_pixels()) pixel = grey;
  const auto png = image::EncodePng(image);
  EXPECT_THAT(png, IsOk());
  return {png->begin(), png->end()};
}

class EvaluatedRowsTest : public ::testing::Test {
 protected:
  EvaluatedRowsTest() : checked_(kRows) {
    std::string lines;
    for (int64_t row = 0; row < kRows; ++row) {
      disk_.Put(absl::StrCat(row, ".png"), Picture(static_cast<uint8_t>(40 * row)));
      absl::StrAppend(&lines, R"({"image":")", row, R"(.png","question":"a","answer":"b"})", "\n");
    }
    disk_.Put("rows.jsonl", lines);
    auto dataset = data::Dataset::Open(disk_, "rows.jsonl");
    EXPECT_THAT(dataset, IsOk());
    dataset_ = *std::move(dataset);
    auto tokenizer = text::Tokenizer::Load(
        *base::RealFileEnv(), MD2_SOURCE_DIR "/tests/golden/tokenizer/tiny-tokenizer.json");
    EXPECT_THAT(tokenizer, IsOk());
    tokenizer_ = *std::move(tokenizer);
    model_ = testing::MakeTinyModel({.sizes = Sizes()});
    RowLoaderOptions options;
    options.sizes = Sizes();
    loader_ = std::make_unique<RowLoader>(disk_, *dataset_, *tokenizer_, checked_,
                                          /*store=*/nullptr, options);
  }

  EvaluatedRows Rows() const { return {*model_, *loader_, {2, 4, cancel_.token()}}; }

  at::Tensor FeaturesAlone(int64_t row) const {
    const auto example = loader_->Load(row);
    EXPECT_THAT(example, IsOk());
    const auto features = model_->EncodeImage(*example->crops);
    EXPECT_THAT(features, IsOk());
    return *features;
  }

  WatchedDisk disk_;
  base::CancelSource cancel_;
  std::unique_ptr<const data::Dataset> dataset_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;
  std::unique_ptr<const model::Moondream> model_;
  std::vector<data::CheckedRow> checked_;
  std::unique_ptr<RowLoader> loader_;
};

TEST_F(EvaluatedRowsTest, GiveTheFeaturesOfTheirRowWhateverWasExpected) {
  const std::vector<int64_t> expectations[] = {
      {}, {0, 1, 2, 3, 4, 5}, {5, 3, 1}, {1, 2, 5}, {2, 0}};
  for (const std::vector<int64_t>& expected : expectations) {
    EvaluatedRows rows = Rows();
    ASSERT_THAT(rows.Expect(expected), IsOk());
    for (const int64_t row : {1, 2, 5, 0, 3}) {
      MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features, rows.Get(row));
      EXPECT_THAT(features, IsSameTensor(FeaturesAlone(row))) << row;
    }
  }
}

TEST_F(EvaluatedRowsTest, RowsAreLoadedWhileTheOnesBeforeThemAre) {
  testing::Gate second_is_opened;
  disk_.on_open = [&](const std::string& path) {
    if (path == "0.png") second_is_opened.Wait();
    if (path == "1.png") second_is_opened.Open();
  };
  EvaluatedRows rows = Rows();
  ASSERT_THAT(rows.Expect({0, 1}), IsOk());
  EXPECT_THAT(rows.Get(0), IsOk());
}

TEST_F(EvaluatedRowsTest, WhatWasEncodedIsKeptAndNotLoadedAgain) {
  EvaluatedRows rows = Rows();
  ASSERT_THAT(rows.Expect({0, 1, 2}), IsOk());
  for (const int64_t row : {0, 1, 2}) ASSERT_THAT(rows.Load(row), IsOk());
  const int64_t before = disk_.num_operations();
  ASSERT_THAT(rows.Expect({0, 1, 2}), IsOk());
  for (const int64_t row : {0, 1, 2}) ASSERT_THAT(rows.Get(row), IsOk());
  EXPECT_EQ(disk_.num_operations(), before);
}

TEST_F(EvaluatedRowsTest, ABrokenImageIsTheErrorOfItsRowAtItsTurn) {
  disk_.Put("2.png", "no picture");
  EvaluatedRows rows = Rows();
  ASSERT_THAT(rows.Expect({0, 1, 2, 3}), IsOk());
  EXPECT_THAT(rows.Get(0), IsOk());
  EXPECT_THAT(rows.Get(1), IsOk());
  const auto found = rows.Get(2);
  EXPECT_EQ(found.status(), loader_->Load(2).status());
  EXPECT_THAT(found, HasMessage(HasSubstr("row 3")));
}

TEST_F(EvaluatedRowsTest, CancelIsObeyed) {
  EvaluatedRows rows = Rows();
  ASSERT_THAT(rows.Expect({0, 1, 2, 3, 4, 5}), IsOk());
  ASSERT_THAT(rows.Get(0), IsOk());
  cancel_.Cancel();
  EXPECT_THAT(rows.Get(1), HasReason(Reason::kCancelled));
}

TEST_F(EvaluatedRowsTest, WithoutAThreadThereIsAnError) {
  EvaluatedRows rows = Rows();
  const testing::NoThreads none;
  EXPECT_THAT(rows.Expect({0, 1}), HasReason(Reason::kOutOfMemory));
}

}  // namespace
}  // namespace md2::train
