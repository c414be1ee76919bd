#include "tests/parity/golden_job.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/cancel.h"
#include "core/base/file_env.h"
#include "core/base/json.h"
#include "core/data/load_crops.h"
#include "core/model/device.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/tiny_model.h"
#include "tests/testing/value_of.h"

namespace md2::parity {
namespace {

using base::Json;
using testing::ValueOf;

constexpr char kGolden[] = MD2_SOURCE_DIR "/tests/golden";
constexpr char kRowsFile[] = "rows.jsonl";
constexpr size_t kMaxFileBytes = size_t{1} << 20;

std::string JobsDir() { return absl::StrCat(kGolden, "/train"); }

// Pictures are those of tests/golden/model.
std::string PicturePath(const std::string& picture) {
  return absl::StrCat(kGolden, "/model/", picture);
}

std::string ReadReal(const std::string& path) {
  return ValueOf(base::ReadWholeFile(*base::RealFileEnv(), path, kMaxFileBytes));
}

GoldenRun RunOf(const Json& json) {
  GoldenRun run;
  json.at("loss").get_to(run.loss);
  json.at("token_accuracy").get_to(run.token_accuracy);
  json.at("learning_rate").get_to(run.learning_rate);
  json.at("grad_norm").get_to(run.grad_norm);
  json.at("answer_tokens").get_to(run.answer_tokens);
  json.at("first_loss").get_to(run.first_loss);
  json.at("adapter_loss").get_to(run.adapter_loss);
  json.at("answers").get_to(run.answers);
  return run;
}

GoldenAdapter AdapterOf(const Json& json) {
  return {json.at("rank").get<int64_t>(), json.at("scale").get<double>(),
          json.at("seed").get<uint64_t>(), json.at("deviation").get<double>()};
}

train::Example ExampleOf(const Json& json) {
  train::Example example;
  json.at("prompt").get_to(example.ids);
  example.num_prompt_ids = static_cast<int64_t>(example.ids.size());
  for (const Json& id : json.at("answer")) example.ids.push_back(id.get<int64_t>());
  return example;
}

train::TrainConfig ConfigOf(const Json& json) {
  train::TrainConfig config;
  json.at("epochs").get_to(config.epochs);
  json.at("batch_size").get_to(config.batch_size);
  config.grad_accum = json.at("grad_accum").get<int64_t>();
  config.learning_rate = json.at("learning_rate").get<double>();
  config.shuffle = false;
  config.save_every = 1000;
  return config;
}

// Keeps the updates, and may ask the job to stop.
class Listener : public train::TrainObserver {
 public:
  Listener(std::vector<train::UpdateReport>& updates, int64_t stop_after)
      : updates_(updates), stop_after_(stop_after) {}

  void OnUpdate(const train::UpdateReport& report) override {
    updates_.push_back(report);
    if (report.update == stop_after_) cancel_.Cancel();
  }

  base::CancelToken token() const { return cancel_.token(); }

 private:
  std::vector<train::UpdateReport>& updates_;
  const int64_t stop_after_;
  base::CancelSource cancel_;
};

}  // namespace

std::vector<std::string> GoldenJobNames() { return GoldenFolderNames(JobsDir()); }

const GoldenJob& GoldenJob::Named(const std::string& name) {
  static auto* const jobs = new std::map<std::string, std::unique_ptr<const GoldenJob>>;
  std::unique_ptr<const GoldenJob>& job = (*jobs)[name];
  if (job == nullptr) job = std::make_unique<GoldenJob>(absl::StrCat(JobsDir(), "/", name));
  return *job;
}

GoldenJob::GoldenJob(const std::string& dir) : folder_(dir) {
  const Json& golden = folder_.json();
  sizes_ = ValueOf(model::SizesFromJson(golden.at("sizes"), dir));
  config_ = ConfigOf(golden);
  golden.at("seed").get_to(seed_);
  golden.at("whole").get_to(whole_);
  golden.at("every").get_to(every_);
  golden.at("limit").get_to(limit_);
  golden.at("weights").get_to(weights_);
  adapter_ = AdapterOf(golden.at("adapter"));
  for (const char* attention : {"causal", "prefix"}) {
    runs_[attention] = RunOf(golden.at(attention));
  }
  for (const Json& row : golden.at("examples")) examples_.push_back(ExampleOf(row));
}

at::Tensor GoldenJob::Kept(const at::Tensor& x) const {
  return x.numel() <= whole_ ? x.flatten() : x.flatten().slice(0, 0, std::nullopt, every_);
}

std::string GoldenJob::PictureOf(int64_t row) const {
  const Json& json = folder_.json().at("rows").at(row);
  return json.contains("image") ? json["image"] : json.at("image_path");
}

image::Crops GoldenJob::Crops(int64_t row) const {
  return ValueOf(data::LoadCrops(*base::RealFileEnv(), PicturePath(PictureOf(row)),
                                 {static_cast<int>(sizes_.vision.crop), true}));
}

void GoldenJob::PutInto(testing::MemFileEnv& files) const {
  testing::PutTinyModel(files, "m", {.sizes = sizes_, .seed = seed_});
  files.Put("m/tokenizer.json", ReadReal(absl::StrCat(kGolden, "/tokenizer/tiny-tokenizer.json")));
  std::string lines;
  for (int64_t row = 0; row < num_rows(); ++row) {
    lines += folder_.json().at("rows").at(row).dump() + "\n";
    files.Put(PictureOf(row), ReadReal(PicturePath(PictureOf(row))));
  }
  files.Put(kRowsFile, lines);
}

train::TrainJobOptions GoldenJob::Options(train::Attention attention,
                                          train::ComputePrecision precision) const {
  train::TrainJobOptions options;
  options.model_dir = "m";
  options.data.train = kRowsFile;
  options.output_dir = "o";
  options.config = config_;
  options.config.attention = attention;
  options.config.precision = precision;
  options.device = model::DeviceChoice::kCpu;
  options.feature_store_bytes = uint64_t{1} << 20;
  return options;
}

void JobRun::Run(const GoldenJob& job, const train::TrainJobOptions& options, int64_t stop_after) {
  job.PutInto(files);
  const testing::FakeClock clock;
  Listener listener(updates, stop_after);
  status = train::RunTrainJob(
      options, {files, clock, listener, listener.token(), [] { return int64_t{0}; }, {}, nullptr});
}

}  // namespace md2::parity
