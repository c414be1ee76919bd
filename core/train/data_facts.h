// Defines what plans need to know of checked data:
//   JobFactsOf     for core/train/job_plan.h
//   WorkCountsOf   for core/train/work_plan.h

#ifndef MD2_CORE_TRAIN_DATA_FACTS_H_
#define MD2_CORE_TRAIN_DATA_FACTS_H_

#include "core/data/check_report.h"
#include "core/model/sizes.h"
#include "core/train/job_plan.h"
#include "core/train/train_config.h"
#include "core/train/work_plan.h"

namespace md2::train {

// The rest of the facts, which concerns device and revision, keeps its defaults. REQUIRES: the
// report has rows to train on, if PlanJob is to take them.
JobFacts JobFactsOf(const data::CheckReport& report, const model::Sizes& sizes, Tiles tiles);

// REQUIRES: `plan` was made of facts of that report.
WorkCounts WorkCountsOf(const data::CheckReport& report, const model::Sizes& sizes,
                        const JobPlan& plan);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_DATA_FACTS_H_
