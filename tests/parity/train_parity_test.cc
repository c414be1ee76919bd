// The ladder from a loss to a trained model: every rung against the numbers of
// tests/reference/md2_reference.py and md2_job.py. The first rung that fails names the fault.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/model/generate.h"
#include "core/model/model_folder.h"
#include "core/model/random_values.h"
#include "core/model/weights.h"
#include "core/train/checkpoint.h"
#include "core/train/job_inputs.h"
#include "core/train/loss_pass.h"
#include "core/train/trainable_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/parity/golden_job.h"
#include "tests/parity/ladder.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/value_of.h"

namespace md2::parity {
namespace {

using base::Reason;
using model::Precision;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::ValueOf;
using train::Attention;
using train::ComputePrecision;
using train::Example;
using train::TrainableModel;
using train::TrainedTensor;
using train::TrainScope;

constexpr Attention kAttentions[] = {Attention::kCausal, Attention::kPrefix};

std::string NameOf(Attention attention) {
  return attention == Attention::kCausal ? "causal" : "prefix";
}

// Run to its end once in the test program.
JobRun& WholeRun(const std::string& name, Attention attention, ComputePrecision precision) {
  static auto* const runs =
      new std::map<std::tuple<std::string, Attention, ComputePrecision>, JobRun>;
  const auto [run, is_new] = runs->try_emplace({name, attention, precision});
  if (is_new) {
    const GoldenJob& job = GoldenJob::Named(name);
    run->second.Run(job, job.Options(attention, precision));
  }
  return run->second;
}

std::vector<double> EachUpdate(const JobRun& run, double train::UpdateReport::* member) {
  std::vector<double> values;
  for (const train::UpdateReport& report : run.updates) values.push_back(report.*member);
  return values;
}

class TrainParityTest : public ::testing::TestWithParam<std::tuple<std::string, Attention>> {
 protected:
  std::string Where(absl::string_view what) const {
    return absl::StrCat(std::get<0>(GetParam()), " ", NameOf(attention_), " ", what);
  }

  JobRun& WholeRun() const {
    return parity::WholeRun(std::get<0>(GetParam()), attention_, ComputePrecision::kFp32);
  }

  // The base, to be trained.
  std::unique_ptr<TrainableModel> Load(const TrainScope& scope) const {
    testing::MemFileEnv files;
    job_.PutInto(files);
    return ValueOf(TrainableModel::Load(ValueOf(model::OpenModelFolder(files, "m")), scope, {}));
  }

  std::unique_ptr<TrainableModel> LoadWithAdapters() const {
    const GoldenAdapter& adapter = job_.adapter();
    TrainScope scope;
    scope.method = train::Method::kLora;
    scope.lora_rank = adapter.rank;
    scope.lora_alpha = adapter.scale * static_cast<double>(adapter.rank);
    std::unique_ptr<TrainableModel> model = Load(scope);
    for (const TrainedTensor& tensor : model->tensors()) {
      std::vector<float> values(tensor.master.numel());
      model::RandomTensor(tensor.name, {0, adapter.deviation}, adapter.seed)
          .Fill(0, absl::MakeSpan(values));
      tensor.master.copy_(at::from_blob(values.data(), tensor.master.sizes(), at::kFloat));
    }
    model->CopyMastersToModel();
    return model;
  }

  // The rows of the first update, with features or, for what trains vision, with crops.
  std::vector<Example> FirstWindow(const model::Moondream& model, bool with_crops = false) const {
    std::vector<Example> window;
    for (int64_t row = 0; row < job_.num_window_rows(); ++row) {
      Example example = job_.example(row);
      if (with_crops) {
        example.crops = std::make_shared<const image::Crops>(job_.Crops(row));
      } else {
        example.features = ValueOf(model.EncodeImage(job_.Crops(row)));
      }
      window.push_back(std::move(example));
    }
    return window;
  }

  double MeanLoss(const TrainableModel& model) const {
    const auto sums = ValueOf(train::ComputeLoss(model.moondream(), FirstWindow(model.moondream()),
                                                 train::AttentionOf(attention_)));
    return sums.loss / static_cast<double>(sums.tokens);
  }

  // Of the mean loss, by what is trained.
  TensorMap Gradients(TrainableModel& model, const std::vector<Example>& window) const {
    int64_t tokens = 0;
    for (const Example& example : window) tokens += example.num_answer_ids();
    train::PassOptions options;
    options.attention = train::AttentionOf(attention_);
    options.factor = 1 / static_cast<double>(tokens);
    model.ZeroGradients();
    ValueOf(train::AccumulateGradients(model.moondream(), window, options, model.gradients()));
    TensorMap gradients;
    for (const TrainedTensor& tensor : model.tensors()) gradients[tensor.name] = tensor.gradient;
    return gradients;
  }

  // With a golden tensor that holds what is kept of all of `found`, one after the other.
  void CompareByName(Rung rung, const TensorMap& found, const std::string& golden) const {
    const at::Tensor all = job_.Tensor(absl::StrCat(NameOf(attention_), ".", golden));
    int64_t first = 0;
    for (const auto& [name, tensor] : found) {
      const at::Tensor kept = job_.Kept(tensor), idle = job_.Kept(IdleValues(name, tensor));
      ASSERT_LE(first + kept.numel(), all.numel()) << name;
      const at::Tensor expected = all.narrow(0, first, kept.numel());
      ExpectOnRung(rung, Precision::kFp32, at::where(idle, expected, kept), expected, Where(name));
      if (idle.any().item<bool>()) {
        ExpectOnRung(Rung::kIdleBiases, Precision::kFp32, at::where(idle, kept, expected), expected,
                     Where(absl::StrCat(golden, " ", name)));
      }
      first += kept.numel();
    }
    EXPECT_EQ(first, all.numel());
  }

  // True where a bias of keys is not rotated: it adds the same to all scores of a query, so that
  // its gradient is rounding alone, and AdamW's steps follow that.
  at::Tensor IdleValues(absl::string_view name, const at::Tensor& tensor) const {
    at::Tensor idle = at::zeros(tensor.sizes(), at::kBool);
    const bool is_text = absl::EndsWith(name, "mixer.Wqkv.bias");
    if (!is_text && !absl::EndsWith(name, "attn.qkv.bias")) return idle;
    const int64_t heads = is_text ? job_.sizes().text.heads : job_.sizes().vision.heads;
    idle.view({3, heads, -1})[1].slice(1, is_text ? job_.sizes().text.rotary_dim : 0).fill_(true);
    return idle;
  }

  void CompareLoss(double found, double expected, const std::string& what) const {
    ExpectOnRung(Rung::kFirstLoss, Precision::kFp32, {found}, {expected}, Where(what));
  }

  const GoldenJob& job_ = GoldenJob::Named(std::get<0>(GetParam()));
  const Attention attention_ = std::get<1>(GetParam());
  const GoldenRun& golden_ = job_.run(NameOf(attention_));
};

TEST_P(TrainParityTest, WeightsOfTheBaseAreEqual) {
  testing::MemFileEnv files;
  job_.PutInto(files);
  MD2_ASSERT_OK_AND_ASSIGN(const model::ModelFolder folder, model::OpenModelFolder(files, "m"));
  MD2_ASSERT_OK_AND_ASSIGN(const model::Weights weights,
                           model::LoadWeights(folder, Precision::kFp32, c10::kCPU));
  base::Sha256 digest;
  for (const auto& [name, tensor] : weights.all()) {
    digest.Update({static_cast<const uint8_t*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  EXPECT_EQ(base::HexOf(digest.Finish()), job_.weights());
}

TEST_P(TrainParityTest, LossOfTheFirstUpdateIsNear) {
  CompareLoss(MeanLoss(*Load({})), golden_.first_loss, "full");
}

TEST_P(TrainParityTest, GradientsOfTheTextModelAreNear) {
  const auto model = Load({});
  const TensorMap found = Gradients(*model, FirstWindow(model->moondream()));
  CompareByName(Rung::kTextGradient, found, "text_gradients");
}

TEST_P(TrainParityTest, GradientsOfVisionAreNear) {
  TrainScope scope;
  scope.train_vision = train::TrainVision::kAll;
  const auto model = Load(scope);
  TensorMap found = Gradients(*model, FirstWindow(model->moondream(), /*with_crops=*/true));
  for (const TrainedTensor& tensor : model->tensors()) {
    if (!tensor.is_vision) found.erase(tensor.name);
  }
  CompareByName(Rung::kVisionGradient, found, "vision_gradients");
}

TEST_P(TrainParityTest, LossWithAdaptersIsNear) {
  CompareLoss(MeanLoss(*LoadWithAdapters()), golden_.adapter_loss, "adapters");
}

TEST_P(TrainParityTest, GradientsOfAdaptersAreNear) {
  const auto model = LoadWithAdapters();
  const TensorMap found = Gradients(*model, FirstWindow(model->moondream()));
  CompareByName(Rung::kAdapterGradient, found, "adapter_gradients");
}

TEST_P(TrainParityTest, AdaptersGiveTheLossOfMergedWeights) {
  const auto adapted = LoadWithAdapters();
  const auto merged = Load({});
  TensorMap weights;
  for (const TrainedTensor& tensor : merged->tensors()) weights[tensor.name] = tensor.master;
  const std::vector<TrainedTensor>& parts = adapted->tensors();
  for (size_t i = 0; i < parts.size(); i += 2) {  // A and then B of a layer
    const absl::string_view layer = absl::StripSuffix(parts[i].name, model::kAdapterA);
    ASSERT_EQ(parts[i + 1].name, absl::StrCat(layer, model::kAdapterB));
    weights.at(absl::StrCat(layer, ".weight"))
        .add_(parts[i + 1].master.matmul(parts[i].master), job_.adapter().scale);
  }
  CompareLoss(MeanLoss(*adapted), MeanLoss(*merged), "merged");
}

TEST_P(TrainParityTest, TheFirstUpdateIsNear) {
  JobRun run;
  run.Run(job_, job_.Options(attention_, ComputePrecision::kFp32), /*stop_after=*/1);
  ASSERT_THAT(run.status, HasReason(Reason::kCancelled));
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<train::StateTensor> after,
                           train::MapMasters(run.files, "o/checkpoints/000001"));
  const auto base = Load({});
  TensorMap found;
  for (const train::StateTensor& state : after) found[state.name] = state.tensor.clone();
  for (const TrainedTensor& before : base->tensors()) found.at(before.name).sub_(before.master);
  CompareByName(Rung::kFirstStep, found, "first_step");
}

TEST_P(TrainParityTest, EveryUpdateIsNear) {
  const JobRun& run = WholeRun();
  ExpectOnRung(Rung::kLosses, Precision::kFp32, EachUpdate(run, &train::UpdateReport::loss),
               golden_.loss, Where(""));
  ExpectOnRung(Rung::kGradientNorms, Precision::kFp32,
               EachUpdate(run, &train::UpdateReport::grad_norm), golden_.grad_norm, Where(""));
  ASSERT_EQ(run.updates.size(), golden_.loss.size());
  for (size_t i = 0; i < run.updates.size(); ++i) {
    const train::UpdateReport& report = run.updates[i];
    EXPECT_NEAR(report.learning_rate, golden_.learning_rate[i], 1e-7 * golden_.learning_rate[i]);
    EXPECT_NEAR(report.token_accuracy, golden_.token_accuracy[i], 1e-6);
    EXPECT_EQ(report.answer_tokens, static_cast<int64_t>(golden_.answer_tokens[i]));
  }
}

TEST_P(TrainParityTest, TrainedTensorsAreNear) {
  JobRun& run = WholeRun();
  ASSERT_THAT(run.status, IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const model::ModelFolder folder,
                           model::OpenModelFolder(run.files, "o/model"));
  MD2_ASSERT_OK_AND_ASSIGN(const model::Weights weights,
                           model::LoadWeights(folder, Precision::kFp32, c10::kCPU));
  TensorMap found;
  for (const auto& [name, tensor] : weights.all()) {
    if (absl::StartsWith(name, model::names::kText)) found[name] = tensor;
  }
  CompareByName(Rung::kTrainedTensors, found, "trained");
}

TEST_P(TrainParityTest, AnswersAreEqual) {
  JobRun& run = WholeRun();
  MD2_ASSERT_OK_AND_ASSIGN(const model::ModelFolder folder,
                           model::OpenModelFolder(run.files, "o/model"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto model, model::Moondream::Load(folder, {}));
  model::GenerateOptions options;
  options.max_new_tokens = job_.limit();
  for (int64_t row = 0; row < job_.num_rows(); ++row) {
    std::vector<int64_t> prompt = job_.example(row).ids;
    prompt.resize(job_.example(row).num_prompt_ids);
    MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features, model->EncodeImage(job_.Crops(row)));
    MD2_ASSERT_OK_AND_ASSIGN(
        model::FirstReading reading,
        model->Read(features, train::AttentionOf(attention_), {{prompt}, options.max_new_tokens}));
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<model::GeneratedAnswer> answers,
                             model::Generate(*model, absl::MakeSpan(reading.sessions), options));
    EXPECT_EQ(answers[0].ids, golden_.answers[row]) << "row " << row;
  }
}

// Weights and ids are not compared: 16 bits decide otherwise where it is close, and go on from
// there.
class SixteenBitTrainParityTest
    : public ::testing::TestWithParam<std::tuple<std::string, Attention, Precision>> {};

TEST_P(SixteenBitTrainParityTest, LossesAreNear) {
  const auto& [name, attention, precision] = GetParam();
  const JobRun& run =
      WholeRun(name, attention,
               precision == Precision::kBf16 ? ComputePrecision::kBf16 : ComputePrecision::kFp16);
  EXPECT_THAT(run.status, IsOk());
  ExpectOnRung(Rung::kLosses, precision, EachUpdate(run, &train::UpdateReport::loss),
               GoldenJob::Named(name).run(NameOf(attention)).loss,
               absl::StrCat(name, " ", NameOf(attention)));
}

std::string TestName(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, TrainParityTest,
                         ::testing::Combine(::testing::ValuesIn(GoldenJobNames()),
                                            ::testing::ValuesIn(kAttentions)),
                         [](const auto& test) {
                           return TestName(absl::StrCat(std::get<0>(test.param), "_",
                                                        NameOf(std::get<1>(test.param))));
                         });

INSTANTIATE_TEST_SUITE_P(Golden, SixteenBitTrainParityTest,
                         ::testing::Combine(::testing::ValuesIn(GoldenJobNames()),
                                            ::testing::ValuesIn(kAttentions),
                                            ::testing::Values(Precision::kBf16, Precision::kFp16)),
                         [](const auto& test) {
                           return TestName(absl::StrCat(
                               std::get<0>(test.param), "_", NameOf(std::get<1>(test.param)), "_",
                               model::PrecisionName(std::get<2>(test.param))));
                         });

TEST(GoldenJobTest, ThereIsOne) { EXPECT_THAT(GoldenJobNames(), Not(IsEmpty())); }

}  // namespace
}  // namespace md2::parity
