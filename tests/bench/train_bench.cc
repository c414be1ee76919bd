// How long a training pass takes there and back, beside the matrix products in it, measured in
// turn:
//   train_bench --model DIR [--trains text|lora|all] [--rows 32] [--precision bf16] ...
// Prints one JSON object: medians in seconds. README.md says what each is.

#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <memory>

#include "core/base/json.h"
#include "core/model/weights.h"
#include "core/train/loss_pass.h"
#include "core/train/optimizer.h"
#include "core/train/trainable_model.h"
#include "tests/bench/bench_input.h"
#include "tests/bench/training_floor.h"

namespace md2::bench {
namespace {

train::TrainScope ScopeOf(const std::string& trains) {
  train::TrainScope scope;
  if (trains == "lora") scope.method = train::Method::kLora;
  if (trains == "all") scope.train_vision = train::TrainVision::kAll;
  return scope;
}

std::vector<train::Example> MakeExamples(const BenchOptions& options, const model::Sizes& sizes) {
  const auto crops = std::make_shared<const image::Crops>(
      MakeCrops(NoiseImage(options.image_width, options.image_height), sizes));
  const at::ScalarType type = model::ScalarTypeOf(options.precision);
  std::vector<train::Example> examples(options.rows);
  for (train::Example& example : examples) {
    example.ids = RandomIds(options.question_tokens + options.tokens, sizes.text.vocab);
    example.num_prompt_ids = options.question_tokens;
    if (options.trains == "all") {
      example.crops = crops;
    } else {
      example.features =
          at::randn({sizes.vision.patches(), sizes.text.dim}, at::kFloat).mul(0.1).to(type);
    }
  }
  return examples;
}

TrainingShape ShapeOf(const BenchOptions& options, const model::Sizes& sizes,
                      const std::vector<train::Example>& examples) {
  TrainingShape shape;
  shape.examples = options.rows;
  shape.rows =
      options.rows * (sizes.prefix_tokens() + options.question_tokens + options.tokens - 1);
  shape.wanted = options.rows * options.tokens;
  shape.trains_text = options.trains != "lora";
  if (options.trains == "all") shape.crops = options.rows * examples[0].crops->count;
  return shape;
}

int Run(const BenchOptions& options) {
  at::set_num_threads(options.threads);
  const c10::InferenceMode guard;
  const model::ModelFolder folder = OpenFolder(options);
  const model::Sizes sizes = folder.config.sizes;
  const auto model = OrExit(train::TrainableModel::Load(folder, ScopeOf(options.trains),
                                                        {.precision = options.precision}));
  const auto optimizer = OrExit(train::Optimizer::Create(*model, {}, 32));
  const std::vector<train::Example> examples = MakeExamples(options, sizes);
  const TrainingFloor floor(sizes, OrExit(model::LoadWeights(folder, options.precision, c10::kCPU)),
                            ShapeOf(options, sizes, examples));
  train::PassOptions pass;
  pass.attention = options.attention;
  pass.factor = 1e-3;
  const auto run_round = [&](int number) {
    Round round;
    model->ZeroGradients();
    round["forward"] = Seconds([&] {
      OrExit(train::ComputeLoss(model->moondream(), examples, options.attention).status());
    });
    round["forward_backward"] = Seconds([&] {
      OrExit(train::AccumulateGradients(model->moondream(), examples, pass, model->gradients())
                 .status());
    });
    round["update"] = Seconds([&] {
      optimizer->Norm();
      optimizer->Apply({.update = number + 1, .rate = 1e-6, .vision_rate = 1e-6});
    });
    if (!options.alone) {
      const TrainingSeconds products = floor.Measure();
      round["linears"] = products.linears;
      round["linears_needed"] = products.linears_needed;
      round["products"] = products.linears + products.attention;
    }
    return round;
  };
  ReportMedians(options, {{"trains", options.trains}, {"rows", options.rows}}, run_round);
  return 0;
}

}  // namespace
}  // namespace md2::bench

int main(int argc, char** argv) {
  return md2::bench::Run(md2::bench::ParseBenchOptions(
      "How long a training pass takes, beside its matrix products", argc, argv));
}
