#include "core/base/nearest_name.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace md2::base {
namespace {

const std::vector<std::string>& Known() {
  static const auto* const known =
      new std::vector<std::string>{"learning_rate", "batch_size", "epochs", "lr", "seed"};
  return *known;
}

TEST(NearestName, ForgivesOneLetterOfEachKind) {
  EXPECT_EQ(NearestName("lerning_rate", Known()), "learning_rate");
  EXPECT_EQ(NearestName("learnning_rate", Known()), "learning_rate");
  EXPECT_EQ(NearestName("learning_rata", Known()), "learning_rate");
  EXPECT_EQ(NearestName("batch_szie", Known()), "batch_size");
}

TEST(NearestName, PrefersTheNearest) {
  EXPECT_EQ(NearestName("sed", {"send", "seed", "sea"}), "send");  // the first of several
  EXPECT_EQ(NearestName("seed", {"send", "seed"}), "seed");
}

TEST(NearestName, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(NearestName("temperature", Known()), "");
  EXPECT_EQ(NearestName("xy", Known()), "");
  EXPECT_EQ(NearestName("", Known()), "");
  EXPECT_EQ(NearestName(std::string(100000, 'e'), Known()), "");
  EXPECT_EQ(NearestName("seed", {}), "");
}

}  // namespace
}  // namespace md2::base
