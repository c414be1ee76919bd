#include "core/data/datagen/random.h"

#include <array>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::datagen {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Lt;

// Computed in Python from the definition of SplitMix64.
TEST(SampleRandomTest, NumbersAreTheseOnEveryMachine) {
  SampleRandom random(1, 2, 3);
  EXPECT_EQ(random.Next(), 13811584246906094223U);
  EXPECT_EQ(random.Next(), 9152601669076045809U);
}

TEST(SampleRandomTest, SeedStreamAndIndexEachMakeAnotherSequence) {
  std::set<uint64_t> firsts;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    for (uint64_t stream = 0; stream < 3; ++stream) {
      for (uint64_t index = 0; index < 100; ++index) {
        firsts.insert(SampleRandom(seed, stream, index).Next());
      }
    }
  }
  EXPECT_EQ(firsts.size(), 3000U);
}

TEST(SampleRandomTest, BetweenReachesBothEndsAndAllAlike) {
  SampleRandom random(0, 0, 0);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts.at(random.Between(-4, 5) + 4);
  EXPECT_THAT(counts, Each(AllOf(Ge(850), Lt(1150))));
}

TEST(SampleRandomTest, UniformStaysWithinItsEnds) {
  SampleRandom random(0, 0, 1);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.Uniform(-1, 3);
    ASSERT_THAT(value, AllOf(Ge(-1), Lt(3)));
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 1, 0.05);
}

}  // namespace
}  // namespace md2::datagen
