#include "core/data/datagen/font_files.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/data/datagen/real_fonts.h"

namespace md2::datagen {
namespace {

using ::testing::AllOf;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

TEST(FontFilesTest, AllFourAreLoaded) {
  EXPECT_THAT(LoadFonts(*base::RealFileEnv()), IsOkAndHolds(SizeIs(4)));
}

TEST(FontFilesTest, OneErrorNamesEachMissingFontAndThePackages) {
  testing::MemFileEnv env;
  PutRealFonts(env);
  ASSERT_TRUE(env.RemoveFile(FontPaths()[1]).ok());
  env.Put(FontPaths()[3], "no font");
  const auto fonts = LoadFonts(env);
  EXPECT_THAT(fonts, HasReason(base::Reason::kFileNotFound));
  EXPECT_THAT(fonts, StatusIs(absl::StatusCode::kNotFound,
                              AllOf(HasSubstr("fonts-dejavu-core and fonts-liberation"),
                                    HasSubstr("no such file or folder: " + FontPaths()[1]),
                                    HasSubstr("found none: " + FontPaths()[3]),
                                    Not(HasSubstr(FontPaths()[0])))));
}

}  // namespace
}  // namespace md2::datagen
