#include "core/data/feature_store.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::data {
namespace {

using base::MutexLock;
using base::Sha256Digest;

// Segments of a full folder at least, so that making room takes a small part of it away.
constexpr uint64_t kFewestSegments = 8;

uint64_t EntriesOfABuffer(const FeatureStoreOptions& options) {
  const uint64_t segment_bytes =
      std::min(options.segment_bytes, options.max_bytes / kFewestSegments);
  return std::max<uint64_t>(1, segment_bytes / FeatureStride(options.entry_bytes));
}

}  // namespace

FeatureStore::FeatureStore(base::FileEnv& env, const FeatureStoreOptions& options)
    : env_(env),
      kind_{options.space, options.entry_bytes},
      folder_(env, options.dir, options.max_bytes),
      keeps_what_it_used_(options.keeps_what_it_used),
      buffer_entries_(EntriesOfABuffer(options)) {}

absl::StatusOr<std::unique_ptr<FeatureStore>> FeatureStore::Open(
    base::FileEnv& env, const FeatureStoreOptions& options) {
  MD2_RETURN_IF_ERROR(env.CreateDirectories(options.dir));
  auto store = absl::WrapUnique(new FeatureStore(env, options));
  MD2_RETURN_IF_ERROR(store->OpenSegments());
  return store;
}

FeatureStore::~FeatureStore() { Flush().IgnoreError(); }

absl::optional<FeatureView> FeatureStore::Find(const Sha256Digest& image) {
  Place place;
  std::shared_ptr<const FeatureHolder> holder;
  {
    MutexLock lock(mutex_);
    const auto found = places_.find(image);
    if (found == places_.end()) {
      ++stats_.num_missed;
      return absl::nullopt;
    }
    place = found->second;
    holder = place.holder->shared_from_this();
  }
  const absl::optional<absl::Span<const uint8_t>> bytes = holder->Entry(place.slot);
  if (bytes.has_value()) TellFirstUse(*holder);
  MutexLock lock(mutex_);
  if (bytes.has_value()) {
    ++stats_.num_found;
    return FeatureView{*bytes, std::move(holder)};
  }
  ++stats_.num_missed;
  const auto found = places_.find(image);
  if (found != places_.end() && found->second.holder == place.holder) {
    places_.erase(found);
    ++stats_.num_damaged_entries;
  }
  return absl::nullopt;
}

void FeatureStore::TellFirstUse(const FeatureHolder& holder) {
  const absl::optional<std::string> path = holder.MarkUsed(++num_uses_);
  // In a folder that is only to be read the order of uses is lost, and nothing else.
  if (path.has_value()) env_.Touch(*path).IgnoreError();
}

absl::Status FeatureStore::Put(const Sha256Digest& image, absl::Span<const uint8_t> bytes) {
  if (bytes.size() != kind_.entry_bytes) {
    return base::MakeError(
        absl::StatusCode::kInternal, base::Reason::kInternal,
        absl::StrCat("expected features of ", kind_.entry_bytes, " bytes, found ", bytes.size()));
  }
  bool is_full = false;
  {
    MutexLock lock(mutex_);
    absl::StatusOr<bool> appended = AppendToBuffer(image, bytes);
    if (!appended.ok()) {
      stats_.takes_entries = false;
      changed_.SignalAll();
    }
    MD2_ASSIGN_OR_RETURN(is_full, std::move(appended));
  }
  return is_full ? Flush() : absl::OkStatus();
}

absl::StatusOr<bool> FeatureStore::AppendToBuffer(const Sha256Digest& image,
                                                  absl::Span<const uint8_t> bytes) {
  while (stats_.takes_entries && buffer_ != nullptr && buffer_->is_full()) changed_.Wait(mutex_);
  if (!stats_.takes_entries || places_.contains(image)) return false;
  if (buffer_ == nullptr) {
    MD2_ASSIGN_OR_RETURN(buffer_, FeatureBuffer::Create(kind_.entry_bytes, buffer_entries_));
  }
  places_[image] = {buffer_.get(), buffer_->Append(image, bytes)};
  return buffer_->is_full();
}

absl::Status FeatureStore::Flush() {
  std::shared_ptr<const FeatureBuffer> buffer;
  {
    MutexLock lock(mutex_);
    while (is_writing_) changed_.Wait(mutex_);
    if (!stats_.takes_entries || buffer_ == nullptr) return absl::OkStatus();
    buffer = std::move(buffer_);
    buffer_ = nullptr;
    taken_ = buffer;
    is_writing_ = true;
    changed_.SignalAll();
  }
  absl::Status written = Write(*buffer);
  MutexLock lock(mutex_);
  is_writing_ = false;
  stats_.takes_entries = written.ok();
  if (written.ok()) taken_ = nullptr;
  changed_.SignalAll();
  return written;
}

absl::Status FeatureStore::Write(const FeatureBuffer& buffer) {
  // Another process may have written the same entries meanwhile.
  MD2_RETURN_IF_ERROR(OpenSegments());
  const std::vector<uint32_t> slots = OnlyIn(buffer);
  if (slots.empty()) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(MakeRoom(FeatureSegmentBytes(kind_.entry_bytes, slots.size())));
  MD2_ASSIGN_OR_RETURN(const std::string path,
                       WriteFeatureSegment(env_, folder_.dir(), kind_, buffer, slots));
  MD2_ASSIGN_OR_RETURN(std::shared_ptr<const FeatureSegment> segment,
                       FeatureSegment::Open(env_, path, kind_));
  segment->MarkUsed(++num_uses_);
  AddSegment(std::move(segment));
  return absl::OkStatus();
}

absl::Status FeatureStore::MakeRoom(uint64_t more_bytes) {
  const std::set<std::string> used = TellUses();
  MD2_ASSIGN_OR_RETURN(
      const std::vector<std::string> removed,
      folder_.MakeRoom(more_bytes, keeps_what_it_used_ ? used : std::set<std::string>()));
  for (const std::string& path : removed) ForgetSegment(path);
  MutexLock lock(mutex_);
  stats_.num_removed_files += static_cast<int64_t>(removed.size());
  return absl::OkStatus();
}

absl::Status FeatureStore::OpenSegments() {
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> paths, folder_.PathsOf(kind_.space));
  for (const std::string& path : paths) {
    {
      MutexLock lock(mutex_);
      if (segments_.count(path) > 0 || damaged_files_.count(path) > 0) continue;
    }
    absl::StatusOr<std::shared_ptr<const FeatureSegment>> segment =
        FeatureSegment::Open(env_, path, kind_);
    if (segment.ok()) {
      AddSegment(*std::move(segment));
    } else if (base::ReasonOf(segment.status()) != base::Reason::kFileNotFound) {
      MutexLock lock(mutex_);
      damaged_files_.insert(path);
    }
  }
  return absl::OkStatus();
}

void FeatureStore::AddSegment(std::shared_ptr<const FeatureSegment> segment) {
  MutexLock lock(mutex_);
  for (uint32_t slot = 0; slot < segment->size(); ++slot) {
    const Place place{segment.get(), slot};
    const auto [entry, is_new] = places_.try_emplace(segment->ImageOf(slot), place);
    const FeatureHolder* const holder = entry->second.holder;
    if (holder == buffer_.get() || holder == taken_.get()) entry->second = place;
  }
  // Taken before the move, which the order of evaluation would not promise.
  const std::string path = segment->path();
  segments_[path] = std::move(segment);
  damaged_files_.erase(path);
}

void FeatureStore::ForgetSegment(const std::string& path) {
  MutexLock lock(mutex_);
  damaged_files_.erase(path);
  const auto found = segments_.find(path);
  if (found == segments_.end()) return;
  const FeatureSegment& segment = *found->second;
  for (uint32_t slot = 0; slot < segment.size(); ++slot) {
    const auto entry = places_.find(segment.ImageOf(slot));
    if (entry != places_.end() && entry->second.holder == &segment) places_.erase(entry);
  }
  segments_.erase(found);
}

std::vector<uint32_t> FeatureStore::OnlyIn(const FeatureBuffer& buffer) const {
  MutexLock lock(mutex_);
  std::vector<uint32_t> slots;
  for (uint32_t slot = 0; slot < buffer.size(); ++slot) {
    const auto found = places_.find(buffer.ImageOf(slot));
    if (found != places_.end() && found->second.holder == &buffer) slots.push_back(slot);
  }
  return slots;
}

std::set<std::string> FeatureStore::TellUses() {
  std::map<int64_t, std::string> untold;  // by use
  std::set<std::string> used;
  {
    MutexLock lock(mutex_);
    for (const auto& [path, segment] : segments_) {
      const int64_t use = segment->last_use();
      if (use > 0) used.insert(path);
      if (use > last_told_use_) untold.emplace(use, path);
    }
    if (!untold.empty()) last_told_use_ = untold.rbegin()->first;
  }
  // As in TellFirstUse; a file may be gone, too.
  for (const auto& [use, path] : untold) env_.Touch(path).IgnoreError();
  return used;
}

FeatureStoreStats FeatureStore::stats() const {
  MutexLock lock(mutex_);
  FeatureStoreStats stats = stats_;
  stats.num_entries = static_cast<int64_t>(places_.size());
  stats.num_damaged_files = static_cast<int64_t>(damaged_files_.size());
  return stats;
}

}  // namespace md2::data
