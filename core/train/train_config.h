// Defines TrainConfig, the hyperparameters of one training job, under the names that flags, files,
// the API, reports and metrics use. core/train/config_fields.h has the table of their ranges.
//
// What may be `auto` is std::nullopt, or the enum's kAuto, until a rule of core/train/auto_rules.h
// or the memory plan has put a value there. A resolved config, as config.json holds it, has none.

#ifndef MD2_CORE_TRAIN_TRAIN_CONFIG_H_
#define MD2_CORE_TRAIN_TRAIN_CONFIG_H_

#include <cstdint>
#include <optional>

namespace md2::train {

enum class Method {
  kFull,  // every tensor of the text model
  kLora,  // low-rank adapters beside Wqkv, out_proj, fc1 and fc2 of each text block
};
enum class TrainVision { kNone, kProjector, kAll };
enum class Init {
  kBase,    // the base model's weights
  kRandom,  // fresh weights, to pretrain a base
};
enum class Tiles {
  kAuto,  // the crops that the model's rule makes of an image
  kOff,   // the whole image as the one crop, in training and in every later answer
};
enum class Attention {
  kAuto,    // the revision's own
  kCausal,  // each position sees the earlier ones
  kPrefix,  // besides, BOS and the image see each other
};
enum class ComputePrecision { kAuto, kFp32, kBf16, kFp16 };
enum class Schedule { kCosine, kLinear, kConstant, kMoondream };
enum class ActivationCheckpointing {
  kAuto,
  kNone,       // every activation is kept for the backward pass
  kSelective,  // those that are cheap to compute again are not
  kFull,       // a block's input alone is kept
};
enum class BestMetric { kLoss, kTokenAccuracy, kExactMatch, kAnls, kCharAccuracy };

// A plain value. The defaults make a job; core/train/config_check.h says which values do not.
struct TrainConfig {
  // What is trained.
  Method method = Method::kFull;
  int64_t lora_rank = 32;   // of method lora, as the next two
  double lora_alpha = 64;   // the adapter's output is multiplied by lora_alpha / lora_rank
  double lora_dropout = 0;  // share of an adapter's inputs set to zero, in [0, 1)
  TrainVision train_vision = TrainVision::kNone;
  Init init = Init::kBase;

  // How far and how fast.
  int64_t epochs = 3;
  int64_t batch_size = 1;             // rows in one forward pass
  std::optional<int64_t> grad_accum;  // forward passes of one update
  std::optional<double> learning_rate;
  std::optional<double> vision_learning_rate;  // of vision and projector
  Schedule schedule = Schedule::kCosine;
  double warmup_ratio = 0.1;  // share of the updates, in [0, 1)

  // AdamW.
  double weight_decay = 0;
  double clip_norm = 1.0;  // largest norm of the gradient; 0: not clipped
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-6;

  // Data.
  Tiles tiles = Tiles::kAuto;
  Attention attention = Attention::kAuto;
  bool shuffle = true;
  int64_t seed = 0;
  double val_split = 0;       // share of the images held out for validation, in [0, 1)
  int64_t skip_bad_rows = 0;  // rows that may be left out because they cannot be read

  // Evaluation, on validation rows.
  std::optional<int64_t> eval_every;      // updates; 0: at the end alone
  int64_t eval_samples = 200;             // validation rows of one evaluation
  std::optional<int64_t> max_new_tokens;  // of an answer that is generated
  BestMetric best_metric = BestMetric::kLoss;
  int64_t patience = 0;  // evaluations without improvement that end the job; 0: none do
  double tolerance = 0;  // by how much the metric must get better to count as improvement

  // Checkpoints.
  std::optional<int64_t> save_every;  // updates
  int64_t keep_last = 2;              // checkpoints, besides the best one

  // How it is computed.
  ComputePrecision precision = ComputePrecision::kAuto;
  int64_t moment_bits = 32;  // 32 or 8, of each of AdamW's two moments
  ActivationCheckpointing activation_checkpointing = ActivationCheckpointing::kAuto;

  bool operator==(const TrainConfig&) const = default;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAIN_CONFIG_H_
