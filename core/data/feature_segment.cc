#include "core/data/feature_segment.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/data/feature_folder.h"

namespace md2::data {
namespace {

using base::Sha256Digest;
using Bytes = absl::Span<const uint8_t>;

constexpr char kMagic[9] = "md2feat1";
constexpr uint64_t kHeaderBytes = 128;
constexpr uint64_t kSignedBytes = 64;  // of the header, which its digest covers
constexpr uint64_t kDigestBytes = std::tuple_size_v<Sha256Digest>;
constexpr uint64_t kIndexEntryBytes = 2 * kDigestBytes;
constexpr uint64_t kMaxEntries = uint64_t{1} << 31;

static_assert(std::endian::native == std::endian::little);

using Header = std::array<uint8_t, kHeaderBytes>;

// Without the digest.
Header MakeHeader(const FeatureKind& kind, uint64_t num_entries) {
  Header header{};
  std::memcpy(header.data(), kMagic, 8);
  std::memcpy(header.data() + 8, &kind.entry_bytes, 8);
  std::memcpy(header.data() + 16, &num_entries, 8);
  std::copy(kind.space.begin(), kind.space.end(), header.begin() + 32);
  return header;
}

Sha256Digest DigestOf(const Header& header, Bytes index) {
  base::Sha256 sha256;
  sha256.Update(absl::MakeConstSpan(header).first(kSignedBytes));
  sha256.Update(index);
  return sha256.Finish();
}

absl::Status Damaged(absl::string_view expected, const std::string& path) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, base::Reason::kDataInvalid,
                         absl::StrCat("expected ", expected,
                                      " in a file of stored features, found another; it is not "
                                      "used, remove it: ",
                                      path));
}

// Of a file that is what `kind` says.
absl::StatusOr<uint64_t> CheckForm(Bytes file, const FeatureKind& kind, const std::string& path) {
  if (file.size() < kHeaderBytes) return Damaged("a whole header", path);
  uint64_t num_entries = 0;
  std::memcpy(&num_entries, file.data() + 16, 8);
  const Header expected = MakeHeader(kind, num_entries);
  if (!std::equal(expected.begin(), expected.begin() + kSignedBytes, file.begin())) {
    return Damaged("another kind of features", path);
  }
  if (num_entries > std::min(kMaxEntries, file.size()) ||
      file.size() != FeatureSegmentBytes(kind.entry_bytes, num_entries)) {
    return Damaged("the length that the header says", path);
  }
  const Sha256Digest digest =
      DigestOf(expected, file.subspan(kHeaderBytes, num_entries * kIndexEntryBytes));
  if (!std::equal(digest.begin(), digest.end(), file.begin() + kSignedBytes)) {
    return Damaged("an index that fits its checksum", path);
  }
  return num_entries;
}

std::vector<uint8_t> MakeIndex(const FeatureBuffer& buffer, absl::Span<const uint32_t> slots) {
  std::vector<uint8_t> index;
  index.reserve(slots.size() * kIndexEntryBytes);
  for (const uint32_t slot : slots) {
    for (const Sha256Digest& digest : {buffer.ImageOf(slot), base::Sha256Of(*buffer.Entry(slot))}) {
      index.insert(index.end(), digest.begin(), digest.end());
    }
  }
  return index;
}

}  // namespace

uint64_t FeatureSegmentBytes(uint64_t entry_bytes, uint64_t num_entries) {
  return kHeaderBytes + num_entries * (kIndexEntryBytes + FeatureStride(entry_bytes));
}

FeatureSegment::FeatureSegment(std::string path, std::unique_ptr<base::MappedRegion> region,
                               uint64_t entry_bytes, uint64_t num_entries)
    : path_(std::move(path)),
      region_(std::move(region)),
      entry_bytes_(entry_bytes),
      states_(num_entries) {}

absl::StatusOr<std::shared_ptr<const FeatureSegment>> FeatureSegment::Open(
    base::FileEnv& env, const std::string& path, const FeatureKind& kind) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<base::ReadableFile> file, env.OpenForRead(path));
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::MappedRegion> region, file->Map());
  MD2_ASSIGN_OR_RETURN(const uint64_t num_entries, CheckForm(region->bytes(), kind, path));
  return std::shared_ptr<const FeatureSegment>(
      new FeatureSegment(path, std::move(region), kind.entry_bytes, num_entries));
}

absl::Span<const uint8_t> FeatureSegment::IndexEntry(uint32_t slot) const {
  return region_->bytes().subspan(kHeaderBytes + slot * kIndexEntryBytes, kIndexEntryBytes);
}

base::Sha256Digest FeatureSegment::ImageOf(uint32_t slot) const {
  Sha256Digest image;
  std::copy_n(IndexEntry(slot).begin(), kDigestBytes, image.begin());
  return image;
}

absl::optional<absl::Span<const uint8_t>> FeatureSegment::Entry(uint32_t slot) const {
  const uint64_t begin =
      kHeaderBytes + states_.size() * kIndexEntryBytes + slot * FeatureStride(entry_bytes_);
  const Bytes entry = region_->bytes().subspan(begin, entry_bytes_);
  State state = states_[slot].load(std::memory_order_relaxed);
  if (state == State::kUnknown) {
    const Sha256Digest found = base::Sha256Of(entry);
    const Bytes stored = IndexEntry(slot).subspan(kDigestBytes);
    state = std::equal(found.begin(), found.end(), stored.begin()) ? State::kGood : State::kBad;
    states_[slot].store(state, std::memory_order_relaxed);
  }
  if (state == State::kBad) return absl::nullopt;
  return entry;
}

absl::optional<std::string> FeatureSegment::MarkUsed(int64_t use) const {
  if (last_use_.exchange(use, std::memory_order_relaxed) != 0) return absl::nullopt;
  return path_;
}

absl::StatusOr<std::string> WriteFeatureSegment(base::FileEnv& env, const std::string& dir,
                                                const FeatureKind& kind,
                                                const FeatureBuffer& buffer,
                                                absl::Span<const uint32_t> slots) {
  Header header = MakeHeader(kind, slots.size());
  const std::vector<uint8_t> index = MakeIndex(buffer, slots);
  const Sha256Digest digest = DigestOf(header, index);
  std::copy(digest.begin(), digest.end(), header.begin() + kSignedBytes);
  std::string path = absl::StrCat(dir, "/", FeatureSegmentName(kind.space, digest));
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<base::AtomicFile> file,
                       base::AtomicFile::Create(env, path));
  MD2_RETURN_IF_ERROR(file->Append(header));
  MD2_RETURN_IF_ERROR(file->Append(index));
  for (const uint32_t slot : slots) MD2_RETURN_IF_ERROR(file->Append(buffer.Padded(slot)));
  MD2_RETURN_IF_ERROR(file->Commit());
  return path;
}

}  // namespace md2::data
