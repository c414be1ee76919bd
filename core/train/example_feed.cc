#include "core/train/example_feed.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "core/base/error.h"
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
      order_(std::make_shared<Order>(options_)),
      next_(options_.first) {}

absl::StatusOr<std::unique_ptr<ExampleFeed>> ExampleFeed::Start(const model::Moondream& model,
                                                                const RowLoader& loader,
                                                                const base::Clock& clock,
                                                                ExampleFeedOptions options) {
  std::unique_ptr<ExampleFeed> feed(new ExampleFeed(model, loader, clock, std::move(options)));
  MD2_RETURN_IF_ERROR(feed->StartAhead());
  return feed;
}

absl::Status ExampleFeed::StartAhead() {
  const int64_t rows = rows_an_epoch(), first = next_;
  const auto make = [order = order_, &loader = loader_, rows, first](int64_t item) {
    const int64_t at = first + item;
    return loader.Load(order->At(at / rows, at % rows));
  };
  const data::PrefetchOptions prefetch = {options_.num_threads, options_.max_ahead,
                                          options_.cancel};
  MD2_ASSIGN_OR_RETURN(
      ahead_, data::Prefetcher<Example>::Start(rows * options_.epochs - first, prefetch, make));
  return absl::OkStatus();
}

absl::StatusOr<Example> ExampleFeed::Next() {
  if (ahead_ == nullptr) MD2_RETURN_IF_ERROR(StartAhead());
  absl::StatusOr<Example> example = TakeAhead();
  if (example.ok()) ++next_;
  if (base::ReasonOf(example.status()) == base::Reason::kOutOfMemory) ahead_.reset();
  return example;
}

absl::StatusOr<Example> ExampleFeed::TakeAhead() {
  const absl::Duration begin = clock_.MonotonicNow();
  MD2_ASSIGN_OR_RETURN(absl::optional<Example> example, ahead_->Next());
  seconds_.data += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  MD2_RETURN_IF_ERROR(Encode(*example));
  return *std::move(example);
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
  const bool is_stored = loader_.FindFeatures(example.row, example);
  const std::shared_ptr<const image::Crops> crops = std::move(example.crops);
  example.crops = nullptr;
  if (is_stored) return absl::OkStatus();
  MD2_ASSIGN_OR_RETURN(example.features, model_.EncodeImage(*crops));
  store_problem_.Update(loader_.Store(example.row, example.features));
  seconds_.vision += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  return absl::OkStatus();
}

FeedSeconds ExampleFeed::TakeSeconds() { return std::exchange(seconds_, {}); }

absl::Status ExampleFeed::TakeStoreProblem() {
  return std::exchange(store_problem_, absl::OkStatus());
}

}  // namespace md2::train
