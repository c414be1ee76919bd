#include "core/base/quoted.h"

#include <string>

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
  EXPECT_EQ(Quoted(std::string(200, 'k')), "\"" + std::string(200, 'k') + "\"");
  EXPECT_EQ(Quoted(std::string(201, 'k')), "\"" + std::string(200, 'k') + "\" (cut)");
  EXPECT_EQ(Quoted(std::string(199, 'k') + "\xc3\xa9"),
            "\"" + std::string(199, 'k') + "\\303\" (cut)");
}

}  // namespace
}  // namespace md2::base
