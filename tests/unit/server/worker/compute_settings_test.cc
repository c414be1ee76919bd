#include "server/worker/compute_settings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

class ComputeSettingsTest : public ::testing::Test {
 protected:
  ComputeSettingsTest()
      : run_({{.name = "show",
               .summary = "",
               .description = "",
               .examples = {},
               .settings = ComputeSettings(),
               .run = [](const base::ResolvedSettings& settings, Surroundings& surroundings) {
                 const ComputeOptions options = *ReadComputeOptions(settings);
                 surroundings.out << options.precision << " " << options.device << " "
                                  << (options.num_threads >= 1 && options.num_threads <= 256) << " "
                                  << settings.Find("threads")->ShownValue();
                 return absl::OkStatus();
               }}}) {}

  WorkerRun run_;
};

TEST_F(ComputeSettingsTest, AllAreAutoUnlessGiven) {
  EXPECT_EQ(run_({"show"}).out, "auto auto 1 auto");
  EXPECT_EQ(run_({"show", "--precision=bf16", "--device=cpu", "--threads=256"}).out,
            "bf16 cpu 1 256");
}

TEST_F(ComputeSettingsTest, WordsAndRangesAreChecked) {
  EXPECT_THAT(
      run_({"show", "--precision=int8", "--device=tpu", "--threads=0"}),
      Failed(3,
             "command line of \"show\" that cannot be used (its --help says what can):\n"
             "  precision: expected fp32, bf16, fp16 or auto, found \"int8\" in flag --precision\n"
             "  device: expected cpu, cuda or auto, found \"tpu\" in flag --device\n"
             "  threads: expected a whole number from 1 to 256, or auto, found \"0\" in flag "
             "--threads"));
}

}  // namespace
}  // namespace md2::worker
