#include "core/base/byte_size.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace md2::base {
namespace {

TEST(ParseByteSize, ReadsEveryUnit) {
  EXPECT_EQ(ParseByteSize("0"), uint64_t{0});
  EXPECT_EQ(ParseByteSize("7"), uint64_t{7});
  EXPECT_EQ(ParseByteSize("7B"), uint64_t{7});
  EXPECT_EQ(ParseByteSize("2KiB"), uint64_t{2048});
  EXPECT_EQ(ParseByteSize("3MiB"), uint64_t{3} << 20);
  EXPECT_EQ(ParseByteSize("4GiB"), uint64_t{4} << 30);
  EXPECT_EQ(ParseByteSize("5TiB"), uint64_t{5} << 40);
  EXPECT_EQ(ParseByteSize("2KB"), uint64_t{2000});
  EXPECT_EQ(ParseByteSize("2MB"), uint64_t{2'000'000});
  EXPECT_EQ(ParseByteSize("2GB"), uint64_t{2'000'000'000});
  EXPECT_EQ(ParseByteSize("2TB"), uint64_t{2'000'000'000'000});
}

TEST(ParseByteSize, ForgivesCaseSpaceAndDecimals) {
  EXPECT_EQ(ParseByteSize(" 4 gib "), uint64_t{4} << 30);
  EXPECT_EQ(ParseByteSize("1.5GiB"), uint64_t{3} << 29);
  EXPECT_EQ(ParseByteSize("0.3B"), uint64_t{0});
}

TEST(ParseByteSize, RefusesWhatIsNotASize) {
  for (const char* text : {"", " ", "GiB", "4G", "4 gigabytes", "-1", "+1", "1e3", "1.2.3", ".",
                           "0x10", "4GiB2", "inf"}) {
    EXPECT_EQ(ParseByteSize(text), absl::nullopt) << text;
  }
}

TEST(ParseByteSize, RefusesWhatOverflows) {
  EXPECT_EQ(ParseByteSize("9223372036854775807"), uint64_t{9223372036854775807u});
  EXPECT_EQ(ParseByteSize("9223372036854775808"), absl::nullopt);
  EXPECT_EQ(ParseByteSize("8388607TiB"), uint64_t{8388607} << 40);
  EXPECT_EQ(ParseByteSize("8388608TiB"), absl::nullopt);
  EXPECT_EQ(ParseByteSize("8388608.5TiB"), absl::nullopt);
  EXPECT_EQ(ParseByteSize("99999999999999999999"), absl::nullopt);
}

}  // namespace
}  // namespace md2::base
