#include "server/worker/progress_line.h"

#include <sstream>

#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/mem_file_env.h"

namespace md2::worker {
namespace {

class ProgressLineTest : public ::testing::Test {
 protected:
  testing::MemFileEnv files_;
  testing::FakeClock clock_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream notes_;
  Surroundings surroundings_ = {.files = files_,
                                .clock = clock_,
                                .in = in_,
                                .out = out_,
                                .notes = notes_,
                                .environment = nullptr,
                                .catch_interrupt = nullptr};
};

TEST_F(ProgressLineTest, ATerminalSeesOneLineThatGoesAway) {
  surroundings_.notes_is_terminal = true;
  {
    ProgressLine line(surroundings_, "weights");
    line.Update(0, 2000);
    clock_.Advance(absl::Milliseconds(100));
    line.Update(500, 2000);
    line.Update(600, 2000);
    clock_.Advance(absl::Milliseconds(100));
    line.Update(2000, 2000);
  }
  EXPECT_EQ(notes_.str(),
            "\r\033[Kweights: 25 % of 2.00 kB\r\033[Kweights: 100 % of 2.00 kB\r\033[K");
}

TEST_F(ProgressLineTest, AFileGetsALineEveryFiveSeconds) {
  {
    ProgressLine line(surroundings_, "weights");
    clock_.Advance(absl::Milliseconds(4999));
    line.Update(500, 2000);
    clock_.Advance(absl::Milliseconds(1));
    line.Update(1000, 2000);
    line.Update(2000, 2000);
  }
  EXPECT_EQ(notes_.str(), "weights: 50 % of 2.00 kB\n");
}

TEST_F(ProgressLineTest, WhatIsCountedIsNamed) {
  ProgressLine line(surroundings_, "captchas");
  clock_.Advance(absl::Seconds(5));
  line.UpdateCount(2000, 8000, "pictures");
  line.UpdateCount(3000, 8000, "pictures");
  clock_.Advance(absl::Seconds(5));
  line.UpdateCount(0, 0, "pictures");
  EXPECT_EQ(notes_.str(), "captchas: 25 % of 8,000 pictures\n");
}

TEST_F(ProgressLineTest, NothingToDoIsNoShareOfIt) {
  ProgressLine line(surroundings_, "weights");
  clock_.Advance(absl::Seconds(10));
  line.Update(0, 0);
  EXPECT_EQ(notes_.str(), "");
}

}  // namespace
}  // namespace md2::worker
