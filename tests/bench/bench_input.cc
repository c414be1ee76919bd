#include "tests/bench/bench_input.h"

#include <ATen/Parallel.h>
#include <ATen/ops/argmax.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>

#include "CLI/CLI.hpp"
#include "core/base/file_env.h"
#include "core/base/heap.h"
#include "core/image/tiles.h"

namespace md2::bench {

BenchOptions ParseBenchOptions(const char* description, int argc, char** argv) {
  base::KeepFreedMemory();  // as md2-worker
  BenchOptions options;
  std::string precision = "bf16";
  std::vector<int> image_size = {options.image_width, options.image_height};
  CLI::App app(description);
  app.add_option("--model", options.model_dir, "a model folder")->required();
  app.add_option("--precision", precision)->check(CLI::IsMember({"fp32", "bf16", "fp16"}));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 256));
  app.add_option("--warmup", options.warmup)->check(CLI::Range(0, 1000));
  app.add_option("--repeats", options.repeats)->check(CLI::Range(1, 1000));
  app.add_option("--image-size", image_size, "W H")->expected(2)->check(CLI::Range(1, 16384));
  app.add_option("--question-tokens", options.question_tokens)->check(CLI::Range(1, 2048));
  app.add_option("--tokens", options.tokens)->check(CLI::Range(1, 2048));
  app.add_flag("--watch-memory", options.watch_memory);
  app.add_flag("--alone", options.alone, "without floors, for a profiler");
  app.add_option("--rows", options.rows)->check(CLI::Range(1, 4096));
  app.add_option("--trains", options.trains)->check(CLI::IsMember({"text", "lora", "all"}));
  bool has_prefix = false;
  app.add_flag("--prefix", has_prefix, "prefix attention");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 3);
  }
  options.precision = *model::FindPrecision(precision);
  if (has_prefix) options.attention = model::AttentionKind::kPrefix;
  options.image_width = image_size[0];
  options.image_height = image_size[1];
  return options;
}

image::Image NoiseImage(int width, int height) {
  image::Image image(width, height);
  std::mt19937 random(1);
  for (uint8_t& value : image.mutable_pixels()) value = static_cast<uint8_t>(random() >> 24);
  return image;
}

std::vector<int64_t> RandomIds(int count, int64_t vocab) {
  std::mt19937_64 random(2);
  std::vector<int64_t> ids(count);
  for (int64_t& id : ids) id = static_cast<int64_t>(random() % static_cast<uint64_t>(vocab));
  return ids;
}

model::ModelFolder OpenFolder(const BenchOptions& options) {
  return OrExit(model::OpenModelFolder(*base::RealFileEnv(), options.model_dir));
}

image::Crops MakeCrops(const image::Image& image, const model::Sizes& sizes) {
  return OrExit(image::MakeCrops(image, {.crop = static_cast<int>(sizes.vision.crop)}));
}

int64_t NextId(const model::Session& session) {
  return at::argmax(session.logits()).item<int64_t>();
}

int64_t Decode(const model::Moondream& model, model::Session& session, int64_t first, int tokens) {
  int64_t id = first;
  for (int i = 0; i < tokens; ++i) {
    OrExit(model.Step({&session}, {id}));
    id = NextId(session);
  }
  return id;
}

double Seconds(absl::FunctionRef<void()> work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  const size_t half = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void ReportMedians(const BenchOptions& options, base::Json report,
                   absl::FunctionRef<Round(int number)> round) {
  std::map<std::string, std::vector<double>> rounds;
  for (int i = 0; i < options.warmup + options.repeats; ++i) {
    for (const auto& [stage, seconds] : round(i)) {
      if (i >= options.warmup) rounds[stage].push_back(seconds);
    }
  }
  report["precision"] = std::string(model::PrecisionName(options.precision));
  report["threads"] = at::get_num_threads();
  for (const auto& [stage, seconds] : rounds) report[stage] = Median(seconds);
  std::cout << report.dump() << "\n";
}

}  // namespace md2::bench
