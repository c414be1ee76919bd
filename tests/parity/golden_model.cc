#include "tests/parity/golden_model.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file_env.h"
#include "core/base/json.h"
#include "core/model/model_folder.h"
#include "tests/testing/value_of.h"

namespace md2::parity {
namespace {

using testing::ValueOf;

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

std::vector<std::string> GoldenNames() { return GoldenFolderNames(GoldenDir()); }

GoldenModel& GoldenModel::Named(const std::string& name) {
  static auto* const models = new std::map<std::string, std::unique_ptr<GoldenModel>>;
  std::unique_ptr<GoldenModel>& model = (*models)[name];
  if (model == nullptr) model = std::make_unique<GoldenModel>(absl::StrCat(GoldenDir(), "/", name));
  return *model;
}

GoldenModel::GoldenModel(const std::string& dir) : folder_(dir) {
  const base::Json& golden = folder_.json();
  golden.at("every").get_to(every_);
  golden.at("limit").get_to(limit_);
  for (const base::Json& row : golden.at("images")) images_.push_back(ImageOf(row, dir));
  for (const base::Json& row : golden.at("readings")) readings_.push_back(ReadingOf(row));
  sizes_ = ValueOf(model::OpenModelFolder(*base::RealFileEnv(), dir)).config.sizes;
}

const model::Moondream& GoldenModel::model(model::Precision precision) {
  std::unique_ptr<const model::Moondream>& model = models_[precision];
  if (model == nullptr) {
    const model::ModelFolder folder =
        ValueOf(model::OpenModelFolder(*base::RealFileEnv(), folder_.dir()));
    model = ValueOf(model::Moondream::Load(folder, {.precision = precision}));
  }
  return *model;
}

at::Tensor GoldenModel::Kept(const at::Tensor& x) const {
  return x.flatten().slice(0, 0, std::nullopt, every_);
}

}  // namespace md2::parity
