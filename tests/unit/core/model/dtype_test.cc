#include "core/model/dtype.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace md2::model {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr uint16_t kHalfInfinity = 0x7c00;
constexpr uint16_t kSignBit = 0x8000;

bool IsNan(uint16_t half) { return (half & 0x7fff) > kHalfInfinity; }

// From the definition of binary16, with no bit of the code under test. REQUIRES: not NaN.
double ValueOfHalf(uint16_t half) {
  const double sign = (half & kSignBit) != 0 ? -1 : 1;
  const int exponent = (half >> 10) & 0x1f;
  const int fraction = half & 0x3ff;
  if (exponent == 0x1f) return sign * kInfinity;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(DtypeTest, NamesSizesAndKinds) {
  struct Row {
    Dtype dtype;
    const char* name;
    uint64_t bytes;
    bool is_weight;
  };
  const Row rows[] = {{Dtype::kF64, "F64", 8, false}, {Dtype::kF32, "F32", 4, true},
                      {Dtype::kF16, "F16", 2, true},  {Dtype::kBF16, "BF16", 2, true},
                      {Dtype::kI64, "I64", 8, false}, {Dtype::kI32, "I32", 4, false},
                      {Dtype::kI16, "I16", 2, false}, {Dtype::kI8, "I8", 1, false},
                      {Dtype::kU8, "U8", 1, false},   {Dtype::kBool, "BOOL", 1, false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(DtypeName(row.dtype), row.name);
    EXPECT_EQ(FindDtype(row.name), row.dtype);
    EXPECT_EQ(DtypeBytes(row.dtype), row.bytes);
    EXPECT_EQ(IsWeightDtype(row.dtype), row.is_weight);
  }
}

TEST(DtypeTest, OtherWordsAreUnknown) {
  for (const char* name : {"", "f16", "F8_E4M3", "F160", "U16", "BOOL "}) {
    EXPECT_FALSE(FindDtype(name).has_value()) << name;
  }
}

TEST(TensorBytesTest, MultipliesShapeAndElement) {
  EXPECT_EQ(TensorBytes(Dtype::kF16, {}), 2u);
  EXPECT_EQ(TensorBytes(Dtype::kF32, {3, 5}), 60u);
  EXPECT_EQ(TensorBytes(Dtype::kF32, {3, 0}), 0u);
  EXPECT_EQ(TensorBytes(Dtype::kU8, {INT64_MAX}), static_cast<uint64_t>(INT64_MAX));
}

TEST(TensorBytesTest, HasNothingForWhatCannotBe) {
  EXPECT_FALSE(TensorBytes(Dtype::kU8, {-1}).has_value());
  EXPECT_FALSE(TensorBytes(Dtype::kU8, {0, -1}).has_value());
  EXPECT_FALSE(TensorBytes(Dtype::kF16, {INT64_MAX}).has_value());
  EXPECT_FALSE(TensorBytes(Dtype::kU8, {int64_t{1} << 32, int64_t{1} << 31}).has_value());
}

TEST(FloatToHalfTest, EveryHalfRoundTrips) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    if (IsNan(half)) continue;
    ASSERT_EQ(FloatToHalf(static_cast<float>(ValueOfHalf(half))), half);
  }
}

// A float just below, at and just above the middle of each two neighbours; the last is the middle
// of 65504 and what would be 65536.
TEST(FloatToHalfTest, RoundsToNearestAndTiesToEven) {
  for (uint16_t low = 0; low < kHalfInfinity; ++low) {
    const auto high = static_cast<uint16_t>(low + 1);
    const double above = high == kHalfInfinity ? 65536.0 : ValueOfHalf(high);
    const auto middle = static_cast<float>((ValueOfHalf(low) + above) / 2);
    const uint16_t even = (low & 1) == 0 ? low : high;
    for (const uint16_t sign : {uint16_t{0}, kSignBit}) {
      const float s = sign == 0 ? 1.0F : -1.0F;
      ASSERT_EQ(FloatToHalf(s * std::nextafter(middle, 0.0F)), low | sign);
      ASSERT_EQ(FloatToHalf(s * middle), even | sign);
      ASSERT_EQ(FloatToHalf(s * std::nextafter(middle, kInfinity)), high | sign);
    }
  }
}

TEST(FloatToHalfTest, BeyondTheRangeIsInfinity) {
  for (const float value :
       {65520.0F, 65536.0F, 1e10F, std::numeric_limits<float>::max(), kInfinity}) {
    EXPECT_EQ(FloatToHalf(value), kHalfInfinity) << value;
    EXPECT_EQ(FloatToHalf(-value), kHalfInfinity | kSignBit) << value;
  }
}

TEST(FloatToHalfTest, FloatSubnormalsAreZeroOfTheirSign) {
  for (const float value :
       {0.0F, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::min()}) {
    EXPECT_EQ(FloatToHalf(value), 0) << value;
    EXPECT_EQ(FloatToHalf(-value), kSignBit) << value;
  }
}

TEST(FloatToHalfTest, NanStaysNanWithItsSign) {
  for (const uint32_t bits : {0x7f800001u, 0x7fc00000u, 0x7fffffffu}) {
    EXPECT_TRUE(IsNan(FloatToHalf(std::bit_cast<float>(bits)))) << bits;
    const uint16_t negative = FloatToHalf(std::bit_cast<float>(bits | 0x80000000u));
    EXPECT_TRUE(IsNan(negative)) << bits;
    EXPECT_NE(negative & kSignBit, 0) << bits;
  }
}

// A larger float never gives a smaller half, over every exponent.
TEST(FloatToHalfTest, IsMonotonic) {
  uint16_t last = 0;
  for (uint32_t bits = 0; bits <= 0x7f800000u; bits += 997) {
    const uint16_t half = FloatToHalf(std::bit_cast<float>(bits));
    ASSERT_GE(half, last) << bits;
    last = half;
  }
}

}  // namespace
}  // namespace md2::model
