#include "core/train/example_feed.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/status_macros.h"

namespace md2::train {

// The row at each place of all epochs. Safe for concurrent use; keeps the order of two epochs.
class ExampleFeed::Order {
 public:
  explicit Order(const ExampleFeedOptions& options)
      : rows_(options.rows), shuffle_(options.shuffle), seed_(options.seed) {}

  uint32_t At(int64_t epoch, int64_t place) ABSL_LOCKS_EXCLUDED(mutex_) {
    return rows_[(*Of(epoch))[place]];
  }

 private:
  using Places = std::shared_ptr<const std::vector<uint32_t>>;

  Places Of(int64_t epoch) ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    Slot& slot = slots_[epoch % 2];
    if (slot.epoch != epoch) {
      slot.epoch = epoch;
      slot.places = std::make_shared<const std::vector<uint32_t>>(
          data::RowOrder(static_cast<int64_t>(rows_.size()), shuffle_, seed_, epoch));
    }
    return slot.places;
  }

  struct Slot {
    int64_t epoch = -1;
    Places places;
  };

  const std::vector<uint32_t> rows_;
  const bool shuffle_;
  const uint64_t seed_;
  base::Mutex mutex_;
  Slot slots_[2] ABSL_GUARDED_BY(mutex_);
};

ExampleFeed::ExampleFeed(const model::Moondream& model, const RowLoader& loader,
                         const base::Clock& clock, ExampleFeedOptions options)
    : model_(model),
      loader_(loader),
      clock_(clock),
      options_(std::move(options)),
      order_(std::make_shared<Order>(options_)) {}

absl::StatusOr<std::unique_ptr<ExampleFeed>> ExampleFeed::Start(const model::Moondream& model,
                                                                const RowLoader& loader,
                                                                const base::Clock& clock,
                                                                ExampleFeedOptions options) {
  std::unique_ptr<ExampleFeed> feed(new ExampleFeed(model, loader, clock, std::move(options)));
  const int64_t rows = feed->rows_an_epoch(), first = feed->options_.first;
  const auto make = [order = feed->order_, &loader, rows, first](int64_t item) {
    const int64_t at = first + item;
    return loader.Load(order->At(at / rows, at % rows));
  };
  const data::PrefetchOptions prefetch = {feed->options_.num_threads, feed->options_.max_ahead,
                                          feed->options_.cancel};
  MD2_ASSIGN_OR_RETURN(feed->ahead_, data::Prefetcher<Example>::Start(
                                         rows * feed->options_.epochs - first, prefetch, make));
  return feed;
}

absl::StatusOr<Example> ExampleFeed::Next() {
  if (!next_.has_value()) {
    const absl::Duration begin = clock_.MonotonicNow();
    MD2_ASSIGN_OR_RETURN(next_, ahead_->Next());
    seconds_.data += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  }
  MD2_RETURN_IF_ERROR(Encode(*next_));
  Example example = *std::move(next_);
  next_.reset();
  return example;
}

absl::StatusOr<Example> ExampleFeed::Again(int64_t epoch, int64_t place) {
  MD2_ASSIGN_OR_RETURN(Example example, loader_.Load(order_->At(epoch, place)));
  MD2_RETURN_IF_ERROR(Encode(example));
  return example;
}

absl::Status ExampleFeed::Encode(Example& example) {
  if (!options_.encodes_images || example.crops == nullptr) return absl::OkStatus();
  const absl::Duration begin = clock_.MonotonicNow();
  // Another row about the same image may have come first.
  if (!loader_.FindFeatures(example.row, example)) {
    MD2_ASSIGN_OR_RETURN(example.features, model_.EncodeImage(*example.crops));
    store_problem_.Update(loader_.Store(example.row, example.features));
    seconds_.vision += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  }
  example.crops = nullptr;
  return absl::OkStatus();
}

FeedSeconds ExampleFeed::TakeSeconds() { return std::exchange(seconds_, {}); }

absl::Status ExampleFeed::TakeStoreProblem() {
  return std::exchange(store_problem_, absl::OkStatus());
}

}  // namespace md2::train
