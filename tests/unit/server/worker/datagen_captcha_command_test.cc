#include "server/worker/datagen_captcha_command.h"

#include "core/base/json.h"
#include "core/data/datagen/font_files.h"
#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class DatagenCaptchaCommandTest : public ::testing::Test {
 protected:
  DatagenCaptchaCommandTest() : run_({DatagenCaptchaCommand()}) {
    for (const std::string& path : datagen::FontPaths()) {
      run_.files.Put(path, base::ReadWholeFile(*base::RealFileEnv(), path, 20'000'000).value());
    }
  }

  Ran Datagen(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"datagen", "captcha", "--out=c", "--val=1", "--test=1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  base::Json FirstRow() {
    const std::string rows = run_.files.Get("c/train.jsonl").value_or("");
    return base::Json::parse(rows.substr(0, rows.find('\n')));
  }

  WorkerRun run_;
};

TEST_F(DatagenCaptchaCommandTest, WritesASetAndSaysWhatItHolds) {
  EXPECT_THAT(Datagen({"--train=3", "--seed=9"}),
              Succeeded("out\tc\nfamily\tclassic200\nsize\t200x50\ndigits\t6-6\nseed\t9\n"
                        "train\t3\nval\t1\ntest\t1\nseconds\t0.000\n",
                        ""));
  EXPECT_THAT(FirstRow()["answer"].get<std::string>(), SizeIs(6));
}

TEST_F(DatagenCaptchaCommandTest, SizeAndDigitsReplaceThoseOfTheFamily) {
  const Ran ran =
      Datagen({"--train=1", "--family=k", "--size=90x40", "--digits=3", "--output=json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.notes;
  const base::Json report = base::Json::parse(ran.out);
  EXPECT_EQ(report["width"], 90);
  EXPECT_EQ(report["digits"], (base::Json{3, 3}));
  EXPECT_EQ(report["images"], 3);
  EXPECT_THAT(FirstRow()["answer"].get<std::string>(), SizeIs(3));
  MD2_ASSERT_OK_AND_ASSIGN(const image::Image picture,
                           image::DecodeImageFile(run_.files, "c/images/train/000000.png", {}));
  EXPECT_EQ(picture.width(), 90);
  EXPECT_EQ(picture.height(), 40);
}

TEST_F(DatagenCaptchaCommandTest, ASubsetLargerThanTheRowsIsRefused) {
  EXPECT_THAT(Datagen({"--train=3", "--subset=4"}),
              Failed(3, "expected a --subset of at most 3, the rows of --train, found 4"));
}

TEST_F(DatagenCaptchaCommandTest, NoRowsAtAllIsRefused) {
  EXPECT_THAT(run_({"datagen", "captcha", "--out=c", "--train=0", "--val=0", "--test=0"}),
              Failed(3, "expected at least one row of --train, --val and --test, found none"));
}

TEST_F(DatagenCaptchaCommandTest, EachValueThatCannotBeMeantIsNamed) {
  const Ran ran = Datagen({"--size=200", "--digits=6-4", "--family=modern", "--train=-1"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.notes,
              HasSubstr("size: expected width x height in pixels, such as 200x50, from 20x20 to "
                        "900x300, or auto, found \"200\" in flag --size"));
  EXPECT_THAT(ran.notes,
              HasSubstr("digits: expected a number of digits such as 6, or a range such as 4-6, "
                        "from 1 to 12, or auto, found \"6-4\" in flag --digits"));
  EXPECT_THAT(ran.notes, HasSubstr("family: expected classic200, k, v or classic, found"));
  EXPECT_THAT(ran.notes, HasSubstr("train: expected a whole number from 0 to 1000000"));
}

TEST_F(DatagenCaptchaCommandTest, MissingFontsNameTheirPackages) {
  ASSERT_TRUE(run_.files.RemoveFile(datagen::FontPaths()[2]).ok());
  EXPECT_THAT(
      Datagen({"--train=1"}),
      Failed(5,
             "expected the fonts of Debian's packages fonts-dejavu-core and fonts-liberation; "
             "install both:\n  cannot open for reading, no such file or folder: " +
                 datagen::FontPaths()[2]));
}

TEST_F(DatagenCaptchaCommandTest, AnInterruptLeavesNoRows) {
  run_.interrupt.Cancel();
  EXPECT_THAT(Datagen({"--train=3"}), Failed(2, "cancelled"));
  EXPECT_EQ(run_.files.Get("c/train.jsonl"), absl::nullopt);
}

}  // namespace
}  // namespace md2::worker
