#include "tests/integration/job_run.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "core/base/file_env.h"
#include "core/image/encode_png.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::train {
namespace {

constexpr int64_t kTrainRows = 9;
constexpr int64_t kValRows = 3;

// TinyModelSizes with room for the tiny tokenizer and for questions.
model::Sizes JobModelSizes() {
  model::Sizes sizes = testing::TinyModelSizes();
  sizes.vision.patch = 14;
  sizes.vision.crop = 28;
  sizes.text.vocab = 600;
  sizes.text.max_positions = 64;
  return sizes;
}

std::string Picture(int64_t seed) {
  image::Image image(30, 20);
  uint64_t state = static_cast<uint64_t>(seed) * 0x9e3779b97f4a7c15 + 1;
  for (uint8_t& pixel : image.mutable_pixels()) {
    state = state * 6364136223846793005 + 1442695040888963407;
    pixel = static_cast<uint8_t>(state >> 56);
  }
  const auto png = image::EncodePng(image);
  EXPECT_THAT(png, testing::IsOk());
  return {png->begin(), png->end()};
}

void PutRows(testing::MemFileEnv& files, const std::string& name, int64_t count, int64_t seed) {
  std::string lines;
  for (int64_t i = 0; i < count; ++i) {
    const std::string image = absl::StrCat("img/", name, i, ".png");
    files.Put(image, Picture(seed + i));
    const base::Json row = {{"image", image},
                            {"question", i % 2 == 0 ? "What?" : "Which one is it?"},
                            {"answer", absl::StrCat(i % 3, " ", std::string(i % 4, 'a'), "b")}};
    lines += row.dump() + "\n";
  }
  files.Put(name + ".jsonl", lines);
}

std::vector<base::Json> Lines(const std::string& text) {
  std::vector<base::Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    base::Json json = base::Json::parse(line);
    json.erase("seconds");
    json.erase("peak_bytes");
    lines.push_back(json);
  }
  return lines;
}

}  // namespace

void Listener::OnUpdate(const UpdateReport& report) {
  updates.push_back(report);
  if (report.update == stop_after) cancel.Cancel();
  if (on_update) on_update(report);
}

bool Listener::HasWarning(const std::string& code) const {
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](const Warning& warning) { return warning.code == code; });
}

JobRun::JobRun() {
  PutBase("m", model::Dtype::kF32);
  PutRows(files, "train", kTrainRows, 1);
  PutRows(files, "val", kValRows, 100);
}

void JobRun::PutBase(const std::string& dir, model::Dtype dtype) {
  testing::PutTinyModel(files, dir, {.sizes = JobModelSizes(), .dtype = dtype});
  const auto tokenizer = base::ReadWholeFile(
      *base::RealFileEnv(), MD2_SOURCE_DIR "/tests/golden/tokenizer/tiny-tokenizer.json", 1 << 20);
  EXPECT_THAT(tokenizer, testing::IsOk());
  files.Put(dir + "/tokenizer.json", *tokenizer);
}

TrainJobOptions JobRun::Options(const std::string& output_dir) const {
  TrainJobOptions options;
  options.model_dir = "m";
  options.data = {"train.jsonl", "val.jsonl"};
  options.output_dir = output_dir;
  options.config.epochs = 2;
  options.config.batch_size = 2;
  options.config.grad_accum = 2;
  options.config.learning_rate = 0.03;
  options.config.save_every = 2;
  options.config.eval_every = 3;
  options.config.max_new_tokens = 3;
  options.config.seed = 5;
  options.feature_store_bytes = 1 << 20;
  options.available_bytes = uint64_t{8} << 30;  // room for copies of the state
  options.versions = {{"md2", "test"}};
  return options;
}

absl::Status JobRun::Run(const TrainJobOptions& options, Listener& listener) {
  const auto available = [&options] { return options.available_bytes; };
  return RunTrainJob(options, {files, clock, listener, listener.cancel.token(),
                               [] { return int64_t{0}; }, available, nullptr});
}

absl::Status JobRun::Run(const TrainJobOptions& options) {
  Listener listener;
  return Run(options, listener);
}

std::string JobRun::Model(const std::string& output_dir) const {
  return files.Get(output_dir + "/model/model.safetensors").value_or("none");
}

std::vector<base::Json> JobRun::Metrics(const std::string& output_dir) const {
  return Lines(files.Get(output_dir + "/metrics.jsonl").value_or(""));
}

std::vector<base::Json> JobRun::Evaluations(const std::string& output_dir) const {
  return Lines(files.Get(output_dir + "/evals.jsonl").value_or(""));
}

}  // namespace md2::train
