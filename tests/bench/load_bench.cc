// How long a model takes to load, and the most memory that it takes meanwhile:
//   load_bench --model DIR [--precision bf16] [--threads 2] [--watch-memory]
// Loads once: memory is fresh only in a fresh process. Prints one JSON object. Watching memory
// costs time, so seconds are to be taken from a run without it; with it, an image is read and
// answered as well.

#include <ATen/Parallel.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>

#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/model/weights.h"
#include "tests/bench/bench_input.h"
#include "tests/bench/memory_watch.h"

namespace md2::bench {
namespace {

// Threads and products of an empty runtime: what there is of them does not count as the model's.
void TouchRuntime(model::Precision precision) {
  const at::Tensor x = at::ones({64, 64}, model::ScalarTypeOf(precision));
  at::linear(x, x);
}

int64_t WeightBytes(const model::ModelFolder& folder, model::Precision precision) {
  return model::CountParameters(folder.table) *
         static_cast<int64_t>(c10::elementSize(model::ScalarTypeOf(precision)));
}

void Answer(const model::Moondream& model, const BenchOptions& options) {
  const image::Image image = NoiseImage(options.image_width, options.image_height);
  const at::Tensor features = OrExit(model.EncodeImage(MakeCrops(image, model.sizes())));
  model::FirstReading reading =
      OrExit(model.Read(features, model::AttentionKind::kCausal,
                        {.prompts = {RandomIds(options.question_tokens, model.sizes().text.vocab)},
                         .max_new_tokens = options.tokens}));
  model::Session& session = reading.sessions[0];
  Decode(model, session, NextId(session), options.tokens);
}

int Run(const BenchOptions& options) {
  at::set_num_threads(options.threads);
  TouchRuntime(options.precision);
  const int64_t empty = AnonymousBytes();
  std::optional<MemoryWatch> watch;
  if (options.watch_memory) watch.emplace();
  std::unique_ptr<const model::Moondream> model;
  base::Json report;
  report["load"] = Seconds([&] {
    const model::ModelFolder folder = OpenFolder(options);
    report["weight_bytes"] = WeightBytes(folder, options.precision);
    model = OrExit(model::Moondream::Load(folder, {.precision = options.precision}));
  });
  if (watch.has_value()) {
    report["load_peak_bytes"] = watch->PeakBytes() - empty;
    Answer(*model, options);
    report["answer_peak_bytes"] = watch->PeakBytes() - empty;
  }
  std::cout << report.dump() << "\n";
  return 0;
}

}  // namespace
}  // namespace md2::bench

int main(int argc, char** argv) {
  return md2::bench::Run(md2::bench::ParseBenchOptions(
      "How long a model takes to load, and its memory meanwhile", argc, argv));
}
