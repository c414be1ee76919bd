#include "core/train/example_feed.h"

#include <iterator>
#include <map>
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

absl::StatusOr<std::vector<Example>> ExampleFeed::Next(int64_t count) {
  if (ahead_ == nullptr) MD2_RETURN_IF_ERROR(StartAhead());
  absl::StatusOr<std::vector<Example>> examples = TakeAhead(count);
  if (examples.ok()) next_ += count;
  if (base::ReasonOf(examples.status()) == base::Reason::kOutOfMemory) {
    ahead_.reset();
    loaded_.clear();
  }
  return examples;
}

absl::StatusOr<std::vector<Example>> ExampleFeed::TakeAhead(int64_t count) {
  const absl::Duration begin = clock_.MonotonicNow();
  while (static_cast<int64_t>(loaded_.size()) < count) {
    MD2_ASSIGN_OR_RETURN(absl::optional<Example> example, ahead_->Next());
    loaded_.push_back(*std::move(example));
  }
  seconds_.data += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  MD2_RETURN_IF_ERROR(Encode(absl::MakeSpan(loaded_).first(count)));
  const auto end = loaded_.begin() + count;
  std::vector<Example> taken(std::make_move_iterator(loaded_.begin()),
                             std::make_move_iterator(end));
  loaded_.erase(loaded_.begin(), end);
  return taken;
}

absl::StatusOr<Example> ExampleFeed::Again(int64_t epoch, int64_t place) {
  MD2_ASSIGN_OR_RETURN(Example example, loader_.Load(order_->At(epoch, place)));
  MD2_RETURN_IF_ERROR(Encode(absl::MakeSpan(&example, 1)));
  return example;
}

// Those whose image is to be encoded. Another row about it may have come first.
std::vector<Example*> ExampleFeed::WithoutFeatures(absl::Span<Example> examples) const {
  std::vector<Example*> found;
  for (Example& example : examples) {
    if (example.crops == nullptr) continue;
    if (loader_.FindFeatures(example.row, example)) {
      example.crops = nullptr;
    } else {
      found.push_back(&example);
    }
  }
  return found;
}

absl::Status ExampleFeed::Encode(absl::Span<Example> examples) {
  if (!options_.encodes_images) return absl::OkStatus();
  const std::vector<Example*> lacking = WithoutFeatures(examples);
  if (lacking.empty()) return absl::OkStatus();
  const absl::Duration begin = clock_.MonotonicNow();
  // Each image once, whichever rows ask about it.
  std::map<base::Sha256Digest, size_t> places;
  std::vector<const image::Crops*> images;
  for (const Example* example : lacking) {
    const bool is_new = places.emplace(loader_.ImageOf(example->row), images.size()).second;
    if (is_new) images.push_back(example->crops.get());
  }
  MD2_ASSIGN_OR_RETURN(const std::vector<at::Tensor> features, model_.EncodeImages(images));
  std::vector<bool> is_stored(images.size());
  for (Example* example : lacking) {
    const size_t place = places[loader_.ImageOf(example->row)];
    example->features = features[place];
    example->crops = nullptr;
    if (is_stored[place]) continue;
    store_problem_.Update(loader_.Store(example->row, features[place]));
    is_stored[place] = true;
  }
  seconds_.vision += absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  return absl::OkStatus();
}

FeedSeconds ExampleFeed::TakeSeconds() { return std::exchange(seconds_, {}); }

absl::Status ExampleFeed::TakeStoreProblem() {
  return std::exchange(store_problem_, absl::OkStatus());
}

}  // namespace md2::train
