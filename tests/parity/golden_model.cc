#include "tests/parity/golden_model.h"

#include <ATen/ops/empty.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/file_env.h"
#include "core/base/json.h"
#include "core/model/model_folder.h"

namespace md2::parity {
namespace {

constexpr char kGoldenFile[] = "golden.json";

template <typename T>
T ValueOf(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

std::string GoldenDir() {
  const char* dir = std::getenv("MD2_GOLDEN_DIR");
  return dir != nullptr && *dir != 0 ? dir : MD2_SOURCE_DIR "/tests/golden/model";
}

GoldenImage ImageOf(const base::Json& row, const std::string& dir) {
  GoldenImage image;
  image.png = absl::StrCat(dir, "/", row.at("file").get<std::string>());
  if (row.contains("jpeg")) image.jpeg = absl::StrCat(dir, "/", row["jpeg"].get<std::string>());
  row.at("tiles").at(0).get_to(image.rows);
  row.at("tiles").at(1).get_to(image.cols);
  row.at("squashed").at(0).get_to(image.squashed_width);
  row.at("squashed").at(1).get_to(image.squashed_height);
  row.at("squashed").at(2).get_to(image.squashed);
  row.at("crops").get_to(image.crops);
  row.at("patches").get_to(image.patches);
  return image;
}

GoldenReading ReadingOf(const base::Json& row) {
  GoldenReading reading;
  row.at("image").get_to(reading.image);
  row.at("prompt").get_to(reading.prompt);
  for (const char* kind : {"causal", "prefix"}) row.at(kind).get_to(reading.answers[kind]);
  return reading;
}

}  // namespace

std::vector<std::string> GoldenNames() {
  base::FileEnv& env = *base::RealFileEnv();
  std::vector<std::string> names;
  for (const std::string& name : ValueOf(env.ListDirectory(GoldenDir()))) {
    if (env.Stat(absl::StrCat(GoldenDir(), "/", name, "/", kGoldenFile)).ok()) {
      names.push_back(name);
    }
  }
  return names;
}

GoldenModel& GoldenModel::Named(const std::string& name) {
  static auto* const models = new std::map<std::string, std::unique_ptr<GoldenModel>>;
  std::unique_ptr<GoldenModel>& model = (*models)[name];
  if (model == nullptr) model = std::make_unique<GoldenModel>(absl::StrCat(GoldenDir(), "/", name));
  return *model;
}

GoldenModel::GoldenModel(const std::string& dir) : dir_(dir) {
  base::FileEnv& env = *base::RealFileEnv();
  const std::string path = absl::StrCat(dir, "/", kGoldenFile);
  const std::string text = ValueOf(base::ReadWholeFile(env, path, size_t{1} << 20));
  const base::Json golden = ValueOf(base::ParseJson(text, {}, path));
  golden.at("every").get_to(every_);
  golden.at("limit").get_to(limit_);
  for (const base::Json& row : golden.at("images")) images_.push_back(ImageOf(row, dir));
  for (const base::Json& row : golden.at("readings")) readings_.push_back(ReadingOf(row));
  golden_ =
      ValueOf(model::SafetensorsReader::OpenFile(env, absl::StrCat(dir, "/golden.safetensors")));
  sizes_ = ValueOf(model::OpenModelFolder(env, dir)).config.sizes;
}

const model::Moondream& GoldenModel::model(model::Precision precision) {
  std::unique_ptr<const model::Moondream>& model = models_[precision];
  if (model == nullptr) {
    const model::ModelFolder folder = ValueOf(model::OpenModelFolder(*base::RealFileEnv(), dir_));
    model = ValueOf(model::Moondream::Load(folder, {.precision = precision}));
  }
  return *model;
}

at::Tensor GoldenModel::Tensor(const std::string& name) const {
  const model::TensorEntry* entry = golden_->Find(name);
  if (entry == nullptr) throw std::runtime_error(absl::StrCat(dir_, " holds no tensor ", name));
  at::Tensor out = at::empty(entry->shape, at::kFloat);
  std::memcpy(out.mutable_data_ptr(), golden_->Bytes(*entry).data(), entry->num_bytes);
  return out;
}

at::Tensor GoldenModel::Kept(const at::Tensor& x) const {
  return x.flatten().slice(0, 0, std::nullopt, every_);
}

}  // namespace md2::parity
