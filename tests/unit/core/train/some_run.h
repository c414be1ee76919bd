// Defines what a run is made from, for tests that need any:
//   SomeRun     an identity with every digest different
//   SomeState   a state with every number different

#ifndef MD2_TESTS_UNIT_CORE_TRAIN_SOME_RUN_H_
#define MD2_TESTS_UNIT_CORE_TRAIN_SOME_RUN_H_

#include <string>

#include "core/train/run_identity.h"
#include "core/train/train_state.h"

namespace md2::train {

inline RunIdentity SomeRun() {
  RunIdentity run;
  run.base = {"/models/base", std::string(64, '1')};
  run.tokenizer = {"/models/base/tokenizer.json", std::string(64, '2')};
  run.data = {"/data/train.jsonl", std::string(64, '3')};
  run.val = {"/data/val.jsonl", std::string(64, '4')};
  run.config.batch_size = 2;
  run.config.grad_accum = 4;
  run.config.learning_rate = 1e-5 / 3;
  run.config.seed = 17;
  return run;
}

inline TrainState SomeState() {
  TrainState state;
  state.update = 120;
  state.micro_batch_rows = 1;
  state.skipped_updates = 3;
  state.skipped_in_a_row = 2;
  state.loss_scale = {1024, 77};
  state.best = {100, 0.1 + 0.2, 4};
  state.run = SomeRun();
  return state;
}

}  // namespace md2::train

#endif  // MD2_TESTS_UNIT_CORE_TRAIN_SOME_RUN_H_
