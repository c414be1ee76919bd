// Defines
//   CheckConfig    whether a TrainConfig makes a job; every problem at once
//   GivenFields    what the caller said, against which useless values are found
//   CheckResume    whether a run may go on with another config; what differs otherwise

#ifndef MD2_CORE_TRAIN_CONFIG_CHECK_H_
#define MD2_CORE_TRAIN_CONFIG_CHECK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/train/train_config.h"

namespace md2::train {

struct GivenFields {
  std::set<std::string> names;       // of fields that somebody set, to whatever value
  bool has_validation_file = false;  // rows that are not trained on come from a file
};

// OK, or SETTING_INVALID (InvalidArgument), a line for each
//   value that is out of the range of core/train/config_fields.h, NaN included;
//   field in `given` that the other values leave without effect, with what to do.
// A field in `given` that is off by its own value (patience 0, val_split 0, a rate of auto) may
// stand beside anything.
absl::Status CheckConfig(const TrainConfig& config, const GivenFields& given);

struct FieldDifference {
  std::string name;
  std::string recorded;  // as a flag takes it
  std::string asked;
  bool is_free_on_resume = false;
};

// In the order of the table. Where `asked` is auto, what was recorded is the choice, not a
// difference: `tiles auto` after `tiles off` is the one case in which a word was chosen before.
std::vector<FieldDifference> Differences(const TrainConfig& recorded, const TrainConfig& asked);

// OK when all that differs is free on resume (save_every, keep_last). Else SETTING_INVALID
// (FailedPrecondition) with a line for each of the others and both values.
absl::Status CheckResume(const TrainConfig& recorded, const TrainConfig& asked);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CONFIG_CHECK_H_
