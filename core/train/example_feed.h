// Defines ExampleFeed, the training rows in the order in which they are trained.

#ifndef MD2_CORE_TRAIN_EXAMPLE_FEED_H_
#define MD2_CORE_TRAIN_EXAMPLE_FEED_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/data/order.h"
#include "core/data/prefetch.h"
#include "core/model/moondream.h"
#include "core/train/example.h"
#include "core/train/row_loader.h"

namespace md2::train {

struct ExampleFeedOptions {
  std::vector<uint32_t> rows;  // of the data set, that are trained
  bool shuffle = true;
  uint64_t seed = 0;
  int64_t epochs = 1;
  int64_t first = 0;           // how many rows, over all epochs, were trained before
  bool encodes_images = true;  // false where vision is trained: examples keep their crops
  int num_threads = 2;         // that load ahead
  int64_t max_ahead = 32;      // rows
  base::CancelToken cancel;
};

struct FeedSeconds {
  double data = 0;    // waited for rows
  double vision = 0;  // encoded images that no store had
};

// Loads ahead on threads of its own; images that are not stored are encoded by the caller's thread,
// and stored. What it is given must outlive it. One thread at a time.
class ExampleFeed {
 public:
  // OUT_OF_MEMORY when no thread can be started.
  static absl::StatusOr<std::unique_ptr<ExampleFeed>> Start(const model::Moondream& model,
                                                            const RowLoader& loader,
                                                            const base::Clock& clock,
                                                            ExampleFeedOptions options);

  // The next rows; what lacks features is encoded together. The errors of RowLoader::Load and
  // Moondream::EncodeImages, CANCELLED; those rows are the next ones still, and after OUT_OF_MEMORY
  // nothing is kept ahead. REQUIRES: so many are not taken.
  absl::StatusOr<std::vector<Example>> Next(int64_t count);

  // A row that was taken before: position `place` of `epoch`'s order, from 0.
  absl::StatusOr<Example> Again(int64_t epoch, int64_t place);

  // For messages.
  std::string NameOf(int64_t row) const { return loader_.dataset().NameOf(row); }

  // What was spent since the last call.
  FeedSeconds TakeSeconds();

  // The first time that features could not be stored, why; then OK again.
  absl::Status TakeStoreProblem();

  int64_t rows_an_epoch() const { return static_cast<int64_t>(options_.rows.size()); }

 private:
  class Order;

  ExampleFeed(const model::Moondream& model, const RowLoader& loader, const base::Clock& clock,
              ExampleFeedOptions options);

  absl::Status StartAhead();
  absl::StatusOr<std::vector<Example>> TakeAhead(int64_t count);
  absl::Status Encode(absl::Span<Example> examples);
  std::vector<Example*> WithoutFeatures(absl::Span<Example> examples) const;

  const model::Moondream& model_;
  const RowLoader& loader_;
  const base::Clock& clock_;
  const ExampleFeedOptions options_;
  std::shared_ptr<Order> order_;
  int64_t next_;                                      // row, over all epochs
  std::unique_ptr<data::Prefetcher<Example>> ahead_;  // null after memory ran out
  std::vector<Example> loaded_;                       // and not taken yet, from next_ on
  FeedSeconds seconds_;
  absl::Status store_problem_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EXAMPLE_FEED_H_
