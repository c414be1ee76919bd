#include "server/worker/inspect_command.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/model/sizes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/datagen_model_command.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

// A model folder m of WorkerModelSizes without tokenizer.json.
class InspectCommandTest : public ::testing::Test {
 protected:
  InspectCommandTest() : run_({InspectCommand(), DatagenModelCommand()}) {
    run_.files.Put("tiny.json", model::SizesToJson(WorkerModelSizes()).dump());
    EXPECT_EQ(run_({"datagen", "model", "--sizes=tiny.json", "--out=m"}).exit_code, 0);
    EXPECT_TRUE(run_.files.RemoveFile("m/tokenizer.json").ok());
  }

  WorkerRun run_;
};

TEST_F(InspectCommandTest, ATerminalGetsATable) {
  run_.out_is_terminal = true;
  EXPECT_THAT(run_({"inspect", "--model", "m"}),
              Succeeded("revision      2024-07-23\n"
                        "parameters    77,004\n"
                        "tensors       58\n"
                        "bytes         154 kB\n"
                        "dtype         f16\n"
                        "image_tokens  4\n"
                        "vision        2 blocks of 24, 2 heads, MLP 20, crop 28, patch 14\n"
                        "projector     28\n"
                        "text          2 layers of 32, 2 heads, MLP 44, vocabulary 600, 64 "
                        "positions\n",
                        ""));
}

TEST_F(InspectCommandTest, APipeGetsALineAValue) {
  EXPECT_THAT(run_({"inspect", "--model", "m"}), Succeeded("revision\t2024-07-23\n"
                                                           "parameters\t77004\n"
                                                           "tensors\t58\n"
                                                           "bytes\t154008\n"
                                                           "dtype\tf16\n"
                                                           "image_tokens\t4\n"
                                                           "sizes.bos_id\t35\n"
                                                           "sizes.eos_id\t36\n"
                                                           "sizes.projector_dim\t28\n"
                                                           "sizes.text.dim\t32\n"
                                                           "sizes.text.eps\t1e-05\n"
                                                           "sizes.text.heads\t2\n"
                                                           "sizes.text.layers\t2\n"
                                                           "sizes.text.max_positions\t64\n"
                                                           "sizes.text.mlp_dim\t44\n"
                                                           "sizes.text.rotary_dim\t8\n"
                                                           "sizes.text.rotary_theta\t10000.0\n"
                                                           "sizes.text.vocab\t600\n"
                                                           "sizes.vision.crop\t28\n"
                                                           "sizes.vision.depth\t2\n"
                                                           "sizes.vision.dim\t24\n"
                                                           "sizes.vision.eps\t1e-05\n"
                                                           "sizes.vision.heads\t2\n"
                                                           "sizes.vision.mlp_dim\t20\n"
                                                           "sizes.vision.patch\t14\n",
                                                           ""));
}

TEST_F(InspectCommandTest, JsonIsOneObjectOnOneLine) {
  const Ran ran = run_({"inspect", "--model", "m", "-o", "json"});
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1);
  EXPECT_EQ(base::Json::parse(ran.out),
            base::Json({{"revision", "2024-07-23"},
                        {"parameters", 77004},
                        {"tensors", 58},
                        {"bytes", 154008},
                        {"dtype", "f16"},
                        {"image_tokens", 4},
                        {"sizes", model::SizesToJson(WorkerModelSizes())}}));
}

TEST_F(InspectCommandTest, AFolderThatIsNotThereIsNotFound) {
  EXPECT_THAT(run_({"inspect", "--model", "none"}),
              Failed(5, "cannot look up, no such file or folder: none"));
}

TEST_F(InspectCommandTest, AFileIsNoModelFolder) {
  EXPECT_THAT(run_({"inspect", "--model", "tiny.json"}),
              Failed(6, "expected a model folder, found a file: tiny.json"));
}

TEST_F(InspectCommandTest, AMissingPartIsNamed) {
  ASSERT_TRUE(run_.files.RemoveFile("m/config.json").ok());
  EXPECT_THAT(run_({"inspect", "--model", "m"}),
              Failed(5, "cannot open for reading, no such file or folder: m/config.json"));
  ASSERT_TRUE(run_.files.RemoveFile("m/model.safetensors").ok());
  EXPECT_THAT(run_({"inspect", "--model", "m"}),
              Failed(3,
                     "a model folder with several problems, m:\n"
                     "  cannot open for reading, no such file or folder: m/config.json\n"
                     "  no weights: expected model.safetensors or "
                     "model.safetensors.index.json in the folder m"));
}

}  // namespace
}  // namespace md2::worker
