#include "core/base/quoted.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace md2::base {
namespace {

TEST(Quoted, PutsQuotesAroundAndEscapesInside) {
  EXPECT_EQ(Quoted("a b"), "\"a b\"");
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("a\"b\n\x1b"), "\"a\\\"b\\n\\033\"");
  EXPECT_EQ(Quoted("\xc3\xa9"), "\"\xc3\xa9\"");
}

TEST(Quoted, CutsLongTextAndNeverWithinACharacter) {
  const std::string full(200, 'k'), almost(199, 'k');
  EXPECT_EQ(Quoted(full), absl::StrCat("\"", full, "\""));
  EXPECT_EQ(Quoted(absl::StrCat(full, "k")), absl::StrCat("\"", full, "\" (cut)"));
  EXPECT_EQ(Quoted(absl::StrCat(almost, "\xc3\xa9")), absl::StrCat("\"", almost, "\\303\" (cut)"));
}

}  // namespace
}  // namespace md2::base
