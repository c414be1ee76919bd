// Defines Repeats, which finds images and questions that come more than once.

#ifndef MD2_CORE_DATA_REPEATS_H_
#define MD2_CORE_DATA_REPEATS_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "core/base/sha256.h"
#include "core/data/check_report.h"
#include "core/data/row.h"

namespace md2::data {

struct Repeat {
  std::string field;
  std::string message;
};

// Takes the usable rows of the training data and then those of the validation data, in order.
// Images are told apart by their bytes, questions and answers by 64 bits of their digest. One
// thread at a time.
class Repeats {
 public:
  // What the row repeats, if it does; rows count from 0.
  absl::optional<Repeat> Add(DataPart part, int64_t row, const base::Sha256Digest& image,
                             const Row& texts);

  // Of different bytes.
  int64_t num_images() const { return static_cast<int64_t>(images_.size()); }

 private:
  struct FirstImage {
    DataPart part = DataPart::kTrain;
    int64_t row = 0;
    uint64_t path = 0;
  };
  struct FirstQuestion {
    int64_t row = 0;
    uint64_t answer = 0;
  };

  absl::optional<Repeat> AddQuestion(DataPart part, int64_t row, const base::Sha256Digest& image,
                                     const Row& texts);

  absl::flat_hash_map<base::Sha256Digest, FirstImage> images_;
  absl::flat_hash_map<uint64_t, FirstQuestion> questions_;  // by part, image and question
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_REPEATS_H_
