// How long a model takes to load, and the most memory that it takes meanwhile:
//   load_bench --model DIR [--precision bf16] [--threads 2] [--watch-memory]
// Loads several times, each time into memory that the system gives anew and zeroes; the first time
// is said apart, since under a hypervisor it may wait for memory of the host. Prints one JSON
// object. Watching memory costs time, so seconds are to be taken from a run without it; with it,
// one load is watched, and an image is read and answered as well.

#include <ATen/Parallel.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>

#include <memory>
#include <vector>

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

std::unique_ptr<const model::Moondream> Load(const BenchOptions& options) {
  return OrExit(model::Moondream::Load(OpenFolder(options), {.precision = options.precision}));
}

double LoadSeconds(const BenchOptions& options) {
  std::unique_ptr<const model::Moondream> model;
  return Seconds([&] { model = Load(options); });
}

base::Json TimeLoads(const BenchOptions& options) {
  TouchRuntime(options.precision);
  const double first = LoadSeconds(options);
  std::vector<double> seconds;
  for (int i = 0; i < options.repeats; ++i) seconds.push_back(LoadSeconds(options));
  return {{"first_load", first}, {"load", Median(seconds)}};
}

// Bytes beyond those of the empty runtime.
base::Json WatchMemory(const BenchOptions& options) {
  TouchRuntime(options.precision);
  const int64_t empty = AnonymousBytes();
  MemoryWatch watch;
  base::Json report = {{"weight_bytes", WeightBytes(OpenFolder(options), options.precision)}};
  const std::unique_ptr<const model::Moondream> model = Load(options);
  report["load_peak_bytes"] = watch.PeakBytes() - empty;
  Answer(*model, options);
  report["answer_peak_bytes"] = watch.PeakBytes() - empty;
  return report;
}

int Run(const BenchOptions& options) {
  at::set_num_threads(options.threads);
  const base::Json report = options.watch_memory ? WatchMemory(options) : TimeLoads(options);
  std::cout << report.dump() << "\n";
  return 0;
}

}  // namespace
}  // namespace md2::bench

int main(int argc, char** argv) {
  return md2::bench::Run(md2::bench::ParseBenchOptions(
      "How long a model takes to load, and its memory meanwhile", argc, argv));
}
