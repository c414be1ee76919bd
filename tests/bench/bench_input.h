// Defines what the measuring programs of the model share.
//   BenchOptions, ParseBenchOptions   their command line
//   OrExit                            a result, or its error on stderr and the end
//   NoiseImage, RandomIds             input that nothing depends on but the time
//   Seconds, Median, ReportMedians
//
// A failure ends the program: exit code 1, or 3 for a bad command line.

#ifndef MD2_TESTS_BENCH_BENCH_INPUT_H_
#define MD2_TESTS_BENCH_BENCH_INPUT_H_

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "core/base/json.h"
#include "core/image/image.h"
#include "core/model/model_folder.h"
#include "core/model/moondream.h"
#include "core/model/precision.h"

namespace md2::bench {

struct BenchOptions {
  std::string model_dir;
  model::Precision precision = model::Precision::kBf16;
  int threads = 2;
  int warmup = 1;   // rounds that are not counted
  int repeats = 3;  // rounds whose median is reported
  int image_width = 200;
  int image_height = 50;
  int question_tokens = 18;
  int tokens = 16;  // decoded after the first
  bool watch_memory = false;
  bool alone = false;  // without floors, for a profiler
  // Of training.
  int rows = 32;                // in a micro-batch
  std::string trains = "text";  // or lora, or all
  model::AttentionKind attention = model::AttentionKind::kCausal;
};

BenchOptions ParseBenchOptions(const char* description, int argc, char** argv);

inline void OrExit(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status.message() << "\n";
  std::exit(1);
}

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  OrExit(result.status());
  return *std::move(result);
}

image::Image NoiseImage(int width, int height);
std::vector<int64_t> RandomIds(int count, int64_t vocab);

model::ModelFolder OpenFolder(const BenchOptions& options);
image::Crops MakeCrops(const image::Image& image, const model::Sizes& sizes);

// Decodes as Generate does, but never stops early. Returns the last id.
int64_t Decode(const model::Moondream& model, model::Session& session, int64_t first, int tokens);
// The most likely id that follows.
int64_t NextId(const model::Session& session);

double Seconds(absl::FunctionRef<void()> work);
// REQUIRES: there is one.
double Median(std::vector<double> values);

// Seconds of each stage, by its name.
using Round = std::map<std::string, double>;

// Runs `round` as often as the options say, the first ones uncounted, and prints one JSON object:
// `report` with the precision, the threads and each stage's median.
void ReportMedians(const BenchOptions& options, base::Json report,
                   absl::FunctionRef<Round(int number)> round);

}  // namespace md2::bench

#endif  // MD2_TESTS_BENCH_BENCH_INPUT_H_
