// Defines TrainConfig as a JSON object, as config.json and reports hold it:
//   ConfigToJson, ConfigFromJson

#ifndef MD2_CORE_TRAIN_CONFIG_JSON_H_
#define MD2_CORE_TRAIN_CONFIG_JSON_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json_fwd.h"
#include "core/train/train_config.h"

namespace md2::train {

// A member a field, under the field's name: a number, true or false, or a word; "auto" where
// nothing was chosen. Reading it back gives an equal config. REQUIRES: CheckConfig accepts the
// config, since JSON has no NaN.
base::Json ConfigToJson(const TrainConfig& config);

// Strict: SETTING_INVALID (InvalidArgument) names `what` and every missing key, unknown key (with
// the nearest known one), value of another type and value out of range.
absl::StatusOr<TrainConfig> ConfigFromJson(const base::Json& json, absl::string_view what);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CONFIG_JSON_H_
