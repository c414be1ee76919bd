#include "server/worker/fields.h"

#include <limits>

#include "gtest/gtest.h"

namespace md2::worker {
namespace {

TEST(FieldsTest, ATerminalGetsAlignedColumnsAndAPipeTabs) {
  const std::vector<Field> fields = {{.name = "bytes", .value = "1500", .shown = "1.50 kB"},
                                     {.name = "name", .value = "a b"}};
  EXPECT_EQ(FieldsText(fields, /*is_terminal=*/true), "bytes  1.50 kB\nname   a b\n");
  EXPECT_EQ(FieldsText(fields, /*is_terminal=*/false), "bytes\t1500\nname\ta b\n");
}

TEST(FieldsTest, ThousandsAreSeparated) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1866919792), "1,866,919,792");
}

TEST(FieldsTest, BytesHaveThreeDigits) {
  EXPECT_EQ(ShownBytes(0), "0 B");
  EXPECT_EQ(ShownBytes(999), "999 B");
  EXPECT_EQ(ShownBytes(1000), "1.00 kB");
  EXPECT_EQ(ShownBytes(9994), "9.99 kB");
  EXPECT_EQ(ShownBytes(9995), "10.0 kB");
  EXPECT_EQ(ShownBytes(99949), "99.9 kB");
  EXPECT_EQ(ShownBytes(99950), "100 kB");
  EXPECT_EQ(ShownBytes(999499), "999 kB");
  EXPECT_EQ(ShownBytes(999500), "1.00 MB");
  EXPECT_EQ(ShownBytes(3733839584), "3.73 GB");
  EXPECT_EQ(ShownBytes(std::numeric_limits<uint64_t>::max()), "18.4 EB");
}

}  // namespace
}  // namespace md2::worker
