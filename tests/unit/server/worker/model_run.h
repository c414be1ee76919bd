// Defines ModelRun, a WorkerRun with a small model and two images on its disk.

#ifndef MD2_TESTS_UNIT_SERVER_WORKER_MODEL_RUN_H_
#define MD2_TESTS_UNIT_SERVER_WORKER_MODEL_RUN_H_

#include "gtest/gtest.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {

// All commands; the model folder m (WorkerModelSizes, the tiny tokenizer, f32), small.png of one
// crop, and wide.png of two tiles and the whole view. One thread at a time.
class ModelRun : public WorkerRun {
 public:
  ModelRun();
};

}  // namespace md2::worker

#endif  // MD2_TESTS_UNIT_SERVER_WORKER_MODEL_RUN_H_
