// Defines a data set of captchas on the disk:
//   Split               train, val or test
//   CaptchaSetOptions   what to write
//   SubsetIndex         which rows a subset has
//   DrawSample          the sample of a seed, split and index
//   WriteCaptchaSet     writes all of it
//
// The folder holds images/SPLIT/INDEX.png and SPLIT.jsonl, whose lines are
//   {"image":"images/train/000000.png","question":"What does the captcha say?","answer":"049164"}

#ifndef MD2_CORE_DATA_DATAGEN_CAPTCHA_SET_H_
#define MD2_CORE_DATA_DATAGEN_CAPTCHA_SET_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/base/cancel.h"
#include "core/base/file_env.h"
#include "core/data/datagen/captcha.h"

namespace md2::datagen {

enum class Split { kTrain, kVal, kTest };
inline constexpr std::array<const char*, 3> kSplitNames = {"train", "val", "test"};

inline constexpr int kMaxRows = 1'000'000;  // of a split

struct CaptchaSetOptions {
  std::string out;  // the folder
  CaptchaFamily family = kCaptchaFamilies[0];
  CaptchaShape shape = ShapeOf(kCaptchaFamilies[0]);
  uint64_t seed = 0;
  std::array<int, 3> rows{};  // of each split, at most kMaxRows; a split of none has no file
  int subset = 0;             // of the rows for training only so many are written; 0: all

  std::string contact_sheet;  // a PNG of the first pictures with their answers; empty: none

  std::function<void(int64_t done, int64_t total)> progress;  // in pictures; may be left out
};

// Index of row `i` of a subset of `subset` rows: floor(i * rows / subset), so the rows lie evenly
// spread over all, and the first one is always among them. REQUIRES: 0 <= i < subset <= rows.
int SubsetIndex(int i, int subset, int rows);

// Depends on these alone: a larger split begins with the rows of a smaller one.
Captcha DrawSample(const CaptchaSetOptions& options, Split split, int index, const Fonts& fonts);

// After success the folder holds the set; train.jsonl is the last file to come. After failure or
// cancelling it may hold pictures, but never a part of a .jsonl file, and train.jsonl is absent
// unless it alone was asked for and is whole.
// FILE_EXISTS (AlreadyExists) when the folder is not empty. CANCELLED (Cancelled) within one
// picture. Otherwise the errors of FileEnv and LoadFonts.
// REQUIRES: options within their ranges, subset <= rows of train, at least one row in all.
absl::Status WriteCaptchaSet(base::FileEnv& env, const CaptchaSetOptions& options,
                             const base::CancelToken& cancel);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_CAPTCHA_SET_H_
