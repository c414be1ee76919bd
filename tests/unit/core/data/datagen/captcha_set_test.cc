#include "core/data/datagen/captcha_set.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "core/base/json.h"
#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/data/datagen/real_fonts.h"

namespace md2::datagen {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::StatusIs;

// FNV-1a.
uint64_t HashOf(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return hash;
}

class CaptchaSetTest : public ::testing::Test {
 protected:
  CaptchaSetTest() { PutRealFonts(env_); }

  static CaptchaSetOptions Options(const std::string& out, int train) {
    CaptchaSetOptions options;
    options.out = out;
    options.rows = {train, 2, 1};
    options.seed = 5;
    return options;
  }
  absl::Status Write(const CaptchaSetOptions& options) {
    return WriteCaptchaSet(env_, options, cancel_.token());
  }
  std::string Get(const std::string& path) { return env_.Get(path).value_or("nothing"); }

  std::vector<base::Json> Rows(const std::string& path) {
    std::vector<base::Json> rows;
    for (const absl::string_view line : absl::StrSplit(Get(path), '\n', absl::SkipEmpty())) {
      rows.push_back(base::Json::parse(line.begin(), line.end()));
    }
    return rows;
  }
  // The files without the fonts.
  std::vector<std::string> Written() {
    std::vector<std::string> written;
    for (const std::string& path : env_.Files()) {
      if (!absl::StartsWith(path, "/usr/")) written.push_back(path);
    }
    return written;
  }

  testing::MemFileEnv env_;
  base::CancelSource cancel_;
};

TEST_F(CaptchaSetTest, RowsNameTheirPicturesAndAnswersAreText) {
  ASSERT_THAT(Write(Options("/c", 3)), IsOk());
  EXPECT_THAT(Written(), ElementsAre("/c/images/test/000000.png", "/c/images/train/000000.png",
                                     "/c/images/train/000001.png", "/c/images/train/000002.png",
                                     "/c/images/val/000000.png", "/c/images/val/000001.png",
                                     "/c/test.jsonl", "/c/train.jsonl", "/c/val.jsonl"));
  for (const base::Json& row : Rows("/c/train.jsonl")) {
    EXPECT_EQ(row["question"], "What does the captcha say?");
    EXPECT_THAT(row["answer"].get<std::string>(), SizeIs(6));
    MD2_ASSERT_OK_AND_ASSIGN(
        const image::Image picture,
        image::DecodeImageFile(env_, "/c/" + row["image"].get<std::string>(), {}));
    EXPECT_EQ(picture.width(), 200);
    EXPECT_EQ(picture.height(), 50);
  }
}

TEST_F(CaptchaSetTest, BytesAreTheseOnEveryMachineWithTheFontsOfDebian12) {
  ASSERT_THAT(Write(Options("/c", 3)), IsOk());
  EXPECT_THAT(Get("/c/train.jsonl"),
              StartsWith("{\"image\":\"images/train/000000.png\",\"question\":\"What does the "
                         "captcha say?\",\"answer\":\"577195\"}\n"));
  EXPECT_EQ(HashOf(Get("/c/images/train/000002.png")), 6703564805961201013U);
  CaptchaSetOptions classic = Options("/classic", 3);
  classic.family = *FindFamily("classic");
  classic.shape = ShapeOf(classic.family);
  ASSERT_THAT(Write(classic), IsOk());
  EXPECT_EQ(HashOf(Get("/classic/images/train/000002.png")), 7627522928984586628U);
}

TEST_F(CaptchaSetTest, ALargerSetBeginsWithASmallerOne) {
  ASSERT_THAT(Write(Options("/small", 3)), IsOk());
  ASSERT_THAT(Write(Options("/large", 9)), IsOk());
  EXPECT_THAT(Get("/large/train.jsonl"), StartsWith(Get("/small/train.jsonl")));
  for (const base::Json& row : Rows("/small/train.jsonl")) {
    const std::string name = row["image"];
    EXPECT_EQ(Get("/small/" + name), Get("/large/" + name));
  }
  EXPECT_EQ(Get("/small/val.jsonl"), Get("/large/val.jsonl"));
}

TEST_F(CaptchaSetTest, SplitsAndSeedsHaveOtherPictures) {
  ASSERT_THAT(Write(Options("/a", 2)), IsOk());
  CaptchaSetOptions other = Options("/b", 2);
  other.seed = 6;
  ASSERT_THAT(Write(other), IsOk());
  EXPECT_NE(Get("/a/images/train/000000.png"), Get("/a/images/val/000000.png"));
  EXPECT_NE(Get("/a/images/train/000000.png"), Get("/b/images/train/000000.png"));
}

TEST_F(CaptchaSetTest, ASubsetHasRowsOfAllSpreadEvenly) {
  ASSERT_THAT(Write(Options("/all", 10)), IsOk());
  CaptchaSetOptions options = Options("/subset", 10);
  options.subset = 4;
  ASSERT_THAT(Write(options), IsOk());
  const std::vector<base::Json> all = Rows("/all/train.jsonl");
  EXPECT_THAT(Rows("/subset/train.jsonl"), ElementsAre(all[0], all[2], all[5], all[7]));
  EXPECT_EQ(Get("/subset/images/train/000007.png"), Get("/all/images/train/000007.png"));
  EXPECT_EQ(env_.Get("/subset/images/train/000001.png"), absl::nullopt);
}

TEST(SubsetIndexTest, AsManyAsThereAreIsAllOfThem) {
  for (int i = 0; i < 7; ++i) EXPECT_EQ(SubsetIndex(i, 7, 7), i);
  EXPECT_EQ(SubsetIndex(999'998, 999'999, 1'000'000), 999'998);
}

TEST_F(CaptchaSetTest, ASplitOfNoRowsHasNoFile) {
  CaptchaSetOptions options = Options("/c", 0);
  options.rows = {0, 1, 0};
  ASSERT_THAT(Write(options), IsOk());
  EXPECT_THAT(Written(), ElementsAre("/c/images/val/000000.png", "/c/val.jsonl"));
}

TEST_F(CaptchaSetTest, AFolderWithSomethingInItIsRefusedAndLeftAlone) {
  env_.Put("/c/mine", "text");
  EXPECT_THAT(Write(Options("/c", 3)),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       "expected an empty or new folder, name another or remove it; found in /c: "
                       "mine"));
  EXPECT_THAT(Written(), ElementsAre("/c/mine"));
}

TEST_F(CaptchaSetTest, NothingIsMadeWithoutFonts) {
  ASSERT_THAT(env_.RemoveFile(FontPaths()[0]), IsOk());
  EXPECT_THAT(Write(Options("/c", 3)), HasReason(base::Reason::kFileNotFound));
  EXPECT_THAT(Written(), ElementsAre());
}

TEST_F(CaptchaSetTest, CancellingLeavesNoRows) {
  CaptchaSetOptions options = Options("/c", 100);
  int64_t seen = 0;
  options.progress = [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 103);
    seen = done;
    if (done == 10) cancel_.Cancel();
  };
  EXPECT_THAT(Write(options), HasReason(base::Reason::kCancelled));
  EXPECT_EQ(seen, 10);
  for (const std::string& path : Written()) EXPECT_THAT(path, Not(HasSubstr("jsonl")));
}

TEST_F(CaptchaSetTest, WhateverFailsRowsAreWholeAndTheirPicturesThere) {
  CaptchaSetOptions options = Options("/whole", 2);
  options.rows = {2, 1, 1};
  options.shape = {kMinCaptchaWidth, kMinCaptchaHeight, 1, 1};
  ASSERT_THAT(Write(options), IsOk());
  for (int64_t num_before = 0;; ++num_before) {
    testing::MemFileEnv env;
    PutRealFonts(env);
    env.FailFrom(num_before, absl::UnavailableError("gone"));
    const absl::Status status = WriteCaptchaSet(env, options, cancel_.token());
    env.DropUnsynced(testing::PowerLoss::kDataAndNames);
    for (const char* name : {"/whole/train.jsonl", "/whole/val.jsonl", "/whole/test.jsonl"}) {
      EXPECT_EQ(env.Get(name).value_or(Get(name)), Get(name)) << num_before;
    }
    if (env.Get("/whole/train.jsonl").has_value()) {
      for (const std::string& path : Written()) {
        EXPECT_TRUE(env.Get(path) == Get(path)) << path << " " << num_before;
      }
    }
    if (status.ok()) return;
  }
}

TEST_F(CaptchaSetTest, TheContactSheetShowsTrainingRows) {
  CaptchaSetOptions options = Options("/c", 3);
  options.contact_sheet = "/sheet.png";
  ASSERT_THAT(Write(options), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const image::Image sheet,
                           image::DecodeImageFile(env_, "/sheet.png", {}));
  EXPECT_EQ(sheet.width(), 8 + 3 * 208);
  const Captcha first = DrawSample(options, Split::kTrain, 0, RealFonts());
  EXPECT_TRUE(std::equal(first.picture.row(20), first.picture.row(20) + 600, sheet.row(28) + 24));
}

}  // namespace
}  // namespace md2::datagen
