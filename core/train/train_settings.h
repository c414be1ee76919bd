// Defines what `train`, `check` and `submit` take besides their own flags, as settings of
// core/base/settings.h (flag before MD2_<NAME> before file before default):
//   TrainSettings       the data's places, the preset and all hyperparameters
//   ReadTrainSettings   a checked TrainConfig from them

#ifndef MD2_CORE_TRAIN_TRAIN_SETTINGS_H_
#define MD2_CORE_TRAIN_TRAIN_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/settings.h"
#include "core/train/train_config.h"

namespace md2::train {

struct TrainSetting {
  base::SettingSpec spec;
  std::string placeholder;  // what help writes behind the flag; empty for a switch
};

enum class PublishedNames {
  kRead,     // DATA_PATH, OUTPUT_DIR, EPOCHS, BATCH_SIZE and LR too, for train and submit
  kIgnored,  // MD2_ variables alone
};

// data, val and output_dir, with the published recipe's paths as defaults; `preset`, `devices` and
// `use_bidirectional_image_attn` (which is attention prefix); then core/train/config_fields.h.
std::vector<TrainSetting> TrainSettings(PublishedNames names);

struct TrainRequest {
  std::string data_path;
  std::string val_path;  // empty: none
  std::string output_dir;
  TrainConfig config;
  // As was given, but what a preset or use_bidirectional_image_attn decided has their values and
  // names them as the source. For showing.
  base::ResolvedSettings resolved;
};

// SETTING_INVALID (InvalidArgument) names everything that CheckConfig finds, and an attention that
// contradicts use_bidirectional_image_attn. REQUIRES: `settings` were resolved from specs that hold
// TrainSettings; others beside them are left alone.
absl::StatusOr<TrainRequest> ReadTrainSettings(const base::ResolvedSettings& settings);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAIN_SETTINGS_H_
