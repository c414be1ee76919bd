#include "core/train/data_facts.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/data/legibility.h"

namespace md2::train {
namespace {

struct CropCounts {
  int64_t most = 1;
  double mean = 1;  // of a row
};

CropCounts CountCrops(const data::CheckReport& report, const model::Sizes& sizes, Tiles tiles) {
  CropCounts counts;
  int64_t sum = 0, rows = 0;
  for (const std::vector<data::CheckedRow>* part : {&report.train, &report.val}) {
    for (const data::CheckedRow& row : *part) {
      if (!row.is_usable) continue;
      const int64_t crops =
          data::CropsOf(row.image_width, row.image_height, static_cast<int>(sizes.vision.crop),
                        tiles == Tiles::kAuto);
      counts.most = std::max(counts.most, crops);
      sum += crops;
      ++rows;
    }
  }
  if (rows > 0) counts.mean = static_cast<double>(sum) / static_cast<double>(rows);
  return counts;
}

}  // namespace

JobFacts JobFactsOf(const data::CheckReport& report, const model::Sizes& sizes, Tiles tiles) {
  JobFacts facts;
  facts.train_rows = static_cast<int64_t>(report.train_rows.size());
  facts.val_rows = static_cast<int64_t>(report.val_rows.size());
  facts.longest = {report.tokens.longest, report.tokens.longest_answer,
                   CountCrops(report, sizes, tiles).most};
  facts.longest_prompt_tokens = report.tokens.longest_prompt;
  return facts;
}

WorkCounts WorkCountsOf(const data::CheckReport& report, const model::Sizes& sizes,
                        const JobPlan& plan) {
  WorkCounts counts;
  for (const uint32_t row : report.train_rows) {
    const data::CheckedRow& checked = report.train[row];
    counts.tokens += int64_t{checked.prompt_tokens} + checked.answer_tokens;
    counts.answer_tokens += checked.answer_tokens;
  }
  counts.rows = static_cast<int64_t>(report.train_rows.size());
  counts.images = report.num_images;
  counts.crops = CountCrops(report, sizes, plan.config.tiles).mean;
  counts.evaluations = plan.evaluations;
  counts.evaluated_rows =
      std::min(static_cast<int64_t>(report.val_rows.size()), plan.config.eval_samples);
  return counts;
}

}  // namespace md2::train
