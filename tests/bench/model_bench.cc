// How long the stages of an answer take, beside floors measured in turn with them:
//   model_bench --model DIR [--precision bf16] [--threads 2] [--repeats 3] ...
// Prints one JSON object: medians in seconds. README.md says what each is.

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "core/base/json.h"
#include "core/model/weights.h"
#include "tests/bench/bench_input.h"
#include "tests/bench/product_floor.h"
#include "tests/bench/reading_floor.h"

namespace md2::bench {
namespace {

// Readings of memory a round.
constexpr int kReadings = 4;

// The model, and another copy of its weights for the floors.
struct Subject {
  std::unique_ptr<const model::Moondream> model;
  model::Sizes sizes;
  int64_t crops;
  ProductFloor products;
  ReadingFloor reading;
};

Subject MakeSubject(const BenchOptions& options, const image::Image& image) {
  const model::ModelFolder folder = OpenFolder(options);
  auto model = OrExit(model::Moondream::Load(folder, {.precision = options.precision}));
  const model::Weights weights = OrExit(model::LoadWeights(folder, options.precision, c10::kCPU));
  const model::Sizes sizes = folder.config.sizes;
  const int64_t crops = MakeCrops(image, sizes).count;
  const int64_t rows = sizes.prefix_tokens() + options.question_tokens;
  // While it decodes the model reads the keys and values of the tokens so far: half of the new
  // ones.
  return {std::move(model), sizes, crops, ProductFloor(sizes, weights, crops, rows),
          ReadingFloor(sizes, weights, rows + options.tokens / 2)};
}

Round RunRound(const Subject& subject, const BenchOptions& options, const image::Image& image) {
  const model::Moondream& model = *subject.model;
  const model::Questions questions = {
      .prompts = {RandomIds(options.question_tokens, subject.sizes.text.vocab)},
      .max_new_tokens = options.tokens};
  Round round;
  at::Tensor features;
  round["encode"] =
      Seconds([&] { features = OrExit(model.EncodeImage(MakeCrops(image, subject.sizes))); });
  const EncodeFloor encode = subject.products.MeasureEncode();
  round["encode_linears"] = encode.linears;
  round["encode_products"] = encode.linears + encode.attention;

  model::FirstReading reading;
  int64_t id = 0;
  round["prefill"] = Seconds([&] {
    reading = OrExit(model.Read(features, model::AttentionKind::kCausal, questions));
    id = NextId(reading.sessions[0]);
  });
  const PrefillFloor prefill = subject.products.MeasurePrefill();
  round["prefill_linears"] = prefill.linears;
  round["prefill_linears_needed"] = prefill.linears_needed;
  round["prefill_products"] = prefill.linears + prefill.attention;

  round["decode"] =
      Seconds([&] { Decode(model, reading.sessions[0], id, options.tokens); }) / options.tokens;
  for (int i = 0; i < kReadings; ++i) round["read"] += subject.reading.Measure() / kReadings;

  round["second_question"] = Seconds([&] {
    const auto sessions = OrExit(model.Ask(reading.prefix, questions));
    id = NextId(sessions[0]);
  });
  return round;
}

int Run(const BenchOptions& options) {
  at::set_num_threads(options.threads);
  const c10::InferenceMode guard;
  const image::Image image = NoiseImage(options.image_width, options.image_height);
  const Subject subject = MakeSubject(options, image);
  ReportMedians(options, {{"crops", subject.crops}, {"bytes_a_token", subject.reading.num_bytes()}},
                [&](int) { return RunRound(subject, options, image); });
  return 0;
}

}  // namespace
}  // namespace md2::bench

int main(int argc, char** argv) {
  return md2::bench::Run(md2::bench::ParseBenchOptions(
      "How long the stages of an answer take, beside their floors", argc, argv));
}
