// Defines how much memory and disk a job needs, as formulas of sizes and hyperparameters:
//   RowSizes                   the longest rows that a job has
//   MemoryPlan, PlanMemory     bytes of memory by part
//   CheckpointingChoice, ChooseCheckpointing   what `activation_checkpointing auto` means
//   DiskPlan, PlanDisk         bytes on the disk by part
//
// Legend: D width of the text model, M of its MLP, V of the vision tower, T tokens of the longest
// row, R = batch_size x T rows of a micro-batch, c bytes of a computed number (4 or 2).

#ifndef MD2_CORE_TRAIN_MEMORY_PLAN_H_
#define MD2_CORE_TRAIN_MEMORY_PLAN_H_

#include <cstdint>

#include "core/model/sizes.h"
#include "core/train/train_config.h"

namespace md2::train {

struct RowSizes {
  int64_t tokens = 0;         // of the longest row, BOS and image included
  int64_t answer_tokens = 0;  // of the longest answer, its end included
  int64_t crops = 1;          // of the image that has most
};

// The peak of a training update. What a part is made of:
//   weights       every weight in the precision of the computation
//   masters       4 bytes a trained weight of the model, none where that precision is fp32 already,
//                 and 4 (fp32) or 6 bytes a weight of an adapter
//   gradients     4 bytes a trained weight, summed over the micro-batches of an update
//   moments       8 bytes a trained weight; with moment_bits 8 2 bytes and two scales of 4 for each
//                 256 weights
//   activations   c x R x: what is kept, 6 D + 2 M a block with checkpointing none, 5 D + M with
//                 selective (the norm's output and GELU's are computed again), D with full; two
//                 numbers of 4 bytes a row of each norm; 6 D + 2 M of the block that the backward
//                 pass is in, and with full another 6 D + 2 M for what it computes again. With
//                 train_vision, likewise 8 V + 2 MLP a block of the vision tower for all crops of a
//                 micro-batch; the projector's 4 V + 2 of its width
//   logits        batch_size x answer_tokens x vocabulary, twice 4 bytes
//   features      those of two micro-batches, and the buffer of the feature store; where images are
//                 encoded beforehand, or what a block of that needs for the images that are read
//                 together
//   process       program, libraries and tokenizer: kProcessBytes
//   copy          masters, also where they are the weights, and moments again, while a checkpoint
//                 is written beside training; none where that does not fit
struct MemoryPlan {
  uint64_t weights = 0;
  uint64_t masters = 0;
  uint64_t gradients = 0;
  uint64_t moments = 0;
  uint64_t activations = 0;
  uint64_t logits = 0;
  uint64_t features = 0;
  uint64_t process = 0;
  uint64_t copy = 0;

  uint64_t total() const {
    return weights + masters + gradients + moments + activations + logits + features + process +
           copy;
  }
  // What an update takes and gives back.
  uint64_t of_an_update() const { return activations + logits + features; }
};

// Chosen so that peaks of whole jobs come out: nano sizes with batches of 32, 464 MB seen in bf16
// and 635 MB in fp32; LoRA of the published sizes in bf16, 5,572 MB.
inline constexpr uint64_t kProcessBytes = 260'000'000;

// What stays free beside a copy: 1 GiB of keys and values, which an evaluation takes at most, and a
// quarter for what no formula knows.
inline constexpr uint64_t kRoomBesideCopy = uint64_t{5} << 28;

// Of a copy of the state: 4 bytes a trained weight and its moments.
uint64_t CopyBytes(const model::Sizes& sizes, const TrainConfig& config);

// Without a copy. REQUIRES: precision and activation_checkpointing are chosen; sizes are valid.
MemoryPlan PlanMemory(const model::Sizes& sizes, const TrainConfig& config, const RowSizes& rows);

struct CheckpointingChoice {
  ActivationCheckpointing checkpointing = ActivationCheckpointing::kFull;
  MemoryPlan plan;
  bool fits = false;
};

// The first of none, selective and full whose plan is within `available_bytes`; full where none is.
// What `config` has chosen stays. REQUIRES: as PlanMemory, but for activation_checkpointing.
CheckpointingChoice ChooseCheckpointing(const model::Sizes& sizes, const TrainConfig& config,
                                        const RowSizes& rows, uint64_t available_bytes);

// Lines, manifests and the small files of the base; assumed. Writing an export asks for as much.
inline constexpr uint64_t kDiskBeside = uint64_t{16} << 20;

struct DiskPlan {
  uint64_t checkpoints = 0;  // keep_last, the best and the one being written
  uint64_t exported = 0;     // the model, and the adapter
  uint64_t features = 0;
  uint64_t beside = kDiskBeside;

  uint64_t total() const { return checkpoints + exported + features + beside; }
};

// A checkpoint holds masters and moments of the trained weights; an export all weights in 2 bytes,
// or 4 where `base_is_fp32`. `num_images` are of different bytes; where vision is trained none is
// stored. REQUIRES: precision is chosen.
DiskPlan PlanDisk(const model::Sizes& sizes, const TrainConfig& config, int64_t num_images,
                  bool base_is_fp32);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_MEMORY_PLAN_H_
