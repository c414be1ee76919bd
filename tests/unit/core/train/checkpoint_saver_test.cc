#include "core/train/checkpoint_saver.h"

#include <ATen/ops/zeros.h>

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/gate.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/no_threads.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using testing::Gate;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr char kDir[] = "/out/checkpoints";
constexpr uint64_t kBytes = 5 * 4 + 5 * 4 + 3;

// Its files are begun once the gate is open, and each takes a second.
class SlowDisk : public testing::MemFileEnv {
 public:
  explicit SlowDisk(testing::FakeClock& clock) : clock_(clock) {}

  absl::StatusOr<std::unique_ptr<base::WritableFile>> CreateForWrite(
      const std::string& path) override {
    gate->Wait();
    clock_.Advance(absl::Seconds(1));
    return MemFileEnv::CreateForWrite(path);
  }

  std::unique_ptr<Gate> gate = std::make_unique<Gate>();

 private:
  testing::FakeClock& clock_;
};

class Heard : public TrainObserver {
 public:
  void OnCheckpoint(const CheckpointReport& report) override {
    updates.push_back(report.update);
    last = report;
  }
  std::vector<int64_t> updates;
  CheckpointReport last;
};

class CheckpointSaverTest : public ::testing::Test {
 protected:
  // The tensors of a run at an update.
  TrainState Become(int64_t update) {
    tensors_.masters[0].tensor.fill_(static_cast<double>(update));
    tensors_.moments[0].tensor.fill_(static_cast<double>(update));
    tensors_.moments[1].tensor.fill_(update);
    TrainState state = SomeState();
    state.update = update;
    return state;
  }

  absl::Status Save(int64_t update) { return saver_.Save(Become(update)); }

  // What the checkpoint of an update holds, if its tensors agree.
  void ExpectWhole(int64_t update) {
    const at::Tensor master = at::zeros({5}), moment = at::zeros({5});
    const at::Tensor codes = at::zeros({3}, at::kByte);
    const absl::StatusOr<TrainState> state = ReadCheckpoint(
        disk_, folder_.PathOf(update), {{"w", master}}, {{"w.first", moment}, {"w.codes", codes}});
    ASSERT_THAT(state, IsOk());
    EXPECT_EQ(state->update, update);
    for (const at::Tensor& tensor : {master, moment, codes}) {
      EXPECT_EQ(tensor.min().item<double>(), static_cast<double>(update));
      EXPECT_EQ(tensor.max().item<double>(), static_cast<double>(update));
    }
  }

  testing::FakeClock clock_;
  SlowDisk disk_{clock_};
  Heard heard_;
  CheckpointFolder folder_{disk_, kDir};
  SavedTensors tensors_ = {{{"w", at::zeros({5})}},
                           {{"w.first", at::zeros({5})}, {"w.codes", at::zeros({3}, at::kByte)}}};
  uint64_t room_ = kBytes;
  CheckpointSaver saver_{{disk_, clock_, heard_, folder_}, tensors_, {2, [this] { return room_; }}};
};

TEST_F(CheckpointSaverTest, TheCallerChangesTheTensorsWhileTheyAreWrittenAsTheyWere) {
  ASSERT_THAT(Save(10), IsOk());
  Become(11);
  EXPECT_THAT(saver_.Collect(), IsOk());
  EXPECT_THAT(folder_.List(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(heard_.updates, IsEmpty());
  disk_.gate->Open();
  EXPECT_THAT(saver_.Wait(), IsOk());
  EXPECT_THAT(heard_.updates, ElementsAre(10));
  EXPECT_EQ(folder_.ReadIndex()->last, 10);
  ExpectWhole(10);
}

TEST_F(CheckpointSaverTest, ACompleteOneIsCollectedWithoutWaiting) {
  disk_.gate->Open();
  ASSERT_THAT(Save(10), IsOk());
  while (heard_.updates.empty()) {
    std::this_thread::yield();
    ASSERT_THAT(saver_.Collect(), IsOk());
  }
  EXPECT_EQ(heard_.last.path, "/out/checkpoints/000010");
  EXPECT_GT(heard_.last.bytes, static_cast<int64_t>(kBytes));
  EXPECT_EQ(folder_.ReadIndex()->last, 10);
}

TEST_F(CheckpointSaverTest, WithoutRoomForACopyItIsWrittenAtOnce) {
  room_ = kBytes - 1;
  disk_.gate->Open();
  ASSERT_THAT(Save(10), IsOk());
  EXPECT_THAT(heard_.updates, ElementsAre(10));
  ExpectWhole(10);
}

TEST_F(CheckpointSaverTest, WithoutAThreadItIsWrittenAtOnce) {
  disk_.gate->Open();
  const testing::NoThreads none;
  ASSERT_THAT(Save(10), IsOk());
  EXPECT_THAT(heard_.updates, ElementsAre(10));
  ExpectWhole(10);
}

TEST_F(CheckpointSaverTest, ACopyThatMemoryDoesNotHoldIsWrittenAtOnce) {
  disk_.gate->Open();
  // More than any address space, in four bytes: no copy holds it, and no file either.
  const SavedTensors endless = {{{"w", at::zeros({1}).expand({int64_t{1} << 52})}}, {}};
  CheckpointSaver saver({disk_, clock_, heard_, folder_}, endless,
                        {2, [] { return std::numeric_limits<uint64_t>::max(); }});
  EXPECT_THAT(saver.Save(SomeState()), HasReason(Reason::kInternal)) << "of writing it";
}

TEST_F(CheckpointSaverTest, BothWaysWriteTheSameBytes) {
  disk_.gate->Open();
  ASSERT_THAT(Save(10), IsOk());
  ASSERT_THAT(saver_.Wait(), IsOk());
  const auto files = [&] {
    std::vector<std::string> contents;
    for (const std::string& path : disk_.Files()) contents.push_back(*disk_.Get(path));
    return contents;
  };
  const std::vector<std::string> beside = files();
  room_ = 0;
  ASSERT_THAT(Save(10), IsOk());
  EXPECT_EQ(files(), beside);
}

TEST_F(CheckpointSaverTest, TheNextOneWaitsForTheOneInFlight) {
  ASSERT_THAT(Save(10), IsOk());
  std::atomic<bool> is_open{false};
  std::thread opener([&] {
    is_open.store(true);
    disk_.gate->Open();
  });
  ASSERT_THAT(Save(20), IsOk());
  EXPECT_TRUE(is_open.load());
  EXPECT_THAT(heard_.updates, ElementsAre(10));
  EXPECT_THAT(saver_.Wait(), IsOk());
  opener.join();
  EXPECT_THAT(heard_.updates, ElementsAre(10, 20));
}

TEST_F(CheckpointSaverTest, AnotherBestWaitsAndTheSameDoesNot) {
  ASSERT_THAT(Save(10), IsOk());
  EXPECT_THAT(saver_.Keep(std::nullopt), IsOk());
  EXPECT_THAT(heard_.updates, IsEmpty());
  disk_.gate->Open();
  EXPECT_THAT(saver_.Keep(10), IsOk());
  EXPECT_EQ(folder_.ReadIndex()->best, 10);
  for (const int64_t update : {20, 30, 40}) ASSERT_THAT(Save(update), IsOk());
  ASSERT_THAT(saver_.Wait(), IsOk());
  EXPECT_THAT(folder_.List(), IsOkAndHolds(ElementsAre(10, 30, 40)));
}

TEST_F(CheckpointSaverTest, AWriteThatFailedIsTheErrorOfTheNextCallAndTheOldOneStands) {
  const std::function<absl::Status()> calls[] = {
      [&] { return saver_.Wait(); },
      [&] { return Save(30); },
      [&] { return saver_.Keep(10); },
      [&] {
        absl::Status status;
        while (status.ok()) status = saver_.Collect();
        return status;
      },
  };
  disk_.gate->Open();
  for (const auto& call : calls) {
    ASSERT_THAT(Save(10), IsOk());
    ASSERT_THAT(saver_.Wait(), IsOk());
    disk_.SetCapacity(1);
    ASSERT_THAT(Save(20), IsOk());
    EXPECT_THAT(call(), HasReason(Reason::kStorageFull));
    disk_.SetCapacity(uint64_t{1} << 30);
    EXPECT_THAT(folder_.List(), IsOkAndHolds(ElementsAre(10)));
    EXPECT_EQ(folder_.ReadIndex()->last, 10);
    EXPECT_THAT(saver_.Wait(), IsOk());  // it was told
  }
}

TEST_F(CheckpointSaverTest, APredictionHoldsWhatIsInFlight) {
  EXPECT_EQ(saver_.predicted_seconds(), kBytes / CheckpointSaver::kAssumedBytesPerSecond);
  disk_.gate->Open();
  room_ = 0;
  ASSERT_THAT(Save(10), IsOk());
  const double seconds = heard_.last.seconds;
  EXPECT_GE(seconds, 4);  // four files
  EXPECT_EQ(saver_.predicted_seconds(), seconds);
  disk_.gate = std::make_unique<Gate>();
  room_ = kBytes;
  ASSERT_THAT(Save(20), IsOk());
  EXPECT_EQ(saver_.predicted_seconds(), 2 * seconds);
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(saver_.predicted_seconds(), 2 * seconds - 3);
  clock_.Advance(absl::Seconds(100));
  EXPECT_EQ(saver_.predicted_seconds(), seconds);
  disk_.gate->Open();
  ASSERT_THAT(saver_.Wait(), IsOk());
  EXPECT_EQ(saver_.predicted_seconds(), seconds + 103);
}

TEST_F(CheckpointSaverTest, TrainingPaysForWhatBlockedItAndForAShareOfTheRest) {
  disk_.gate->Open();
  room_ = 0;
  ASSERT_THAT(Save(10), IsOk());
  EXPECT_EQ(saver_.cost_seconds(), heard_.last.seconds + 1);  // the index
  room_ = kBytes;
  ASSERT_THAT(Save(20), IsOk());
  while (heard_.updates.size() < 2) ASSERT_THAT(saver_.Collect(), IsOk());
  EXPECT_EQ(saver_.cost_seconds(), CheckpointSaver::kShareOfWriting * heard_.last.seconds + 1);
}

TEST_F(CheckpointSaverTest, MemoryThatIsWantedBackIsGivenOnceAndNoMoreIsTaken) {
  EXPECT_THAT(Save(10), IsOk());
  disk_.gate->Open();
  EXPECT_TRUE(saver_.GiveUpCopies());
  ExpectWhole(10);
  EXPECT_FALSE(saver_.GiveUpCopies());
  EXPECT_THAT(heard_.updates, IsEmpty());
  EXPECT_THAT(Save(20), IsOk());
  EXPECT_THAT(heard_.updates, ElementsAre(10, 20));
}

TEST_F(CheckpointSaverTest, WithoutACopyThereIsNoMemoryToGiveBack) {
  EXPECT_FALSE(saver_.GiveUpCopies());
}

TEST_F(CheckpointSaverTest, DestructionWaitsForWhatIsInFlight) {
  disk_.gate->Open();
  {
    CheckpointSaver saver({disk_, clock_, heard_, folder_}, tensors_, {2, [] { return kBytes; }});
    ASSERT_THAT(saver.Save(Become(10)), IsOk());
  }
  ExpectWhole(10);
}

}  // namespace
}  // namespace md2::train
