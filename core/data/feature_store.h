// Defines FeatureStore, what the vision tower made of images, kept on the disk:
//   FeatureStoreOptions, FeatureStoreStats
//   FeatureStore

#ifndef MD2_CORE_DATA_FEATURE_STORE_H_
#define MD2_CORE_DATA_FEATURE_STORE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/base/mutex.h"
#include "core/base/sha256.h"
#include "core/data/feature_folder.h"
#include "core/data/feature_holder.h"
#include "core/data/feature_segment.h"
#include "core/data/feature_view.h"

namespace md2::data {

struct FeatureStoreOptions {
  std::string dir;  // made when missing; any number of processes and spaces may share it
  // Digest of all that features depend on besides the image: vision weights, tiles, precision. What
  // was stored under another one is not seen.
  base::Sha256Digest space{};
  uint64_t entry_bytes = 0;  // of one image's features, positive; belongs to the space
  // Of all files in the folder. Each further process that writes may be above it by a segment,
  // until it writes again.
  uint64_t max_bytes = 0;

  // What makes room for new entries when max_bytes are full. False: whatever was not used for the
  // longest time, this store's own entries too. True: only what this store did not use; when that
  // is gone, it takes no more entries. For a training job, which reads all entries in turn: with
  // the first rule, of a set that does not fit no entry would still be there when its turn comes.
  bool keeps_what_it_used = false;

  // Written at a time, less when max_bytes is small. That many are held in memory until then, and
  // lost when the process is killed.
  uint64_t segment_bytes = uint64_t{64} << 20;
};

struct FeatureStoreStats {
  int64_t num_entries = 0;  // that Find would find now, damaged ones included that nobody asked for
  int64_t num_found = 0;    // by Find
  int64_t num_missed = 0;
  int64_t num_damaged_entries = 0;  // that differed from their checksum; counted once each
  int64_t num_damaged_files = 0;    // that were not opened for it
  int64_t num_removed_files = 0;    // to make room
  bool takes_entries = true;
};

// Features [P, D] as plain bytes, one entry for each image, under the SHA-256 of the bytes of the
// image's file. Entries lie in segment files (core/data/feature_segment.h) that are complete or
// absent and never change: many entries share one sync, opening reads an index only, two writers
// cannot disturb each other, and a file may be removed while it is read. Reading is a look into
// mapped memory; an entry is compared with its checksum when it is first read here, and one that
// differs is absent.
//
// `env` must outlive it. Safe for concurrent use; Put and Flush by several threads wait for each
// other only where one has to write a segment.
class FeatureStore {
 public:
  // Sees what is in the folder now; Put looks again whenever it writes a segment. The errors of
  // FileEnv::CreateDirectories and ListDirectory; files that cannot be read are left out.
  // REQUIRES: entry_bytes and segment_bytes are positive.
  static absl::StatusOr<std::unique_ptr<FeatureStore>> Open(base::FileEnv& env,
                                                            const FeatureStoreOptions& options);

  // Writes what is left, as Flush does; nobody hears of a failure.
  ~FeatureStore();
  FeatureStore(const FeatureStore&) = delete;
  FeatureStore& operator=(const FeatureStore&) = delete;

  // The entry, or nothing. Reads mapped pages that may not be in memory yet; does not wait for
  // writers.
  absl::optional<FeatureView> Find(const base::Sha256Digest& image) ABSL_LOCKS_EXCLUDED(mutex_);

  // Stores an entry; one that is there stays as it is. Blocks on the disk when it completes a
  // segment.
  //
  // A store is an aid and never a reason to fail: the first time that it cannot write, for a full
  // disk, a full folder, or lack of memory, this returns why (STORAGE_FULL, OUT_OF_MEMORY or the
  // errors of FileEnv), to be told as a warning. From then on the store takes no entries and all
  // calls return OK; what it has stays to be found. INTERNAL when bytes are not entry_bytes.
  absl::Status Put(const base::Sha256Digest& image, absl::Span<const uint8_t> bytes)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // After success everything that was put survives a crash, and other stores that are opened see
  // it; unless an earlier call failed. Errors as Put.
  absl::Status Flush() ABSL_LOCKS_EXCLUDED(mutex_);

  FeatureStoreStats stats() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Place {
    const FeatureHolder* holder = nullptr;
    uint32_t slot = 0;
  };

  FeatureStore(base::FileEnv& env, const FeatureStoreOptions& options);

  // The next slot of the buffer. Waits while the buffer is full and about to be written; nothing
  // when the image is there or the store takes no more. Whether the buffer is full then.
  absl::StatusOr<bool> AppendToBuffer(const base::Sha256Digest& image,
                                      absl::Span<const uint8_t> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // What Flush does with the buffer that it took, without the lock.
  absl::Status Write(const FeatureBuffer& buffer) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status MakeRoom(uint64_t more_bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // Opens the files of the space that are not open yet.
  absl::Status OpenSegments() ABSL_LOCKS_EXCLUDED(mutex_);
  // Its entries are found in it from now on, unless another segment has them.
  void AddSegment(std::shared_ptr<const FeatureSegment> segment) ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetSegment(const std::string& path) ABSL_LOCKS_EXCLUDED(mutex_);
  // Slots of entries that no segment has.
  std::vector<uint32_t> OnlyIn(const FeatureBuffer& buffer) const ABSL_LOCKS_EXCLUDED(mutex_);
  void TellFirstUse(const FeatureHolder& holder);
  // Tells the folder in which order segments were used since the last time; those that are kept.
  std::set<std::string> TellUses() ABSL_LOCKS_EXCLUDED(mutex_);

  base::FileEnv& env_;
  const FeatureKind kind_;
  const FeatureFolder folder_;
  const bool keeps_what_it_used_;
  const uint64_t buffer_entries_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;  // signalled when the buffer was taken, or a segment written or not
  absl::flat_hash_map<base::Sha256Digest, Place> places_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<const FeatureSegment>> segments_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> damaged_files_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<FeatureBuffer> buffer_ ABSL_GUARDED_BY(mutex_);  // being filled; may be null
  // Being written, or not to be written because that failed; may be null.
  std::shared_ptr<const FeatureBuffer> taken_ ABSL_GUARDED_BY(mutex_);
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  FeatureStoreStats stats_ ABSL_GUARDED_BY(mutex_);  // but for num_entries
  int64_t last_told_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<int64_t> num_uses_{0};
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_FEATURE_STORE_H_
