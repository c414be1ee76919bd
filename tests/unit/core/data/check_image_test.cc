// What CheckData says of images that cannot be trained on, on the real disk where that matters.

#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/data/check.h"
#include "core/data/legibility.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"
#include "tests/unit/core/data/check_run.h"
#include "tests/unit/core/image/build_png.h"

namespace md2::data {
namespace {

using ::testing::ElementsAre;

// Of a row beside a good one.
std::string ErrorOf(CheckRun& check, const std::string& image) {
  const absl::StatusOr<CheckReport> report = check(RowLine("a.png") + RowLine(image));
  if (!report.ok()) return std::string(report.status().message());
  const std::vector<std::string> errors = ErrorsOf(*report);
  return errors.empty() ? "no error" : errors[0];
}

TEST(CheckImages, AMissingFile) {
  CheckRun check;
  EXPECT_EQ(ErrorOf(check, "none.png"),
            "row 2 image: cannot open for reading, no such file or folder: /d/none.png; mend it or "
            "drop the row");
}

TEST(CheckImages, AnEmptyFile) {
  CheckRun check;
  check.mem.Put("/d/x.png", "");
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": expected a JPEG or PNG file, found 0 bytes; mend it "
            "or drop the row");
}

TEST(CheckImages, AFileThatIsNoPicture) {
  CheckRun check;
  check.mem.Put("/d/x.png", "GIF89a..");
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": expected a JPEG or PNG file, found one that begins "
            "with the bytes 4749463839612e2e; mend it or drop the row");
}

TEST(CheckImages, APictureThatIsCutOff) {
  CheckRun check;
  const std::string whole = PictureOf(20, 10, 9);
  check.mem.Put("/d/x.png", whole.substr(0, whole.size() - 20));
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": PNG is truncated: expected the end chunk IEND, found "
            "the end of the file in chunk \"IDAT\" of 26 bytes after 63 bytes; mend it or drop the "
            "row");
}

TEST(CheckImages, APictureWithoutWidth) {
  CheckRun check;
  check.mem.Put("/d/x.png", image::BuildPng({.width = 0, .height = 10}, image::StoredZlib("")));
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": PNG header: expected 1 to 2147483647 pixels a side, "
            "found 0 x 10; mend it or drop the row");
}

TEST(CheckImages, APictureOfTooManyPixels) {
  CheckRun check;
  check.mem.Put("/d/x.png",
                image::BuildPng({.width = 10000, .height = 10000}, image::StoredZlib("")));
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": expected at most 40000000 pixels, found 10000 x "
            "10000; mend it or drop the row");
}

TEST(CheckImages, AFileOfTooManyBytes) {
  CheckRun check;
  std::string content;
  content.resize(20'000'001, 'x');
  check.mem.Put("/d/x.png", content);
  EXPECT_EQ(ErrorOf(check, "x.png"),
            "row 2 image: image \"/d/x.png\": expected a file of at most 20000000 bytes, found "
            "20000001; mend it or drop the row");
}

TEST(CheckImages, FoldersDevicesAndPipesAreRefusedAndNotWaitedFor) {
  CheckRun check;
  testing::TempFolder temp;
  check.files = base::RealFileEnv();
  check.folder = temp.path() + "/";
  ASSERT_THAT(base::WriteFileAtomically(*check.files, temp.File("a.png"), PictureOf(8, 8, 1)),
              testing::IsOk());
  ASSERT_THAT(check.files->CreateDirectories(temp.File("folder")), testing::IsOk());
  ASSERT_EQ(::mkfifo(temp.File("pipe").c_str(), 0600), 0);
  const absl::StatusOr<CheckReport> report =
      check(RowLine("a.png") + RowLine("folder") + RowLine("pipe") + RowLine("/dev/zero"));
  ASSERT_THAT(report, testing::IsOk());
  EXPECT_THAT(ErrorsOf(*report),
              ElementsAre(absl::StrCat("row 2 image: expected a file, found a folder: ",
                                       temp.File("folder"), "; mend it or drop the row"),
                          absl::StrCat("row 3 image: expected a file, found a pipe: ",
                                       temp.File("pipe"), "; mend it or drop the row"),
                          "row 4 image: expected a file, found a device: /dev/zero; mend it or "
                          "drop the row"));
}

TEST(Legibility, AnImageThatShrinksToLessThanHalfIsDoubtful) {
  EXPECT_FALSE(IsTextTooSmall(ShrinkingOf(200, 50, 378, true)));
  EXPECT_FALSE(IsTextTooSmall(ShrinkingOf(1512, 1512, 378, true)));
  EXPECT_TRUE(IsTextTooSmall(ShrinkingOf(1513, 1512, 378, true)));
  EXPECT_TRUE(IsTextTooSmall(ShrinkingOf(1240, 1754, 378, true)));
  EXPECT_FALSE(IsTextTooSmall(ShrinkingOf(756, 756, 378, false)));
  EXPECT_TRUE(IsTextTooSmall(ShrinkingOf(757, 100, 378, false)));
  EXPECT_DOUBLE_EQ(ShrinkingOf(757, 100, 378, false).factor, 757.0 / 378.0);
}

}  // namespace
}  // namespace md2::data
